// What is kept of people's words, and for how long (J7).
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::HasSubstr;

class PrivacyTest : public testing::Test {
 protected:
  void SetUp() override { chain.ini["access"]["prefixes"] = "bot"; }
  // In how many rows of people's messages that text stands.
  int kept(const std::string& text) {
    return std::stoi(chain.lookUp("SELECT count(*) FROM line_messages WHERE content LIKE '%" + text + "%'"));
  }
  // In the store's file, once nothing is written to it any more.
  bool inTheFile(const std::string& text) {
    chain.stopBridge();
    return chain.folder.read("bridge/bridge.db").find(text) != std::string::npos;
  }
  Talk chain;
};

TEST_F(PrivacyTest, WordsOfStrangersBlockedPeopleAndSilentGroupsAreNoMessages) {
  chain.ini["access"]["users"] = "paired";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.ask("eve", "canary of a stranger");
  chain.block("bob");
  EXPECT_TRUE(chain.silent(chain.send("bob", "canary of one who is blocked")));
  EXPECT_TRUE(chain.silent(chain.inGroup("owner", "bot canary of a silent group")));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages"), "0");
}

TEST_F(PrivacyTest, InAGroupOnlyWhatIsForTheBotIsKeptAlsoWhenTheRestIsEdited) {
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  const std::string aside = chain.inGroup("ann", "canary aside");
  EXPECT_TRUE(chain.silent(aside));
  chain.askInGroup("ann", "bot canary addressed");
  EXPECT_EQ(kept("canary aside"), 0);
  EXPECT_GE(kept("canary addressed"), 1);
  const auto edited = chain.change("edit", {{"messageId", chain.messageIdOf(aside)},
                                            {"user", "ann"},
                                            {"group", "family"},
                                            {"text", "canary aside, edited"}});
  EXPECT_TRUE(chain.silent(edited.at(0)));
  EXPECT_EQ(kept("canary aside"), 0);
}

TEST_F(PrivacyTest, TheOwnerChoosesWhatIsKeptOfGroups) {
  chain.ini["access"]["record"] = "all";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "canary aside")));
  EXPECT_EQ(kept("canary aside"), 1);
  chain.ini["access"]["record"] = "none";
  chain.rewriteBridgeIni();
  chain.askInGroup("owner", "/deny");
  chain.askInGroup("owner", "/allow");
  EXPECT_THAT(chain.askInGroup("ann", "bot quiet canary"), HasSubstr("quiet canary"));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE content LIKE '%quiet canary%'"), "0")
      << "in the bot's answers neither";
}

TEST_F(PrivacyTest, ForgetLeavesNothingOfAConversationInTheFile) {
  chain.start();
  chain.ask("ann", "canary-of-ann");
  chain.ask("ben", "canary-of-ben");
  EXPECT_EQ(chain.ask("ann", "/forget"), "What was stored of our conversation is deleted, files included.");
  chain.ask("ann", "what do you know?");
  EXPECT_EQ(chain.talkOf(3), "user: what do you know?\n");
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM inbox WHERE body LIKE '%canary-of-ann%'"), "0");
  EXPECT_FALSE(inTheFile("canary-of-ann"));
  EXPECT_TRUE(inTheFile("canary-of-ben"));
}

TEST_F(PrivacyTest, ForgetTakesAnswersThatWaitWithIt) {
  chain.ini["reply"]["button_at"] = "100ms";
  chain.start();
  chain.hold();
  const std::string button = chain.sentId(chain.send("ann", "canary-of-ann"));
  chain.release();
  chain.awaitSettled();
  chain.ask("ann", "/forget");
  EXPECT_EQ(chain.said(chain.send("ann", "hello")), std::vector<std::string>{"hello"});
  EXPECT_EQ(chain.awaitAnswer(chain.tap("ann", button)), "That answer is no longer kept. Please ask again.");
  EXPECT_FALSE(inTheFile("canary-of-ann"));
}

TEST_F(PrivacyTest, InAGroupTheOwnerMakesItForgetEverybodysWords) {
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  chain.askInGroup("ann", "bot canary-of-ann");
  EXPECT_EQ(chain.askInGroup("ann", "/forget"), "Only the owner can do that.");
  EXPECT_EQ(chain.askInGroup("owner", "/forget"), "What was stored of this group is deleted.");
  EXPECT_EQ(kept("canary-of-ann"), 0);
}

TEST_F(PrivacyTest, OldMessagesLeaveTheStoreAndItsFile) {
  using namespace std::chrono_literals;
  chain.start();
  chain.ask("ann", "canary-of-ann");
  chain.awaitSettled();
  chain.stopBridge();
  Talk::outlive(2s);
  chain.startBridge();
  chain.pointAtBridge();
  chain.ask("ann", "what did I say?");
  EXPECT_EQ(kept("canary-of-ann"), 2) << "a year unless something else is said";
  chain.awaitSettled();
  chain.stopBridge();
  Talk::outlive(2s);
  chain.ini["store"]["keep_messages"] = "2s";
  chain.startBridge();
  EXPECT_TRUE(eventually([&] { return chain.lookUp("SELECT count(*) FROM line_messages") == "0"; }));
  chain.pointAtBridge();
  chain.ask("ann", "hello");
  EXPECT_EQ(chain.talkOf(3), "user: hello\n");
  EXPECT_FALSE(inTheFile("canary-of-ann"));
}

TEST_F(PrivacyTest, WhatWasTakenBackIsErased) {
  chain.start();
  const std::string secret = chain.send("ann", "canary-taken-back");
  chain.awaitAnswer(secret);
  EXPECT_TRUE(chain.silent(chain.change("unsend", {{"messageId", chain.messageIdOf(secret)}}).at(0)));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE content LIKE '%canary%' AND is_from_bot=0"), "0");
}

}  // namespace
}  // namespace tsunagi::test
