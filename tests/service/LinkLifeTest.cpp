// Who serves a unit, and what happens when the relay or the bridge goes: nothing is refused, lost or delayed for long.
#include <gtest/gtest.h>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

TEST(LinkLifeTest, TwoBridgesWithOneTokenTheNewestServes) {
  Chain chain;
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "to the first"), "to the first");
  auto older = chain.takeBridge();
  chain.ini["bridge"]["data_dir"] = chain.folder.file("bridge2");
  chain.startBridge();
  chain.waitForLink();
  const std::string told = older->waitForLine("4409");
  EXPECT_NE(told.find("another"), std::string::npos) << told;
  EXPECT_EQ(chain.ask("alice", "to the second"), "to the second");
  // The simulator has the reply a moment before the bridge has noted that.
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("sent") == 1; }));
  EXPECT_TRUE(older->running());
  EXPECT_EQ(older->stop().code, 0);
}

TEST(LinkLifeTest, AnswersGoOnWhileTheRelayIsDrainedAndReplaced) {
  Chain chain;
  chain.startAll();
  std::vector<std::string> events;
  for (int i = 0; i < 10; ++i) events.push_back(chain.send("user" + std::to_string(i % 3), std::to_string(i)));
  chain.stopRelay();
  chain.startRelay();
  for (int i = 0; i < 10; ++i) events.push_back(chain.send("user" + std::to_string(i % 3), std::to_string(10 + i)));
  chain.waitForLink();
  chain.expectOneEchoEach();
}

TEST(LinkLifeTest, ARevokedTokenEndsTheLinkAtOnce) {
  Chain chain;
  chain.startAll();
  EXPECT_EQ(chain.relayCommand({"unit", "revoke", chain.unit()}).status.code, 0);
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("link").at("trouble") == "refused"; }));
  const std::string event = chain.send("alice", "kept");
  chain.awaitAccepted(event);  // the webhook URL still works, the event waits
  chain.control("GET", "/control/state");
  const ProcessResult rotated =
      chain.relayCommand({"unit", "rotate", chain.unit(), "--token-file", chain.folder.file("new.token")});
  ASSERT_EQ(rotated.status.code, 0) << rotated.error;
  chain.ini["relay"]["token_file"] = chain.folder.file("new.token");
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.awaitAnswer(event), "kept");
}

TEST(LinkLifeTest, StoppingTheBridgeFinishesWhatItBegan) {
  Chain chain;
  chain.ini["responder.slow"] = {{"plugin", "echo"}, {"delay_ms", "2000"}};
  chain.ini["bridge"]["responder"] = "slow";
  chain.startAll();
  const std::string event = chain.send("alice", "slowly");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("lanes").at("calls") == 1; }));
  chain.stopBridge();
  EXPECT_EQ(chain.awaitAnswer(event), "slowly");
}

TEST(LinkLifeTest, ASecondTerminationSignalEndsAtOnce) {
  Chain chain;
  chain.ini["responder.slow"] = {{"plugin", "echo"}, {"delay_ms", "20000"}};
  chain.ini["bridge"]["responder"] = "slow";
  chain.startAll();
  const std::string event = chain.send("alice", "never mind");
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("lanes").at("calls") == 1; }));
  chain.bridge().signal(SIGTERM);
  chain.bridge().waitForLine("stopping");
  chain.bridge().signal(SIGTERM);
  const ExitStatus status = chain.bridge().wait();
  EXPECT_TRUE(status.code != 0 || status.signal != 0);
  // What was cut short is done by the next one.
  chain.ini["responder.slow"]["delay_ms"] = "0";
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(event), "never mind");
}

}  // namespace
}  // namespace tsunagi::test
