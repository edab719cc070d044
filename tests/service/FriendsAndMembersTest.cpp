// Who befriends the bot, and who is in its groups: said once, kept, and never a reason for a message to everybody.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::HasSubstr;

class FriendsAndMembersTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["access"]["users"] = "paired";
    chain.start();
    chain.know("owner", Talk::Role::owner);
  }
  std::string friendship(const std::string& user) {
    return chain.lookUp(
        "SELECT coalesce(is_friend,'?') FROM channel_users c JOIN line_users u ON u.id=c.line_user_id WHERE "
        "u.line_user_id='" +
        chain.lineId(user) + "'");
  }
  Talk chain;
};

TEST_F(FriendsAndMembersTest, ANewFriendIsOfferedPairing) {
  const auto stranger = chain.change("users", {{"user", "ann"}, {"friend", true}});
  EXPECT_THAT(chain.said(stranger.at(0)).at(0), HasSubstr("This account is for invited people"));
  EXPECT_EQ(friendship("ann"), "1");
  EXPECT_TRUE(chain.silent(chain.send("ann", "hello"))) << "the offer was made already";
}

TEST_F(FriendsAndMembersTest, WhoBlocksAndComesBackIsStillPaired) {
  chain.know("ann", Talk::Role::member);
  const auto gone = chain.change("users", {{"user", "ann"}, {"blocked", true}});
  EXPECT_TRUE(chain.silent(gone.at(0)));
  EXPECT_EQ(friendship("ann"), "0");
  const auto back = chain.change("users", {{"user", "ann"}, {"blocked", false}});
  EXPECT_EQ(chain.said(back.at(0)).at(0), "Hello! Ask me anything. /help shows what I can do.");
  EXPECT_EQ(friendship("ann"), "1");
  EXPECT_EQ(chain.ask("ann", "/whoami"), "You are ann (member).");
}

TEST_F(FriendsAndMembersTest, MembersComeAndGoWithoutAWord) {
  chain.change("groups", {{"group", "family"}, {"add", {"owner"}}, {"quiet", true}});
  chain.askInGroup("owner", "/allow");
  const auto came = chain.change("groups", {{"group", "family"}, {"add", {"ann", "ben"}}});
  EXPECT_TRUE(chain.silent(came.at(0)));
  const std::string there = "SELECT count(*) FROM group_members WHERE left_at IS NULL";
  EXPECT_EQ(chain.lookUp(there), "2");
  const auto left = chain.change("groups", {{"group", "family"}, {"remove", {"ann"}}});
  EXPECT_TRUE(chain.silent(left.at(0)));
  EXPECT_EQ(chain.lookUp(there), "1");
}

}  // namespace
}  // namespace tsunagi::test
