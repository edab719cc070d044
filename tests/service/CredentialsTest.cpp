// By which credentials the bridge speaks to LINE.
#include <gtest/gtest.h>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  void start() {
    chain.startLinesim();
    chain.ini["line"] = {{"channel_secret_file", chain.folder.file("linesim/channel-secret")},
                         {"channel_id", "2000000000"},
                         {"api_base", chain.lineApi()},
                         {"data_base", chain.lineApi()}};
    chain.startRelay();
    chain.addUnit();
    chain.startBridge();
    chain.waitForLink();
  }
  int64_t issued() { return chain.summary().at("statelessTokens").get<int64_t>(); }
  Chain chain;
};

TEST_F(CredentialsTest, AChannelsIdAndSecretAreEnough) {
  start();
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
  EXPECT_EQ(chain.ask("bob", "hello"), "hello");
  EXPECT_EQ(issued(), 1) << "one token serves everybody";
}

TEST_F(CredentialsTest, AWithdrawnTokenIsRenewedAndNothingIsLost) {
  start();
  EXPECT_EQ(chain.ask("alice", "before"), "before");
  chain.control("POST", "/control/account", {{"withdrawStateless", true}});
  EXPECT_EQ(chain.ask("alice", "after"), "after");
  EXPECT_EQ(issued(), 2);
}

TEST_F(CredentialsTest, SettingsThatStayTheSameKeepTheToken) {
  start();
  EXPECT_EQ(chain.ask("alice", "before"), "before");
  chain.bridge().signal(SIGHUP);
  chain.bridge().waitForLine("reloaded");
  EXPECT_EQ(chain.ask("alice", "after"), "after");
  EXPECT_EQ(issued(), 1);
}

}  // namespace
}  // namespace tsunagi::test
