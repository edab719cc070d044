// tsunagi-bridge --check: what it says of a configuration, and that the sample file is one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class BridgeCheckTest : public testing::Test {
 protected:
  ProcessResult check(const std::string& name, const std::string& text) {
    return runProcess(programPath("tsunagi-bridge"), {.arguments = {"--config", folder.write(name, text, 0600),
                                                                    "--check", "--plugin-dir", pluginFolder()}});
  }
  static std::string sample() {
    std::ifstream file(std::string(TSUNAGI_TEST_DATA_DIR) + "/../../etc/bridge.ini");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  TempFolder folder;
};

TEST_F(BridgeCheckTest, TheSampleAsItIsIsFineAndSaysWhatIsUnset) {
  const ProcessResult result = check("bridge.ini", sample());
  EXPECT_EQ(result.status.code, 0) << result.error;
  EXPECT_THAT(result.output, AllOf(HasSubstr("unset [relay] url (or [direct] listen)"),
                                   HasSubstr("unset [line] channel_secret"), HasSubstr("unset [bridge] responder")));
}

TEST_F(BridgeCheckTest, EveryKeyOfTheSampleIsOneTheProgramKnows) {
  std::istringstream lines(sample());
  std::string text;
  size_t keys = 0;
  const std::regex commented(R"(#(\[[a-z.]+\]|[a-z_]+ =.*))");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    const bool key = std::regex_match(line, match, commented);
    keys += key;
    text += (key ? match[1].str() : line) + "\n";
  }
  EXPECT_GT(keys, 20u);
  const ProcessResult result = check("all.ini", text);
  EXPECT_EQ(result.status.code, 0) << result.error;
  EXPECT_THAT(result.output, HasSubstr("ok    [responder.home] "));
}

TEST_F(BridgeCheckTest, AWrongKeyIsNamedWithItsLine) {
  const ProcessResult result = check("bridge.ini", "[relay]\nulr = wss://relay.example.com/gmk\n");
  EXPECT_EQ(result.status.code, 78);
  EXPECT_THAT(result.error, AllOf(HasSubstr("bridge.ini:2: "), HasSubstr("ulr"), HasSubstr("did you mean url?")));
}

TEST_F(BridgeCheckTest, TheOneFileJsonIsCheckedByItsMembers) {
  const std::string secret = "s3cr3t-of-the-channel";
  const ProcessResult result =
      check("unit.json", R"({"relay_url":"wss://relay.example.com/gmk/{token}/ws","relay_token":"abc123",)"
                         R"("channel_secret":")" +
                             secret + R"(","openclaw_url":"http://127.0.0.1:18789/"})");
  EXPECT_EQ(result.status.code, 0) << result.error;
  EXPECT_THAT(result.output, AllOf(HasSubstr("unit.json: relay_url)"), HasSubstr("unset [line] channel_access_token")));
  EXPECT_THAT(result.output + result.error, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace tsunagi::test
