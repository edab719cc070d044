// In groups the bot is silent until somebody who may do so allows it, and then speaks only when it is spoken to.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A group "family" with an owner and a stranger in it; LINE calls the bot "Linesim".
class GroupsTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["access"]["users"] = "paired";
    chain.ini["access"]["prefixes"] = "hey bot, ボット";
    chain.start();
    chain.know("owner", Talk::Role::owner);
    bot = chain.control("GET", "/control/state").at("bot").at("displayName");
  }
  void allow() {
    chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann", "ben"}}, {"quiet", true}});
    ASSERT_THAT(chain.askInGroup("owner", "/allow"), HasSubstr("I may answer in this group now"));
  }
  std::string mention(const std::string& user, const std::string& text) {
    return chain.inGroup(user, "@" + bot + " " + text, {{"mentions", {"bot"}}});
  }

  Talk chain;
  std::string bot;
};

TEST_F(GroupsTest, AResponderThatIsDownIsSaidOnceAndThenSilence) {
  allow();
  chain.ini["responder.broken"] = {{"plugin", "echo"}, {"fail", "unavailable"}};
  chain.ini["bridge"]["responder"] = "broken";
  chain.rewriteBridgeIni();
  EXPECT_THAT(chain.awaitAnswer(mention("ann", "one")), HasSubstr("I am busy right now"));
  EXPECT_TRUE(chain.silent(mention("ben", "two")));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("apologies"), 1);
  chain.ini["bridge"]["responder"] = "main";
  chain.rewriteBridgeIni();
  EXPECT_THAT(chain.awaitAnswer(mention("ann", "three")), HasSubstr("three"));
  EXPECT_EQ(chain.talkOf(1).find("two"), std::string::npos) << "what could not be answered is not read again";
}

TEST_F(GroupsTest, ComingInItSaysWhoCanAllowItAndIsSilentUntilThen) {
  const auto joined = chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann"}}, {"bot", true}});
  ASSERT_EQ(joined.size(), 1u);
  EXPECT_EQ(chain.said(joined[0]).at(0),
            "Thanks for adding me. Once my owner sends /allow in this group, I can answer here.");
  EXPECT_TRUE(chain.silent(mention("ann", "are you there?")));
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "/allow"))) << "a stranger cannot allow it";
  EXPECT_TRUE(chain.silent(mention("owner", "and for me?")));
  allow();
  EXPECT_THAT(chain.awaitAnswer(mention("ann", "and now?")), HasSubstr("and now?"));
}

TEST_F(GroupsTest, OnlyTheOwnerAllows) {
  chain.know("ann", Talk::Role::member);
  chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann", "ben"}}, {"quiet", true}});
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "/allow")));
  allow();
  EXPECT_EQ(chain.askInGroup("owner", "/allow"), "This group is already allowed.");
  EXPECT_EQ(chain.askInGroup("ann", "/deny"), "Only the owner can do that.");
  EXPECT_EQ(chain.askInGroup("owner", "/deny"), "I will stay silent in this group.");
  EXPECT_TRUE(chain.silent(mention("owner", "still there?")));
}

TEST_F(GroupsTest, TheOwnerChoosesWhetherEveryoneMayTalkOrWhoIsPaired) {
  chain.know("mia", Talk::Role::member);
  chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann", "mia"}}, {"quiet", true}});
  EXPECT_EQ(chain.askInGroup("owner", "/allow paired"),
            "In this group I answer only people who are paired with me now.");
  EXPECT_TRUE(chain.silent(mention("ann", "and me?")));
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "/help")));
  EXPECT_THAT(chain.awaitAnswer(mention("mia", "and me?")), HasSubstr("and me?"));
  EXPECT_EQ(chain.askInGroup("owner", "/allow"), "This group is already allowed.");
  EXPECT_EQ(chain.askInGroup("mia", "/allow everyone"), "Only the owner can do that.");
  EXPECT_THAT(chain.askInGroup("owner", "/allow friends"), HasSubstr("/allow paired: only people"));
  EXPECT_EQ(chain.askInGroup("owner", "/allow everyone"), "I answer everyone in this group now.");
  EXPECT_THAT(chain.awaitAnswer(mention("ann", "and now?")), HasSubstr("and now?"));
  EXPECT_EQ(chain.askInGroup("owner", "/許可 登録者"),
            "In this group I answer only people who are paired with me now.");
  EXPECT_EQ(chain.askInGroup("owner", "/deny"), "I will stay silent in this group.");
  EXPECT_EQ(chain.askInGroup("owner", "/allow"), "In this group I answer only people who are paired with me now.")
      << "what was chosen stays";
}

// Paired only: everyone there counts as what they are, so an owner reaches the owner's responder.
TEST_F(GroupsTest, AmongPairedPeopleEachReachesWhatTheirRoleAllows) {
  chain.ini["responder.main"]["min_role"] = "owner";
  chain.rewriteBridgeIni();
  chain.know("mia", Talk::Role::member);
  chain.askInGroup("owner", "/allow paired");
  EXPECT_TRUE(chain.silent(mention("mia", "rm -rf?")));
  EXPECT_THAT(chain.askInGroup("owner", "/new for me"), HasSubstr("for me")) << "without what mia wrote";
  EXPECT_EQ(chain.timesAsked(), 1);
}

TEST_F(GroupsTest, AMentionAPrefixItsNameOrAQuoteAddressesItAndNothingElse) {
  allow();
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "lunch at twelve?")));
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "@ben lunch?", {{"mentions", {"ben"}}})));
  const std::string answered = mention("ann", "what is for lunch?");
  EXPECT_THAT(chain.awaitAnswer(answered), HasSubstr("what is for lunch?"));
  EXPECT_THAT(chain.askInGroup("ann", "hey bot, soup?"), HasSubstr("soup?"));
  EXPECT_THAT(chain.askInGroup("ann", "ボット、うどんは？"), HasSubstr("うどんは？"));
  EXPECT_THAT(chain.askInGroup("ann", "＠" + bot + " rice?"), HasSubstr("rice?")) << "typed by hand, full-width";
  EXPECT_THAT(chain.askInGroup("ben", "more of that", {{"quote", chain.sentId(answered)}}), HasSubstr("more of that"));
  EXPECT_TRUE(chain.silent(chain.inGroup("ben", "nice", {{"quote", chain.messageIdOf(answered)}})))
      << "quoting somebody else";
  EXPECT_EQ(chain.timesAsked(), 5);
  for (int n = 1; n <= 5; ++n) EXPECT_THAT(chain.talkOf(n), testing::Not(HasSubstr("lunch at twelve")));
}

TEST_F(GroupsTest, TheAnswerGoesToTheGroupAndQuotesTheQuestion) {
  allow();
  const std::string question = mention("ann", "who wins?");
  const json answer = chain.awaitReply(question).at("answers").at(0);
  EXPECT_EQ(answer.at("via"), "reply");
  EXPECT_EQ(answer.at("conversation"), chain.event(question).at("conversation"));
  const std::string quoteToken = chain.event(question).at("event").at("message").at("quoteToken");
  EXPECT_EQ(answer.at("messages").at(0).at("quoteToken"), quoteToken);
  EXPECT_EQ(chain.summary().at("pushes"), 0);
}

TEST_F(GroupsTest, WithoutTheNeedOfAMentionEveryTextIsForTheBot) {
  chain.ini["access"]["mention"] = "off";
  chain.rewriteBridgeIni();
  chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann"}}, {"quiet", true}});
  ASSERT_THAT(chain.askInGroup("owner", "/allow"), HasSubstr("I may answer in this group now"));
  EXPECT_THAT(chain.askInGroup("ann", "just talking"), HasSubstr("just talking"));
}

TEST_F(GroupsTest, WhoIsBlockedIsNotHeardAndWhoHasNoIdMayTalkButNotCommand) {
  allow();
  chain.block("ben");
  EXPECT_TRUE(chain.silent(mention("ben", "hello?")));
  EXPECT_TRUE(chain.silent(chain.inGroup("ben", "/help")));
  EXPECT_THAT(chain.awaitAnswer(chain.inGroup("ann", "@" + bot + " hi", {{"mentions", {"bot"}}, {"anonymous", true}})),
              HasSubstr("hi"));
  EXPECT_TRUE(chain.silent(chain.inGroup("owner", "/help", {{"anonymous", true}})));
}

TEST_F(GroupsTest, EverybodysWordsReachAtMostAMembersResponder) {
  chain.ini["responder.main"]["min_role"] = "owner";
  chain.rewriteBridgeIni();
  allow();
  EXPECT_TRUE(chain.silent(mention("ann", "rm -rf?")));
  EXPECT_TRUE(chain.silent(mention("owner", "even for me")));
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(GroupsTest, SpeakersAreNamedAndTheirWordsAreData) {
  allow();
  chain.awaitAnswer(mention("ann", "it is my birthday"));
  chain.awaitAnswer(mention("ben", "whose birthday?"));
  EXPECT_EQ(chain.talkOf(1), "user: {\"from\":\"ann\",\"text\":\"it is my birthday\"}\n");
  EXPECT_THAT(chain.talkOf(2), HasSubstr("user: {\"from\":\"ann\",\"text\":\"it is my birthday\"}\nassistant: "));
  EXPECT_THAT(chain.talkOf(2), HasSubstr("\nuser: {\"from\":\"ben\",\"text\":\"whose birthday?\"}\n"));
}

TEST_F(GroupsTest, LeavingAndComingBackKeepsWhatWasDecided) {
  allow();
  const auto left = chain.change("groups", {{"group", "family"}, {"bot", false}});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_TRUE(chain.silent(left[0]));
  EXPECT_EQ(chain.lookUp("SELECT is_active FROM line_groups"), "0");
  const auto back = chain.change("groups", {{"group", "family"}, {"bot", true}});
  EXPECT_EQ(chain.said(back.at(0)).at(0), "Hello everyone. Mention me with @ when you need me.");
  EXPECT_EQ(chain.lookUp("SELECT is_active FROM line_groups"), "1");
  EXPECT_THAT(chain.awaitAnswer(mention("ann", "welcome back")), HasSubstr("welcome back"));
}

TEST_F(GroupsTest, InStandbyNothingIsSaid) {
  allow();
  EXPECT_TRUE(chain.silent(
      chain.inGroup("ann", "@" + bot + " hi", {{"mentions", {"bot"}}, {"standby", true}, {"replyToken", true}})));
  EXPECT_EQ(chain.timesAsked(), 0);
}

TEST_F(GroupsTest, RoomsAreLikeGroups) {
  const json where{{"user", "owner"}, {"room", "kitchen"}};
  const auto inRoom = [&](json event) {
    event.update(where);
    return chain.happen(event);
  };
  EXPECT_TRUE(chain.silent(inRoom({{"text", "hey bot hello"}})));
  EXPECT_THAT(chain.awaitAnswer(inRoom({{"text", "/allow"}})), HasSubstr("I may answer"));
  EXPECT_THAT(chain.awaitAnswer(inRoom({{"text", "hey bot hello"}})), HasSubstr("hello"));
}

}  // namespace
}  // namespace tsunagi::test
