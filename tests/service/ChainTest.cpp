// A text typed in the simulator comes back as the echo, on every way there is.
#include <gtest/gtest.h>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

TEST(ChainTest, OverTheRelay) {
  Chain chain;
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
  EXPECT_EQ(chain.ask("alice", "つなぎ 🧩 \\ \"\n two lines"), "つなぎ 🧩 \\ \"\n two lines");
  EXPECT_EQ(chain.ask("bob", "and me"), "and me");
}

TEST(ChainTest, OverTls) {
  Chain chain({.tls = true});
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

TEST(ChainTest, DirectlyWithoutARelay) {
  Chain chain;
  chain.startLinesim();
  chain.ini["direct"]["listen"] = "127.0.0.1:0";
  chain.startBridge();
  chain.control("POST", "/control/webhook-url",
                {{"url", "http://" + chain.bridgeEndpoint("direct") + "/api/linebot/webhook"}});
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

TEST(ChainTest, TheBridgeStartsAfterTheWebhookWasAccepted) {
  Chain chain;
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  const std::string event = chain.send("alice", "early");
  chain.awaitAccepted(event);
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(event), "early");
}

TEST(ChainTest, CredentialsAreAddedAfterTheEventArrived) {
  Chain chain;
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  chain.ini["line"]["api_base"] = chain.lineApi();  // no secret, no token
  chain.startBridge();
  chain.waitForLink();
  const std::string event = chain.send("alice", "waiting");
  chain.awaitAccepted(event);
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("intake").at("held") == 1; }));
  EXPECT_EQ(chain.unitCounters().at("pending"), 1);
  chain.ini.erase("line");
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.awaitAnswer(event), "waiting");
  EXPECT_TRUE(eventually([&] { return chain.unitCounters().at("pending") == 0; }));
}

TEST(ChainTest, TheRelayStartsAfterTheBridge) {
  Chain chain;
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  chain.stopRelay();
  chain.startBridge();
  chain.bridge().waitForLine("link");
  chain.startRelay();
  chain.waitForLink();
  EXPECT_EQ(chain.ask("alice", "hello"), "hello");
}

}  // namespace
}  // namespace tsunagi::test
