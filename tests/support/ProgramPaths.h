#pragma once
#include <cstdlib>
#include <string>

namespace tsunagi::test {

// Where this build put what the tests start (TSUNAGI_BIN_DIR and TSUNAGI_PLUGIN_DIR come from the build). With
// TSUNAGI_TEST_BUILD in the environment the programs and plugins of another build folder are tested instead: how
// ./dev check runs the service tests against sanitized programs.
inline std::string otherBuild() {
  const char* folder = std::getenv("TSUNAGI_TEST_BUILD");
  return folder == nullptr ? "" : folder;
}
inline std::string programPath(const std::string& name) {
  return (otherBuild().empty() ? std::string(TSUNAGI_BIN_DIR) : otherBuild() + "/bin") + "/" + name;
}
inline std::string pluginFolder() {
  return otherBuild().empty() ? std::string(TSUNAGI_PLUGIN_DIR) : otherBuild() + "/plugins-out";
}

}  // namespace tsunagi::test
