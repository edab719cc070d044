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

  const std::string early = chain.tap("ann", button);
  chain.awaitAccepted(early);
  chain.release();
  const json afterEarly = chain.sent(early);
  // The tap waited its turn behind the question, so it found the answer.
  EXPECT_EQ(afterEarly.at(0).at("text"), "think hard");
  const std::string again = chain.tap("ann", button);
  EXPECT_EQ(chain.said(again), chain.said(early));
  EXPECT_EQ(chain.timesAsked(), 1);
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
