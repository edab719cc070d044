// bridge.ini follows the file: a good edit works without restart, a bad one keeps the good one running and says why.
#include <gtest/gtest.h>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

TEST(ReloadTest, AnotherResponderSettingWorksWithoutRestart) {
  Chain chain;
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "a"), "a");
  chain.ini["responder.echo"]["prefix"] = "you said:";
  chain.rewriteBridgeIni();
  EXPECT_TRUE(eventually([&] { return chain.ask("alice", "b") == "you said:b"; }));
}

TEST(ReloadTest, ABadEditKeepsTheGoodOneAndNamesTheLine) {
  Chain chain;
  chain.startAll();
  const std::string good = chain.folder.read("bridge.ini");
  chain.folder.write("bridge.ini", good + "[reply]\ntoken_life = soon\n");
  chain.bridge().signal(SIGHUP);
  const std::string told = chain.bridge().waitForLine("bridge.ini:");
  EXPECT_NE(told.find("error"), std::string::npos) << told;
  EXPECT_EQ(chain.ask("alice", "still here"), "still here");
  chain.folder.write("bridge.ini", good + "# better\n");
  chain.bridge().signal(SIGHUP);
  EXPECT_EQ(chain.ask("alice", "and still"), "and still");
}

TEST(ReloadTest, TheRelayCanBeChangedWithoutRestart) {
  Chain chain;
  chain.startAll();
  const std::string first = chain.unit();
  chain.addUnit();
  ASSERT_NE(chain.unit(), first);
  chain.ini.erase("relay");
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.ask("alice", "over the new unit"), "over the new unit");
}

TEST(ReloadTest, ASignalWithNothingChangedLeavesTheLinkAlone) {
  Chain::Options options;
  options.tls = true;
  Chain chain(options);
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "before"), "before");
  chain.bridge().signal(SIGHUP);
  chain.bridge().waitForLine("reloaded");
  EXPECT_EQ(chain.ask("alice", "after"), "after");
  EXPECT_EQ(chain.bridgeStatus().at("link").at("reconnects"), 0);
}

TEST(ReloadTest, TheOriginalsOneFileJsonIsTakenAsItIs) {
  Chain chain;
  chain.startLinesim();
  chain.startRelay();
  chain.addUnit();
  auto line = [&](const char* name) {
    std::string text = chain.folder.read(name);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  };
  const nlohmann::json unit{{"relay_url", chain.linkUrl() + "/" + chain.unit() + "/ws"},
                            {"relay_token", line("unit.token")},
                            {"channel_secret", line("linesim/channel-secret")},
                            {"channel_access_token", line("linesim/access-token")},
                            {"api_base", chain.lineApi()},
                            {"openclaw_url", "http://127.0.0.1:18789/v1/chat/completions"}};
  chain.startBridgeWith(chain.folder.write("unit.json", unit.dump()));
  // openclaw is not installed: a state like the others, so the link stands and the event waits on the relay.
  chain.bridge().waitForLine("no plugin \"openclaw\"");
  const std::string event = chain.send("alice", "hello");
  chain.awaitAccepted(event);
  ASSERT_TRUE(
      eventually([&] { return chain.relayMetrics().find("tsunagi_relay_units_connected 1") != std::string::npos; }));
  EXPECT_EQ(chain.unitCounters().at("pending"), 1);
  EXPECT_TRUE(chain.bridge().running());
}

}  // namespace
}  // namespace tsunagi::test
