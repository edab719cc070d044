// Whoever the owner did not let in costs nothing: no question to a responder, no name asked of LINE, no word kept, no
// push, and of what the bridge itself says no more than the rate allows (S10, S22).
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class StrangersTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["access"]["users"] = "paired";
    chain.ini["access"]["prefixes"] = "bot";
    chain.start();
    chain.know("owner", Talk::Role::owner);
    // A look-up would meet a fault, and be counted by it.
    for (const char* endpoint : {"profile", "member", "summary", "count", "content", "loading", "markAsRead"})
      chain.control("POST", "/control/faults", {{"next", {{{"endpoint", endpoint}, {"count", 100}}}}});
  }
  // All kinds of events that one person can cause in a place.
  void tryEverything(const std::string& user, const json& where) {
    std::vector<json> events{
        {{"text", "bot canary question"}},
        {{"text", "canary aside"}},
        {{"message", {{"type", "sticker"}, {"packageId", "1"}, {"stickerId", "2"}, {"keywords", {"canary"}}}}},
        {{"message", {{"type", "location"}, {"title", "canary"}, {"address", "x"}, {"latitude", 1}, {"longitude", 2}}}},
        {{"message", {{"type", "image"}}}},
        {{"message", {{"type", "audio"}, {"duration", 100}}}},
        {{"message", {{"type", "file"}, {"fileName", "canary.txt"}}}},
        {{"type", "postback"}, {"with", {{"postback", {{"data", "canary"}}}}}},
        {{"type", "postback"}, {"with", {{"postback", {{"data", "held:1"}}}}}},
        {{"text", "/canary"}},
        {{"text", "canary12"}}};
    for (const char* command : {"help", "new", "stop", "whoami", "unpair", "forget", "status", "quota", "model canary",
                                "pause", "resume", "allow", "deny", "project canary"})
      events.push_back({{"text", "/" + std::string(command)}});
    std::vector<std::string> ids;
    for (json event : events) {
      event.update(where);
      event["user"] = user;
      ids.push_back(chain.happen(event));
    }
    for (const auto& id : ids) chain.awaitAccepted(id);
    chain.awaitSettled();
  }
  void expectNothingCost() {
    EXPECT_EQ(chain.timesAsked(), 0);
    EXPECT_EQ(chain.summary().at("faults"), 0) << "LINE was asked about somebody";
    EXPECT_EQ(chain.summary().at("pushes"), 0);
    EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages"), "0");
    EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_users WHERE display_name<>''"), "0");
    EXPECT_EQ(chain.lookUp("SELECT count(*) FROM channel_users WHERE state=1"), "1") << "the owner";
    EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_groups WHERE allow_ai_response=1 AND group_members=0"), "0");
    chain.stopBridge();
    EXPECT_EQ(chain.folder.read("bridge/bridge.db").find("canary"), std::string::npos);
  }
  Talk chain;
};

TEST_F(StrangersTest, AloneWithTheBot) {
  chain.change("users", {{"user", "eve"}, {"friend", true}});
  tryEverything("eve", json::object());
  expectNothingCost();
}

TEST_F(StrangersTest, BlockedAloneWithTheBot) {
  chain.block("eve");
  tryEverything("eve", json::object());
  EXPECT_EQ(chain.summary().at("replies"), 0);
  expectNothingCost();
}

TEST_F(StrangersTest, InAGroupThatNobodyAllowed) {
  tryEverything("eve", {{"group", "family"}});
  tryEverything("eve", {{"room", "old"}});
  EXPECT_EQ(chain.summary().at("replies"), 0);
  expectNothingCost();
}

TEST_F(StrangersTest, InAGroupOfPairedPeople) {
  chain.askInGroup("owner", "/allow");
  sql::Database(chain.storeFile()).query("UPDATE line_groups SET group_members=1").run();
  const auto before = chain.summary().at("replies");
  tryEverything("eve", {{"group", "family"}});
  tryEverything("somebody", {{"group", "family"}, {"anonymous", true}});
  EXPECT_EQ(chain.summary().at("replies"), before);
  expectNothingCost();
}

TEST_F(StrangersTest, WhomLineDoesNotNameCommandsNothing) {
  chain.askInGroup("owner", "/allow");
  for (const char* text : {"/stop", "/new", "/forget", "/help", "/pause", "/deny", "bot /deny", "/pair AAAA-BBBB"})
    EXPECT_TRUE(chain.silent(chain.inGroup("somebody", text, {{"anonymous", true}}))) << text;
  EXPECT_EQ(chain.lookUp("SELECT allow_ai_response FROM line_groups"), "1");
}

TEST_F(StrangersTest, WhatTheBridgeSaysToThemHasTheirRate) {
  chain.ini["access"]["rate_user"] = "3";
  chain.rewriteBridgeIni();
  EXPECT_THAT(chain.ask("eve", "hello"), HasSubstr("This account is for invited people"));
  EXPECT_THAT(chain.ask("eve", "/help"), HasSubstr("/whoami"));
  EXPECT_EQ(chain.ask("eve", "/whoami"), "You are not paired yet.");
  EXPECT_TRUE(chain.silent(chain.send("eve", "/whoami")));
  EXPECT_TRUE(chain.silent(chain.send("eve", "/help")));
  EXPECT_EQ(chain.ask("mallory", "/whoami"), "You are not paired yet.") << "each has their own";
  EXPECT_THAT(chain.ask("owner", "/whoami"), HasSubstr("owner"));
}

// Words once kept of somebody who may not talk any more do not become other words.
TEST_F(StrangersTest, AnEditOfSomebodyBlockedBringsNoNewWords) {
  chain.askInGroup("owner", "/allow");
  const std::string said = chain.inGroup("eve", "bot good words");
  chain.awaitReply(said);
  chain.block("eve");
  const auto edited = chain.change(
      "edit",
      {{"messageId", chain.messageIdOf(said)}, {"user", "eve"}, {"group", "family"}, {"text", "canary evil words"}});
  EXPECT_TRUE(chain.silent(edited.at(0)));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE is_from_bot=0 AND content<>''"), "0");
  chain.askInGroup("owner", "bot what was said?");
  EXPECT_EQ(chain.talkOf(2).find("evil"), std::string::npos) << chain.talkOf(2);
}

}  // namespace
}  // namespace tsunagi::test
