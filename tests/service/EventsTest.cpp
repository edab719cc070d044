// Every type of event that LINE sends, and some it does not send yet: taken without an error, answered only where
// docs/events.md says so.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

class EventsTest : public testing::Test {
 protected:
  void SetUp() override { chain.start(); }
  void TearDown() override {
    chain.awaitSettled();
    const json counters = chain.bridgeStatus().at("counters");
    for (const char* none : {"refused", "dead", "failed", "unknown"}) EXPECT_EQ(counters.at(none), 0) << none;
    EXPECT_EQ(chain.ask("zoe", "still here"), "still here");
  }
  Talk chain;
};

TEST_F(EventsTest, WhatIsNotForTheBotIsTakenInSilence) {
  const std::vector<std::pair<const char*, json>> others{
      {"videoPlayComplete", {{"videoPlayComplete", {{"trackingId", "t"}}}}},
      {"beacon", {{"beacon", {{"hwid", "d41d8cd98f"}, {"type", "enter"}}}}},
      {"accountLink", {{"link", {{"result", "ok"}, {"nonce", "n"}}}}},
      {"membership", {{"membership", {{"type", "joined"}, {"membershipId", 3189}}}}},
      {"delivery", {{"delivery", {{"data", "x"}}}}},
      {"module", {{"module", {{"type", "attached"}, {"botId", "U1"}}}}},
      {"activated", {{"chatControl", {{"expireAt", 1}}}}},
      {"deactivated", json::object()},
      {"botSuspended", json::object()},
      {"botResumed", json::object()},
      {"things", {{"things", {{"deviceId", "t1"}, {"type", "link"}}}}},
      {"somethingNew", {{"somethingNew", {{"a", {1, 2, {{"b", nullptr}}}}}}}}};
  for (const auto& [type, with] : others)
    EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"type", type}, {"with", with}}))) << type;
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(EventsTest, SeveralPeoplesEventsInOneWebhookAreEachAnswered) {
  const json sent = chain.control("POST", "/control/events",
                                  {{"batch", true},
                                   {"events",
                                    {{{"user", "ann"}, {"text", "from ann"}},
                                     {{"user", "ben"}, {"text", "from ben"}},
                                     {{"user", "ann"}, {"text", "more"}}}}});
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(0)), "from ann");
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(1)), "from ben");
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(2)), "more");
  EXPECT_EQ(chain.summary().at("reordered"), 0);
}

TEST_F(EventsTest, TheSameEventTwiceIsAnsweredOnce) {
  const json sent = chain.control("POST", "/control/messages", {{"user", "ann"}, {"text", "once"}, {"copies", 3}});
  EXPECT_EQ(chain.awaitAnswer(sent.at("events").at(0)), "once");
  chain.awaitSettled();
  EXPECT_EQ(chain.timesAsked(), 1);
  EXPECT_EQ(chain.summary().at("twice"), 0);
}

TEST_F(EventsTest, StandbyIsNeverAnswered) {
  EXPECT_TRUE(chain.silent(
      chain.happen({{"user", "ann"}, {"text", "to another module"}, {"standby", true}, {"replyToken", true}})));
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(EventsTest, NobodyAndNowhereAreTakenToo) {
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "who am I"}, {"anonymous", true}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "where am I"}, {"sourceless", true}})));
  EXPECT_TRUE(chain.silent(chain.happen({{"user", "ann"}, {"text", "no token"}, {"replyToken", false}})));
}

TEST_F(EventsTest, TheConsolesVerifyIsAnswered200AndNothingElse) {
  chain.control("POST", "/control/verify", json::object());
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("counters").at("received") == 1; }));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("events"), 0);
}

TEST_F(EventsTest, AForeignButtonSaysThatItsAnswerIsGone) {
  EXPECT_EQ(chain.awaitAnswer(
                chain.happen({{"user", "ann"}, {"type", "postback"}, {"with", {{"postback", {{"data", "x=1"}}}}}})),
            "That answer is no longer kept. Please ask again.");
}

}  // namespace
}  // namespace tsunagi::test
