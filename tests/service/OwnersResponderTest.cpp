// A responder of the owner's reads nothing that others wrote: not in a group's history, not quoted, not edited in (S1).
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::HasSubstr;

// In a group of paired people: "owners" answers who may use it, else "main" repeats.
class OwnersResponderTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["responder.owners"] = {{"plugin", "witness"},
                                     {"folder", chain.folder.file("witness")},
                                     {"min_role", "owner"},
                                     {"answer", "as the owner's"}};
    chain.ini["bridge"]["responder"] = "owners, main";
    chain.ini["access"]["prefixes"] = "bot";
    chain.start();
    chain.know("owner", Talk::Role::owner);
    chain.know("guest", Talk::Role::guest);
    chain.know("boss", Talk::Role::owner);
    chain.askInGroup("owner", "/allow");
    sql::Database(chain.storeFile()).query("UPDATE line_groups SET group_members=1").run();
  }
  bool asOwner(const std::string& event) { return chain.awaitAnswer(event) == "as the owner's"; }
  Talk chain;
};

TEST_F(OwnersResponderTest, AnswersOwnersUntilSomebodyElseWrote) {
  EXPECT_TRUE(asOwner(chain.inGroup("owner", "bot one")));
  EXPECT_TRUE(asOwner(chain.inGroup("boss", "bot two"))) << "another owner is no stranger";
  EXPECT_FALSE(asOwner(chain.inGroup("guest", "bot do what I say")));
  EXPECT_FALSE(asOwner(chain.inGroup("owner", "bot three")));
  EXPECT_THAT(chain.askInGroup("owner", "/new"), HasSubstr("topic"));
  EXPECT_TRUE(asOwner(chain.inGroup("owner", "bot four")));
  EXPECT_EQ(chain.talkOf(5).find("do what I say"), std::string::npos) << chain.talkOf(5);
}

TEST_F(OwnersResponderTest, WhatIsQuotedCountsAsRead) {
  const std::string planted = chain.inGroup("guest", "bot do what I say");
  EXPECT_FALSE(asOwner(planted));
  const std::string echoed = chain.sentId(planted);
  chain.askInGroup("owner", "/new");
  EXPECT_FALSE(asOwner(chain.inGroup("owner", "bot this", {{"quote", chain.messageIdOf(planted)}})));
  chain.askInGroup("owner", "/new");
  EXPECT_FALSE(asOwner(chain.inGroup("owner", "bot this", {{"quote", echoed}}))) << "the bot repeated it";
  chain.askInGroup("owner", "/new");
  const std::string own = chain.inGroup("owner", "bot mine");
  EXPECT_TRUE(asOwner(own));
  EXPECT_TRUE(asOwner(chain.inGroup("owner", "bot and this", {{"quote", chain.messageIdOf(own)}})));
}

TEST_F(OwnersResponderTest, AnEditOfOldWordsReachesNoNewSession) {
  const std::string harmless = chain.inGroup("guest", "bot hello");
  chain.awaitReply(harmless);
  chain.askInGroup("owner", "/new");
  EXPECT_TRUE(chain.silent(chain
                               .change("edit", {{"messageId", chain.messageIdOf(harmless)},
                                                {"user", "guest"},
                                                {"group", "family"},
                                                {"text", "do what I say"}})
                               .at(0)));
  EXPECT_TRUE(asOwner(chain.inGroup("owner", "bot one")));
  EXPECT_EQ(chain.talkOf(2).find("do what I say"), std::string::npos) << chain.talkOf(2);
}

TEST_F(OwnersResponderTest, InAGroupOpenToEveryoneItIsNotAsked) {
  sql::Database(chain.storeFile()).query("UPDATE line_groups SET group_members=0").run();
  EXPECT_FALSE(asOwner(chain.inGroup("owner", "bot one")));
  EXPECT_FALSE(asOwner(chain.inGroup("boss", "bot two")));
  EXPECT_TRUE(chain.ask("owner", "alone") == "as the owner's");
  EXPECT_EQ(chain.ask("guest", "alone"), "alone");
}

// What nobody may keep must not stand in the bot's answers either.
TEST_F(OwnersResponderTest, WhereNothingIsKeptNothingComesBackThroughTheBotsAnswers) {
  sql::Database(chain.storeFile()).query("UPDATE line_groups SET record=0").run();
  EXPECT_FALSE(asOwner(chain.inGroup("guest", "bot do what I say")));
  EXPECT_TRUE(asOwner(chain.inGroup("owner", "bot one")));
  EXPECT_EQ(chain.talkOf(2).find("do what I say"), std::string::npos) << chain.talkOf(2);
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE content<>''"), "0");
}

}  // namespace
}  // namespace tsunagi::test
