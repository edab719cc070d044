#pragma once
#include <string>

namespace tsunagi::test {

// Where this build put what the tests start. TSUNAGI_BIN_DIR and TSUNAGI_PLUGIN_DIR come from the build.
inline std::string programPath(const std::string& name) { return std::string(TSUNAGI_BIN_DIR) + "/" + name; }
inline std::string pluginFolder() { return TSUNAGI_PLUGIN_DIR; }

}  // namespace tsunagi::test
