// What LINE sends twice, and answers that got lost on the way: one reply, whatever happens.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

class RedeliveryTest : public testing::Test {
 protected:
  RedeliveryTest() { chain.startAll(); }
  void expectOnce(const std::string& event) {
    EXPECT_EQ(chain.awaitReply(event).at("answers").size(), 1u);
    chain.expectOneEchoEach();
  }

  Chain chain;
};

TEST_F(RedeliveryTest, ARedeliveredEventGivesNoSecondReply) {
  const std::string event = chain.send("alice", "once");
  chain.awaitReply(event);
  chain.control("POST", "/control/redeliver", {{"webhookEventId", event}});
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("duplicates") == 1; }));
  EXPECT_EQ(chain.ask("alice", "next"), "next");  // behind it in the same lane
  expectOnce(event);
}

// LINE gives a redelivered event's token its life anew.
TEST(RedeliveryOfSlowAnswersTest, RenewsTheTokenOfAnEventThatIsNotAnsweredYet) {
  using namespace std::chrono_literals;
  Talk chain({.tokenLife = "4s"});
  chain.ini["reply"]["slow"] = "hold";
  chain.start();
  chain.hold();
  const std::string event = chain.send("ann", "slow");
  chain.asked(1);
  Talk::outlive(2500ms);
  chain.control("POST", "/control/redeliver", {{"webhookEventId", event}});
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("duplicates") == 1; }));
  Talk::outlive(2s);
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(event), "slow");
  EXPECT_EQ(chain.timesAsked(), 1);
}

// The first try never reached a relay.
TEST(RedeliveryOfLostTriesTest, WhatComesAsARedeliveryOnlyIsAnsweredLikeAnyOther) {
  Chain chain({.redeliver = true});
  chain.startAll();
  chain.stopRelay();
  const std::string event = chain.send("alice", "again");
  ASSERT_TRUE(eventually([&] { return !chain.event(event).at("attempts").empty(); }));
  chain.startRelay();
  EXPECT_EQ(chain.awaitAnswer(event), "again");
  EXPECT_GE(chain.summary().at("redeliveries"), 1);
}

TEST_F(RedeliveryTest, ThreeCopiesAtOnceGiveOneReply) {
  const json sent = chain.control("POST", "/control/messages", {{"user", "alice"}, {"text", "copied"}, {"copies", 3}});
  ASSERT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("duplicates") == 2; }));
  expectOnce(sent.at("events").at(0));
}

TEST_F(RedeliveryTest, AReplyWhoseAnswerGotLostIsNotSentTwice) {
  // The first call takes effect, then the connection breaks: only the same bytes again can tell.
  chain.control("POST", "/control/faults", {{"next", {{{"action", "break"}, {"when", "after"}, {"count", 1}}}}});
  const std::string event = chain.send("alice", "ambiguous");
  expectOnce(event);
}

TEST_F(RedeliveryTest, AReplyThatNeverReachedLineIsSentAgain) {
  chain.control("POST", "/control/faults",
                {{"next", {{{"action", "status"}, {"status", 500}, {"when", "before"}, {"count", 2}}}}});
  const std::string event = chain.send("alice", "try again");
  expectOnce(event);
}

TEST_F(RedeliveryTest, SeveralEventsInOneWebhookAreAllAnsweredInOrder) {
  const json sent =
      chain.control("POST", "/control/messages", {{"user", "alice"}, {"text", "many"}, {"count", 5}, {"batch", true}});
  ASSERT_EQ(sent.at("events").size(), 5u);
  for (const auto& event : sent.at("events")) chain.awaitReply(event);
  for (const auto& event : sent.at("events")) expectOnce(event);
}

}  // namespace
}  // namespace tsunagi::test
