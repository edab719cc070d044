// An answer that takes longer than a reply token may wait: a button fetches it, or it comes with the next answer.
// Nothing is pushed.
#include <algorithm>

#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class SlowAnswersTest : public testing::Test {
 protected:
  void SetUp() override { chain.ini["reply"]["button_at"] = "100ms"; }
  void TearDown() override { EXPECT_EQ(chain.summary().at("pushes"), 0); }
  bool isButton(const json& messages) {
    return messages.at(0).at("type") == "template" && messages.at(0).at("template").at("type") == "buttons";
  }
  // What stands last in a chat: a message ends LINE's animation.
  std::string lastShown() {
    std::string last;
    const json ledger = chain.control("GET", "/control/ledger?limit=5000");
    for (const auto& entry : ledger.at("entries"))
      if (entry.at("kind") == "loading" || entry.at("kind") == "messages") last = entry.at("kind");
    return last;
  }
  Talk chain;
};

TEST_F(SlowAnswersTest, AButtonIsShownAndATapBringsTheAnswerAlsoTheSecondTime) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  const json shown = chain.sent(question);
  ASSERT_TRUE(isButton(shown)) << shown;
  EXPECT_THAT(shown.at(0).at("template").at("text").get<std::string>(), HasSubstr("Still thinking"));
  const std::string button = chain.sentId(question);

  chain.release();
  chain.awaitSettled();
  const std::string tapped = chain.tap("ann", button);
  EXPECT_THAT(chain.said(tapped), ElementsAre("think hard"));
  const std::string again = chain.tap("ann", button);
  EXPECT_EQ(chain.said(again), chain.said(tapped));
  EXPECT_EQ(chain.timesAsked(), 1);
}

TEST_F(SlowAnswersTest, WhileItIsStillWorkingATapBringsAnotherButtonAtOnce) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  ASSERT_TRUE(isButton(chain.sent(question)));
  EXPECT_TRUE(eventually([&] { return lastShown() == "loading"; }));
  std::string button = chain.sentId(question);
  for (int i = 0; i < 3; ++i) {
    const std::string early = chain.tap("ann", button);
    const json shown = chain.sent(early);
    ASSERT_TRUE(isButton(shown)) << shown;
    EXPECT_THAT(shown.at(0).at("template").at("text").get<std::string>(), HasSubstr("Not finished yet"));
    EXPECT_TRUE(eventually([&] { return lastShown() == "loading"; }));
    button = chain.sentId(early);
  }
  EXPECT_EQ(chain.timesAsked(), 1);
  chain.release();
  chain.awaitSettled();
  const std::string late = chain.tap("ann", button);
  EXPECT_THAT(chain.said(late), ElementsAre("think hard"));
  EXPECT_EQ(chain.said(chain.tap("ann", chain.sentId(question))), chain.said(late)) << "the first button, too";
}

TEST_F(SlowAnswersTest, AnEarlyTapNeedsNoWorkerThatAnswersQuestions) {
  chain.ini["bridge"]["workers"] = "1";
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  ASSERT_TRUE(isButton(chain.sent(question)));
  const std::string next = chain.send("ann", "and this");
  EXPECT_TRUE(isButton(chain.sent(chain.tap("ann", chain.sentId(question)))));
  chain.release();
  EXPECT_THAT(chain.said(next), ElementsAre("The answer to your earlier question:\nthink hard", "and this"))
      << "messages keep their order";
}

TEST_F(SlowAnswersTest, AnAnswerThatIsThereDoesNotWaitForTheNextQuestion) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "first");
  ASSERT_TRUE(isButton(chain.sent(question)));
  chain.release();
  chain.awaitSettled();
  chain.hold();
  const std::string next = chain.send("ann", "second");
  ASSERT_TRUE(isButton(chain.sent(next)));
  EXPECT_THAT(chain.said(chain.tap("ann", chain.sentId(question))), ElementsAre("first"));
  chain.release();
  chain.awaitSettled();
  EXPECT_THAT(chain.said(chain.tap("ann", chain.sentId(next))), ElementsAre("second")) << "the first is not said twice";
}

TEST_F(SlowAnswersTest, KilledWhileATapIsAnsweredItAnswersItOnce) {
  chain.startAll();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  ASSERT_TRUE(isButton(chain.sent(question)));
  chain.control("POST", "/control/faults", {{"next", {{{"action", "hold"}, {"when", "after"}}}}});
  const std::string early = chain.tap("ann", chain.sentId(question));
  ASSERT_TRUE(isButton(chain.sent(early))) << "LINE took it, and the bridge never hears of it";
  chain.killBridge();
  chain.control("POST", "/control/faults", {{"release", true}});
  chain.startBridge();
  chain.waitForLink();
  chain.asked(2);
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("store").at("outbox_open") == 0; }));
  EXPECT_EQ(chain.event(early).at("answers").size(), 1u);
  const std::string again = chain.tap("ann", chain.sentId(early));
  ASSERT_TRUE(isButton(chain.sent(again))) << "the question is still being answered, anew";
  chain.release();
  chain.awaitSettled();
  EXPECT_THAT(chain.said(chain.tap("ann", chain.sentId(again))), ElementsAre("think hard"));
  EXPECT_EQ(chain.summary().at("twice"), 0);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("unknown"), 0);
}

// The button has spent the question's token, and the process that made the promise is gone.
TEST_F(SlowAnswersTest, KilledBehindAButtonTheAnswerStillComesByIt) {
  chain.ini["reply"]["merge"] = "yes";
  chain.startAll();
  chain.hold();
  const std::string other = chain.send("ann", "before");
  ASSERT_TRUE(isButton(chain.sent(other)));
  const std::string first = chain.send("ann", "one");
  const std::string second = chain.send("ann", "two");
  chain.awaitAccepted(second);
  ASSERT_TRUE(eventually([&] { return chain.lookUp("SELECT count(*) FROM inbox WHERE state<>'done'") == "3"; }));
  chain.hold("one");
  ASSERT_TRUE(isButton(chain.sent(second)));
  chain.killBridge();
  const std::string third = chain.send("ann", "three");
  chain.awaitAccepted(third);
  chain.startBridge();
  chain.waitForLink();
  EXPECT_EQ(chain.talkOf(3), chain.talkOf(2)) << "asked again for the same two";
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", chain.sentId(other))), "before");
  ASSERT_TRUE(isButton(chain.sent(chain.tap("ann", chain.sentId(second)))));
  chain.release();
  EXPECT_THAT(chain.said(third), testing::Contains("three"));
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", chain.sentId(second))), "one\ntwo");
  EXPECT_FALSE(chain.event(first).at("answered").get<bool>());
}

TEST_F(SlowAnswersTest, WhatWasStoppedIsNotPromisedAnyMore) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  ASSERT_TRUE(isButton(chain.sent(question)));
  EXPECT_EQ(chain.ask("ann", "/stop"), "Stopped.");
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", chain.sentId(question))),
            "That answer is no longer kept. Please ask again.");
}

TEST_F(SlowAnswersTest, WhoDoesNotTapGetsItWithTheNextAnswer) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "first");
  ASSERT_TRUE(isButton(chain.sent(question)));
  chain.release();
  chain.awaitSettled();
  EXPECT_THAT(chain.said(chain.send("ann", "second")),
              ElementsAre("The answer to your earlier question:\nfirst", "second"));
  EXPECT_EQ(chain.talkOf(2).find("missed"), std::string::npos) << chain.talkOf(2);
  EXPECT_EQ(chain.ask("ann", "third"), "third") << "once";
}

TEST_F(SlowAnswersTest, TheButtonOfAnotherChatBringsNothing) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "my secret");
  const json shown = chain.sent(question);
  ASSERT_TRUE(isButton(shown));
  const std::string data = shown.at(0).at("template").at("actions").at(0).at("data");
  chain.release();
  const std::string stolen =
      chain.happen({{"user", "eve"}, {"type", "postback"}, {"with", {{"postback", {{"data", data}}}}}});
  EXPECT_EQ(chain.awaitAnswer(stolen), "That answer is no longer kept. Please ask again.");
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", chain.sentId(question))), "my secret");
}

TEST_F(SlowAnswersTest, WithHoldItComesWithTheNextAnswer) {
  chain.ini["reply"]["slow"] = "hold";
  chain.ini["reply"]["token_life"] = "2s";
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "first");
  chain.asked(1);
  Talk::outlive(2s);
  chain.release();
  EXPECT_TRUE(chain.silent(question));
  chain.ini["reply"]["token_life"] = "60s";
  chain.rewriteBridgeIni();
  EXPECT_THAT(chain.said(chain.send("ann", "second")),
              ElementsAre("The answer to your earlier question:\nfirst", "second"));
  EXPECT_EQ(chain.talkOf(2), "user: second\n") << "nothing is asked twice";
  EXPECT_EQ(chain.ask("ann", "third"), "third");
}

TEST_F(SlowAnswersTest, GroupsGetNoButtonButTheAnswerWithTheNext) {
  chain.ini["access"]["prefixes"] = "bot";
  chain.ini["reply"]["token_life"] = "2s";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  ASSERT_THAT(chain.askInGroup("owner", "/allow"), HasSubstr("I may answer"));
  chain.hold();
  const std::string question = chain.inGroup("ann", "bot first");
  chain.asked(1);
  Talk::outlive(2s);
  chain.release();
  EXPECT_TRUE(chain.silent(question));
  chain.ini["reply"]["token_life"] = "60s";
  chain.rewriteBridgeIni();
  const auto said = chain.said(chain.inGroup("ben", "bot second"));
  ASSERT_EQ(said.size(), 2u);
  EXPECT_THAT(said[0], testing::AllOf(HasSubstr("The answer to your earlier question:"), HasSubstr("first")));
  EXPECT_THAT(said[1], HasSubstr("second"));
}

// More than LINE takes in one answer waits behind a button.
TEST_F(SlowAnswersTest, AVeryLongAnswerGoesOnWithAButton) {
  chain.ini["responder.main"]["answer"] = std::string(900, 'x') + ".";
  chain.ini["responder.main"]["repeat"] = "30";
  chain.start();
  const std::string question = chain.send("ann", "tell me all");
  const json first = chain.sent(question);
  ASSERT_EQ(first.size(), 5u);
  EXPECT_EQ(first.at(4).at("type"), "template");
  const json rest = chain.sent(chain.tap("ann", chain.sentId(question, 4)));
  size_t letters = 0;
  for (const json& all : {first, rest})
    for (const json& message : all)
      if (message.at("type") == "text") {
        const std::string text = message.at("text");
        letters += static_cast<size_t>(std::count(text.begin(), text.end(), 'x'));
      }
  EXPECT_EQ(letters, 30u * 900u);
}

}  // namespace
}  // namespace tsunagi::test
