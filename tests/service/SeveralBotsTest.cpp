// Several bots on one bridge (J5, S12): the same people, and nothing else in common. Each answers by its own token, to
// those who are known to it, in the groups where it is allowed, with what was said to it, as its own sections say.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SeveralBotsTest : public testing::Test {
 protected:
  void start() {
    chain.startLinesim();
    home = chain.lineApi();
    shop = chain.startOtherLinesim("othersim", "U" + std::string(31, '0') + "9");
    for (const auto& [name, api, folder] : {std::tuple{"home", home, "linesim"}, std::tuple{"shop", shop, "othersim"}})
      chain.ini[std::string("line.") + name].merge(std::map<std::string, std::string>{
          {"channel_secret_file", chain.folder.file(std::string(folder) + "/channel-secret")},
          {"channel_access_token_file", chain.folder.file(std::string(folder) + "/access-token")},
          {"api_base", api},
          {"data_base", api}});
    chain.ini["direct"]["listen"] = "127.0.0.1:0";
    chain.startBridge();
    for (const auto& api : {home, shop}) {
      chain.turnTo(api);
      chain.pointAtBridge();
    }
  }
  // What follows happens there.
  Talk& at(const std::string& simulator) {
    chain.turnTo(simulator);
    return chain;
  }
  std::string code(const std::string& channel, const std::string& role) {
    const ProcessResult made = chain.bridgeCommand({"code", "--channel", channel, "--role", role, "--json"});
    EXPECT_EQ(made.status.code, 0) << made.error;
    return json::parse(made.output).at("code");
  }
  Talk chain;
  std::string home, shop;
};

TEST_F(SeveralBotsTest, EachAnswersByItsOwnToken) {
  start();
  EXPECT_EQ(at(home).ask("ann", "at home"), "at home");
  EXPECT_EQ(at(shop).ask("ann", "in the shop"), "in the shop");
  for (const auto& simulator : {home, shop}) {
    const json summary = at(simulator).summary();
    EXPECT_EQ(summary.at("events"), 1);
    EXPECT_EQ(summary.at("replies"), 1);
  }
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_users"), "1") << "one person";
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM channels"), "2");
}

TEST_F(SeveralBotsTest, WhoIsKnownToOneIsAStrangerToTheOther) {
  chain.ini["access"]["users"] = "paired";
  start();
  const std::string ofHome = code("home", "owner");
  EXPECT_EQ(at(shop).ask("ann", ofHome), "That code is wrong or has expired. Please check it and send it again.");
  EXPECT_THAT(at(home).ask("ann", ofHome), HasSubstr("(owner)"));
  EXPECT_EQ(at(home).ask("ann", "hello"), "hello");
  EXPECT_THAT(at(shop).ask("ann", "hello"), HasSubstr("There is no owner yet"));
  at(shop).ask("ann", code("shop", "guest"));
  EXPECT_EQ(at(shop).ask("ann", "/quota"), "Only the owner can do that.");
  EXPECT_THAT(at(home).ask("ann", "/quota"), HasSubstr("LINE messages this month"));
}

TEST_F(SeveralBotsTest, EachRemembersWhatWasSaidToIt) {
  start();
  at(home).ask("ann", "my cat is called Tama");
  at(shop).ask("ann", "what is my cat called?");
  EXPECT_EQ(chain.talkOf(2), "user: what is my cat called?\n");
  at(shop).ask("ann", "/forget");
  at(home).ask("ann", "and now?");
  EXPECT_THAT(chain.talkOf(3), HasSubstr("Tama"));
}

TEST_F(SeveralBotsTest, FriendshipIsWithOneOfThem) {
  start();
  at(home).ask("ann", "hello");
  at(shop).ask("ann", "hello");
  const auto ended = at(shop).change("users", {{"user", "ann"}, {"blocked", true}});
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_TRUE(chain.silent(ended[0]));
  const auto friendOf = [&](const std::string& channel) {
    return chain.lookUp(
        "SELECT coalesce(is_friend,-1) FROM channel_users JOIN channels ON channels.id=channel_id "
        "WHERE name='" +
        channel + "'");
  };
  EXPECT_EQ(friendOf("line.shop"), "0");
  EXPECT_NE(friendOf("line.home"), "0");
}

TEST_F(SeveralBotsTest, AGroupIsAllowedToOneOfThem) {
  chain.ini["access"]["prefixes"] = "bot";
  start();
  at(home).ask("ann", "/pair " + code("home", "owner"));
  EXPECT_THAT(at(home).askInGroup("ann", "/allow"), HasSubstr("I may answer in this group now"));
  EXPECT_THAT(at(home).askInGroup("ben", "bot hello"), HasSubstr("hello"));
  EXPECT_TRUE(at(shop).silent(at(shop).inGroup("ben", "bot hello")));
  EXPECT_TRUE(at(shop).silent(at(shop).inGroup("ann", "/allow"))) << "its owner is nobody there";
}

TEST_F(SeveralBotsTest, ItsSectionsSayWhoAnswersWhomAndHow) {
  std::filesystem::create_directory(chain.folder.file("clerk"));
  chain.ini["responder.clerk"] = {{"plugin", "witness"}, {"folder", chain.folder.file("clerk")}};
  chain.ini["access"]["users"] = "paired";
  chain.ini["reply"]["prompt"] = "You are the family's bot.";
  chain.ini["line.shop"]["responder"] = "clerk";
  chain.ini["access.shop"]["users"] = "everyone";
  chain.ini["reply.shop"]["prompt"] = "You sell bicycles.";
  start();
  at(home).ask("ann", code("home", "member"));
  EXPECT_EQ(at(home).ask("ann", "hello"), "hello");
  EXPECT_THAT(chain.asked(1), HasSubstr("the family's bot"));
  EXPECT_EQ(at(shop).ask("ben", "a bell, please"), "a bell, please") << "everyone may";
  EXPECT_THAT(chain.folder.read("clerk/asked-1"), AllOf(HasSubstr("You sell bicycles."), Not(HasSubstr("family"))));
  EXPECT_THAT(at(home).ask("ben", "hello"), HasSubstr("There is no owner yet"));
  EXPECT_EQ(chain.timesAsked(), 1);

  chain.ini["access.shop"]["users"] = "paired";
  chain.ini["line.shop"].erase("responder");
  chain.rewriteBridgeIni();
  EXPECT_THAT(at(shop).ask("ben", "and a lamp"), HasSubstr("There is no owner yet")) << "an edit counts at once";
  at(shop).ask("ben", code("shop", "member"));
  EXPECT_EQ(at(shop).ask("ben", "and a lamp"), "and a lamp");
  EXPECT_THAT(chain.asked(2), HasSubstr("You sell bicycles.")) << "the common responder, its own prompt";
}

TEST_F(SeveralBotsTest, ADaysBudgetIsOfOneOrOfAllTogether) {
  chain.ini["access"]["calls_day"] = "3";
  chain.ini["access.shop"]["calls_day"] = "1";
  start();
  EXPECT_EQ(at(shop).ask("ann", "one"), "one");
  EXPECT_THAT(at(shop).ask("ben", "two"), HasSubstr("Today's allowance is used up"));
  EXPECT_EQ(at(home).ask("ann", "two"), "two");
  EXPECT_EQ(at(home).ask("ann", "three"), "three");
  EXPECT_THAT(at(home).ask("ann", "four"), HasSubstr("Today's allowance is used up"));
}

TEST_F(SeveralBotsTest, ASectionOfABotThatIsNotThereIsAnError) {
  chain.ini["access.shopp"]["users"] = "everyone";
  chain.ini["reply.shop"]["token_life"] = "30s";
  chain.ini["line.shop"]["channel_secret"] = "x";
  chain.ini["line.shop"]["responder"] = "nobody";
  const ProcessResult checked = chain.bridgeCommand({"--check"});
  EXPECT_NE(checked.status.code, 0);
  EXPECT_THAT(checked.output + checked.error,
              AllOf(HasSubstr("[access.shopp] belongs to [line.shopp], which is not there"),
                    HasSubstr("[reply.shop] token_life: is the same for all channels; set it in [reply]"),
                    HasSubstr("[line.shop] responder: there is no section [responder.nobody]")));
}

}  // namespace
}  // namespace tsunagi::test
