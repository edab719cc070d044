// What one person types while an answer is made becomes one question.
#include <csignal>

#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

class MergedMessagesTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["reply"]["merge"] = "yes";
    chain.ini["access"]["prefixes"] = "bot";
    chain.start();
    chain.hold();
    first = chain.send("ann", "first");
    chain.asked(1);
  }
  std::string waiting(const nlohmann::json& event) {
    const std::string id = chain.happen(event);
    chain.awaitAccepted(id);
    return id;
  }
  Talk chain;
  std::string first;
};

TEST_F(MergedMessagesTest, SeveralTextsBecomeOneQuestionInTheirOrder) {
  const std::string a = waiting({{"user", "ann"}, {"text", "also"}});
  const std::string b = waiting({{"user", "ann"}, {"text", "and"}});
  const std::string c = waiting({{"user", "ann"}, {"text", "finally"}});
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(first), "first");
  EXPECT_EQ(chain.awaitAnswer(c), "also\nand\nfinally") << "by the newest message's token";
  EXPECT_TRUE(chain.silent(a));
  EXPECT_TRUE(chain.silent(b));
  EXPECT_EQ(chain.timesAsked(), 2);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("merged"), 2);
  chain.ask("ann", "again");
  EXPECT_EQ(
      chain.talkOf(3),
      "user: first\nassistant: first\nuser: also | and | finally\nassistant: also | and | finally\nuser: again\n");
}

TEST_F(MergedMessagesTest, AlsoBehindAButtonAllOfThemAreAnswered) {
  const std::string a = waiting({{"user", "ann"}, {"text", "also"}});
  const std::string b = waiting({{"user", "ann"}, {"text", "and"}});
  chain.ini["reply"]["button_at"] = "100ms";
  chain.rewriteBridgeIni();
  chain.bridge().signal(SIGHUP);
  chain.bridge().waitForLine("reloaded");
  chain.hold("also");
  EXPECT_EQ(chain.awaitAnswer(first), "first");
  ASSERT_EQ(chain.sent(b).at(0).at("type"), "template");
  chain.release();
  chain.awaitSettled();
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", chain.sentId(b))), "also\nand");
  chain.ask("ann", "again");
  EXPECT_EQ(chain.talkOf(3), "user: first\nassistant: first\nuser: also | and\nassistant: also | and\nuser: again\n");
}

TEST_F(MergedMessagesTest, ACommandEndsTheQuestion) {
  const std::string before = waiting({{"user", "ann"}, {"text", "before"}});
  const std::string command = waiting({{"user", "ann"}, {"text", "/new"}});
  const std::string after = waiting({{"user", "ann"}, {"text", "after"}});
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(before), "before");
  EXPECT_EQ(chain.awaitAnswer(command), "A new topic, then. Go ahead.");
  EXPECT_EQ(chain.awaitAnswer(after), "after");
  EXPECT_EQ(chain.talkOf(3), "user: after\n");
}

TEST_F(MergedMessagesTest, ANewTopicIsAQuestionOfItsOwn) {
  const std::string before = waiting({{"user", "ann"}, {"text", "before"}});
  const std::string topic = waiting({{"user", "ann"}, {"text", "/new topic"}});
  const std::string after = waiting({{"user", "ann"}, {"text", "after"}});
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(before), "before");
  EXPECT_EQ(chain.awaitAnswer(after), "topic\nafter");
  EXPECT_TRUE(chain.silent(topic));
  EXPECT_EQ(chain.talkOf(3), "user: topic | after\n");
}

TEST_F(MergedMessagesTest, OthersAreAnsweredMeanwhileAndForThemselves) {
  const std::string ben = waiting({{"user", "ben"}, {"text", "mine"}});
  chain.asked(2);
  chain.release();
  EXPECT_EQ(chain.awaitAnswer(ben), "mine");
  EXPECT_EQ(chain.awaitAnswer(first), "first");
  EXPECT_EQ(chain.talkOf(2), "user: mine\n");
}

// LINE does not say whether it is the same person.
TEST_F(MergedMessagesTest, WhomLineDoesNotNameIsNotTakenForOnePerson) {
  chain.release();
  chain.know("ann", Talk::Role::owner);
  chain.askInGroup("ann", "/allow");
  chain.hold();
  const nlohmann::json anonymous{{"anonymous", true}};
  const std::string running = chain.inGroup("ben", "bot one", anonymous);
  chain.asked(2);
  const std::string two = chain.inGroup("ben", "bot two", anonymous);
  const std::string three = chain.inGroup("carl", "bot three", anonymous);
  chain.awaitAccepted(two);
  chain.awaitAccepted(three);
  chain.release();
  EXPECT_THAT(chain.awaitAnswer(two), testing::HasSubstr("two"));
  EXPECT_THAT(chain.awaitAnswer(three),
              testing::AllOf(testing::HasSubstr("three"), testing::Not(testing::HasSubstr("two"))));
}

TEST_F(MergedMessagesTest, InAGroupOnePersonsMessagesAreNotMixedWithAnothers) {
  chain.release();
  chain.know("ann", Talk::Role::owner);
  chain.askInGroup("ann", "/allow");
  chain.hold();
  const std::string running = chain.inGroup("ann", "bot one");
  chain.asked(2);
  const std::string ben = waiting({{"user", "ben"}, {"group", "family"}, {"text", "bot two"}});
  const std::string ann = waiting({{"user", "ann"}, {"group", "family"}, {"text", "bot three"}});
  chain.release();
  chain.awaitAnswer(running);
  EXPECT_EQ(chain.awaitAnswer(ben), R"({"from":"ben","text":"two"})");
  EXPECT_EQ(chain.awaitAnswer(ann), R"({"from":"ann","text":"three"})");
}

}  // namespace
}  // namespace tsunagi::test
