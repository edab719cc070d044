// What the responder remembers of a conversation, and what makes it forget.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;
using testing::Not;

class MemoryTest : public testing::Test {
 protected:
  Talk chain;
};

TEST_F(MemoryTest, TheSecondTurnCarriesTheFirst) {
  chain.start();
  chain.ask("ann", "I live in Kyoto");
  chain.ask("ben", "I live in Taipei");
  chain.ask("ann", "where do I live?");
  EXPECT_EQ(chain.talkOf(3), "user: I live in Kyoto\nassistant: I live in Kyoto\nuser: where do I live?\n");
}

TEST_F(MemoryTest, AlsoAfterTheProcessWasKilled) {
  chain.startAll();
  chain.ask("ann", "I live in Kyoto");
  chain.hold();
  const std::string question = chain.send("ann", "where do I live?");
  const std::string before = chain.talkOf(2);
  chain.killBridge();
  chain.release();
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(question), "where do I live?");
  EXPECT_EQ(chain.talkOf(3), before) << "asked again with the same";
  chain.ask("ann", "thanks");
  EXPECT_EQ(chain.talkOf(4),
            "user: I live in Kyoto\nassistant: I live in Kyoto\nuser: where do I live?\n"
            "assistant: where do I live?\nuser: thanks\n");
}

TEST_F(MemoryTest, AfterALongPauseItBeginsAnew) {
  chain.ini["reply"]["idle_reset"] = "1s";
  chain.start();
  const std::string old = chain.send("ann", "an old matter");
  chain.awaitAnswer(old);
  chain.awaitSettled();
  Talk::outlive(2s);
  chain.ask("ann", "good evening");
  EXPECT_EQ(chain.talkOf(2), "user: good evening\n");
}

TEST_F(MemoryTest, WhatSomebodyTookBackIsGone) {
  chain.start();
  const std::string secret = chain.send("ann", "the code of my door is 1234");
  chain.awaitAnswer(secret);
  const auto unsent = chain.change("unsend", {{"messageId", chain.messageIdOf(secret)}});
  EXPECT_TRUE(chain.silent(unsent.at(0)));
  chain.ask("ann", "hello");
  EXPECT_THAT(chain.talkOf(2), Not(HasSubstr("user: the code of my door")));
}

TEST_F(MemoryTest, AnEditedMessageIsRememberedAsEdited) {
  chain.ini["access"]["prefixes"] = "bot";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  const std::string typo = chain.inGroup("ann", "bot dinner at 17:00");
  chain.awaitAnswer(typo);
  const auto edited = chain.change(
      "edit",
      {{"messageId", chain.messageIdOf(typo)}, {"user", "ann"}, {"group", "family"}, {"text", "bot dinner at 19:00"}});
  EXPECT_TRUE(chain.silent(edited.at(0)));
  chain.askInGroup("ann", "bot when?");
  EXPECT_THAT(chain.talkOf(2), HasSubstr("user: {\"from\":\"ann\",\"text\":\"dinner at 19:00\"}\nassistant"))
      << "without the bot's address, as the first wording was kept";
}

TEST_F(MemoryTest, AFailedTurnIsNotRemembered) {
  chain.ini["responder.broken"] = {{"plugin", "echo"}, {"fail", "internal"}};
  chain.ini["bridge"]["responder"] = "broken";
  chain.start();
  EXPECT_EQ(chain.ask("ann", "first try"),
            "Sorry, I could not answer just now. Please send your message again in a little while.");
  chain.ini["bridge"]["responder"] = "main";
  chain.rewriteBridgeIni();
  EXPECT_EQ(chain.ask("ann", "second try"), "second try");
  EXPECT_EQ(chain.talkOf(1), "user: second try\n");
}

TEST_F(MemoryTest, OnlyAsMuchAsTheBudgetHolds) {
  chain.ini["reply"]["context"] = "200";
  chain.start();
  for (int i = 0; i < 4; ++i) chain.ask("ann", std::to_string(i) + std::string(49, 'x'));
  EXPECT_THAT(chain.talkOf(4), Not(HasSubstr("user: 0x")));
  EXPECT_THAT(chain.talkOf(4), HasSubstr("user: 2x"));
}

TEST_F(MemoryTest, AQuotedMessageIsPartOfTheQuestion) {
  chain.start();
  const std::string old = chain.send("ann", "the blue one");
  chain.awaitAnswer(old);
  chain.ask("ann", "/new");
  chain.awaitAnswer(chain.happen({{"user", "ann"}, {"text", "which did I want?"}, {"quote", chain.messageIdOf(old)}}));
  EXPECT_EQ(chain.talkOf(2), "user: {\"quoted\":{\"text\":\"the blue one\"}} | which did I want?\n");
}

TEST_F(MemoryTest, ThePromptKnowsWhoItTalksToFromTheFirstMessageOn) {
  chain.ini["reply"]["prompt"] = "You talk to {user}.";
  chain.start();
  chain.change("users", {{"user", "ann"}, {"displayName", "Ann Lee"}, {"quiet", true}});
  chain.ask("ann", "hello");
  EXPECT_THAT(chain.asked(1), HasSubstr("Ann Lee"));
}

}  // namespace
}  // namespace tsunagi::test
