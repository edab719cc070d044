// What is kept of people's words, and for how long (J7).
#include "tests/service/Media.h"

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
  // A photo, kept; its path in the files folder.
  std::string keptPhoto(const std::string& user, std::string& event) {
    event = chain.sendContent(user, "image", "image/jpeg", jpeg(user));
    EXPECT_TRUE(eventually([&] { return chain.ofFile("state", event) == "stored"; }));
    return chain.root() + "/" + chain.ofFile("nas_path", event);
  }
  static bool gone(const std::string& path) {
    return eventually([&] { return !std::filesystem::exists(path); });
  }
  Media chain;
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

TEST_F(PrivacyTest, NothingOfStrangersBlockedPeopleAndSilentGroupsIsFetched) {
  chain.ini["access"]["users"] = "paired";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.awaitReply(chain.sendContent("eve", "image", "image/jpeg", jpeg("eve")));
  chain.block("bob");
  EXPECT_TRUE(chain.silent(chain.sendContent("bob", "file", "application/pdf", "%PDF-")));
  EXPECT_TRUE(chain.silent(chain.sendContent("ann", "video", "video/mp4", "film", {{"group", "family"}})));
  chain.askInGroup("owner", "/allow");
  EXPECT_TRUE(chain.silent(chain.sendContent("ann", "image", "image/jpeg", jpeg("aside"), {{"group", "family"}})))
      << "a bystander's picture is not for the bot";
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_files"), "0");
  EXPECT_EQ(chain.summary().at("contentRequests"), 0);
  EXPECT_TRUE(chain.spooled().empty());
}

TEST_F(PrivacyTest, APictureThatWasTakenBackLeavesTheDisk) {
  chain.start();
  std::string event;
  const std::string path = keptPhoto("ann", event);
  chain.change("unsend", {{"messageId", chain.messageIdOf(event)}});
  EXPECT_TRUE(gone(path));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_files"), "0");
}

TEST_F(PrivacyTest, APictureThatIsTakenBackWhileItComesDoesNotComeBack) {
  chain.start();
  chain.control("POST", "/control/faults",
                {{"next", {{{"endpoint", "content"}, {"action", "slow"}, {"bytes", 1000}, {"ms", 50}}}}});
  const std::string event = chain.sendContent("ann", "image", "image/jpeg", jpeg(noise(2'000'000)));
  ASSERT_TRUE(eventually([&] { return !chain.spooled().empty(); }));
  chain.change("unsend", {{"messageId", chain.messageIdOf(event)}});
  EXPECT_TRUE(eventually([&] { return chain.spooled().empty(); }));
  chain.awaitFiles("to_remove", 0);
  EXPECT_TRUE(chain.spooled().empty());
  EXPECT_TRUE(chain.filesIn(chain.root()).empty());
  EXPECT_EQ(chain.bridgeStatus().at("files").at("downloaded"), 0);
}

TEST_F(PrivacyTest, ForgetAndEraseReachFiles) {
  chain.start();
  std::string event;
  const std::string ann = keptPhoto("ann", event), ben = keptPhoto("ben", event), cat = keptPhoto("cat", event);
  EXPECT_EQ(chain.ask("ann", "/forget"), "What was stored of our conversation is deleted, files included.");
  EXPECT_TRUE(gone(ann));
  EXPECT_EQ(chain.bridgeCommand({"user", "erase", chain.lineId("ben")}).status.code, 0);
  EXPECT_TRUE(gone(ben)) << "by the bridge that runs";
  EXPECT_TRUE(std::filesystem::exists(cat));
  const std::string catId = chain.lineId("cat");
  chain.stopBridge();
  EXPECT_EQ(chain.bridgeCommand({"user", "erase", catId}).status.code, 0);
  EXPECT_FALSE(std::filesystem::exists(cat)) << "without one, by the command";
}

TEST_F(PrivacyTest, OldFilesGoBeforeTheirMessages) {
  chain.ini["store"]["keep_files"] = "30d";
  chain.start();
  std::string event;
  const std::string path = keptPhoto("ann", event);
  chain.stopBridge();
  chain.store().execute("UPDATE line_files SET created_at=created_at-31*86400000");
  chain.startBridge();
  EXPECT_TRUE(gone(path));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE message_type='image'"), "1");
}

}  // namespace
}  // namespace tsunagi::test
