// bridge.ini follows the file: a good edit works without restart, a bad one keeps the good one running and says why.
#include <gtest/gtest.h>

#include "Talk.h"
#include "tests/support/ScriptedBackend.h"

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
  ScriptedBackend gateway;
  gateway.on("POST /v1/chat/completions", {ScriptedBackend::events(ScriptedBackend::completion("by the agent"))});
  Talk chain;
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
                            {"gateway_token", "g4teway"},
                            {"openclaw_url", gateway.url() + "/v1/chat/completions"}};
  chain.startBridgeWith(chain.folder.write("unit.json", unit.dump()));
  chain.awaitAnswer(chain.send("alice", "hello"));
  EXPECT_TRUE(gateway.asked().empty()) << "the gateway's own agent is for owners";
  chain.know("alice", Talk::Role::owner);
  EXPECT_EQ(chain.ask("alice", "hello again"), "by the agent");
  EXPECT_EQ(gateway.asked().at(0).headers.at("authorization"), "Bearer g4teway");
}

}  // namespace
}  // namespace tsunagi::test
