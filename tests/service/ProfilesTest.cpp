// Names are asked of LINE by the endpoint of the place, only of people who may talk, and nothing waits for them.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::HasSubstr;

class ProfilesTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["access"]["prefixes"] = "bot";
    chain.start();
    chain.know("owner", Talk::Role::owner);
    chain.change("groups", {{"group", "family"}, {"title", "Family"}, {"add", {"owner", "ann"}}, {"quiet", true}});
    chain.change("users", {{"user", "ann"}, {"displayName", "Ann Lee"}, {"quiet", true}});
  }
  // From now on every question for that fails.
  void spoil(const std::string& endpoint) {
    chain.control("POST", "/control/faults", {{"rate", {{"endpoint", endpoint}, {"status", 500}, {"percent", 100}}}});
  }
  std::string nameOf(const std::string& user) {
    return chain.lookUp("SELECT display_name FROM line_users WHERE line_user_id='" + chain.lineId(user) + "'");
  }
  Talk chain;
};

TEST_F(ProfilesTest, InAGroupByTheMembersEndpoint) {
  chain.askInGroup("owner", "/allow");
  spoil("profile");
  EXPECT_THAT(chain.askInGroup("ann", "bot hello"), HasSubstr("Ann Lee"));
  EXPECT_EQ(chain.lookUp("SELECT name||' '||member_count FROM line_groups"), "Family 2");
}

TEST_F(ProfilesTest, AloneByTheProfileEndpoint) {
  spoil("member");
  chain.ask("ann", "hello");
  EXPECT_EQ(nameOf("ann"), "Ann Lee");
}

TEST_F(ProfilesTest, WhoMayNotTalkIsNotAskedAbout) {
  chain.ini["access"]["users"] = "paired";
  chain.rewriteBridgeIni();
  EXPECT_THAT(chain.ask("ann", "hello"), HasSubstr("This account is for invited people"));
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "bot hello"))) << "not allowed yet";
  EXPECT_EQ(nameOf("ann"), "");
  EXPECT_EQ(chain.lookUp("SELECT name FROM line_groups"), "");
}

TEST_F(ProfilesTest, AFailureHarmsNothing) {
  spoil("profile");
  EXPECT_EQ(chain.ask("ann", "hello"), "hello");
  EXPECT_EQ(nameOf("ann"), "");
  chain.askInGroup("owner", "/allow");
  for (const char* endpoint : {"member", "summary", "count"}) spoil(endpoint);
  EXPECT_THAT(chain.askInGroup("ann", "bot hello"), HasSubstr("hello"));
}

}  // namespace
}  // namespace tsunagi::test
