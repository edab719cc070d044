// Each key of the conversation that can change while the bridge runs does so with the next message; a wrong value
// keeps the old one.
#include <csignal>

#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReloadKeysTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.start();
    chain.know("owner", Talk::Role::owner);
  }
  void set(const std::string& section, const std::string& key, const std::string& value) {
    chain.ini[section][key] = value;
    chain.rewriteBridgeIni();
  }
  Talk chain;
};

TEST_F(ReloadKeysTest, WhoMayTalk) {
  EXPECT_EQ(chain.ask("ann", "hello"), "hello");
  set("access", "users", "paired");
  EXPECT_THAT(chain.ask("ann", "hello"), HasSubstr("This account is for invited people"));
  set("access", "users", "everyone");
  EXPECT_EQ(chain.ask("ann", "hello again"), "hello again");
  set("responder.main", "min_role", "owner");
  EXPECT_EQ(chain.ask("ann", "and now"), "Only members and owners can do that.");
  EXPECT_EQ(chain.ask("owner", "and I"), "and I");
  set("responder.main", "min_role", "guest");
  set("access", "calls_day", "1");
  EXPECT_EQ(chain.ask("ann", "counted from now on"), "counted from now on");
  EXPECT_THAT(chain.ask("ann", "one more"), HasSubstr("Today's allowance is used up"));
  set("access", "calls_day", "0");
  set("access", "rate_user", "1");
  EXPECT_EQ(chain.ask("ben", "one"), "one");
  EXPECT_THAT(chain.ask("ben", "two"), HasSubstr("That was a lot of messages"));
}

TEST_F(ReloadKeysTest, HowGroupsAddressIt) {
  chain.askInGroup("owner", "/allow");
  EXPECT_TRUE(chain.silent(chain.inGroup("ann", "robot, hello")));
  set("access", "prefixes", "robot");
  EXPECT_THAT(chain.askInGroup("ann", "robot, hello"), HasSubstr("hello"));
  set("reply", "quote", "no");
  EXPECT_FALSE(chain.sent(chain.inGroup("ann", "robot, hello")).at(0).contains("quoteToken"));
  set("access", "mention", "off");
  EXPECT_THAT(chain.askInGroup("ann", "anything"), HasSubstr("anything"));
}

TEST_F(ReloadKeysTest, LanguagePromptAndMemory) {
  set("bridge", "language", "ja");
  EXPECT_THAT(chain.ask("ann", "/new"), Not(HasSubstr("topic")));
  set("bridge", "language", "en");
  EXPECT_THAT(chain.ask("ann", "/new"), HasSubstr("topic"));
  set("reply", "prompt", "Talk like a pirate at {time}.");
  set("bridge", "timezone", "Asia/Tokyo");
  chain.ask("ann", "one");
  EXPECT_THAT(chain.asked(1), AllOf(HasSubstr("Talk like a pirate at "), Not(HasSubstr("{time}"))));
  set("reply", "context", "200");
  chain.ask("ann", std::string(150, 'y'));
  chain.ask("ann", "three");
  EXPECT_EQ(chain.talkOf(3), "user: three\n") << "the long turn is over the budget";
  set("responder.main", "answer", "see https://example.com/a");
  EXPECT_EQ(chain.ask("ann", "links?"), "see https://example.com/a");
  set("reply", "links", "strip");
  EXPECT_THAT(chain.ask("ann", "links?"), Not(HasSubstr("https://")));
}

TEST_F(ReloadKeysTest, WhatMayBePushed) {
  using namespace std::chrono_literals;
  set("reply", "token_life", "1s");
  const auto slow = [&](const std::string& text) {
    chain.hold();
    const int number = chain.timesAsked() + 1;
    const std::string question = chain.send("ann", text);
    chain.asked(number);
    Talk::outlive(1s);
    chain.release();
    chain.awaitSettled();
    return chain.event(question).at("answered").get<bool>();
  };
  set("reply", "slow", "hold");
  EXPECT_FALSE(slow("one"));
  set("reply", "slow", "push");
  EXPECT_TRUE(slow("two"));
  set("reply", "push_per_user_day", "1");
  EXPECT_FALSE(slow("three"));
  set("reply", "push_per_user_day", "0");
  set("reply", "push_budget_month", "11");
  EXPECT_FALSE(slow("four")) << "10 of them are the reserve";
  set("reply", "push_reserve", "5");
  EXPECT_TRUE(slow("five"));
}

TEST_F(ReloadKeysTest, AWrongValueKeepsTheOldOne) {
  EXPECT_EQ(chain.ask("ann", "hello"), "hello");
  size_t complaints = 0;
  for (const auto& [section, key, wrong] :
       {std::tuple{"access", "users", "friends"}, std::tuple{"reply", "slow", "fast"},
        std::tuple{"reply", "late", "never"}, std::tuple{"reply", "push_budget_month", "-1"},
        std::tuple{"reply", "context", "many"}, std::tuple{"reply", "token_life", "soon"},
        std::tuple{"bridge", "timezone", "Mars/Olympus"}, std::tuple{"bridge", "language", "tlh"},
        std::tuple{"store", "keep_messages", "-1d"}, std::tuple{"access", "rate_user", "-5"},
        std::tuple{"responder.main", "min_role", "king"}}) {
    const auto good = chain.ini;
    set(section, key, wrong);
    chain.bridge().signal(SIGHUP);
    EXPECT_THAT(chain.bridge().waitForLine("bridge.ini:", ++complaints), HasSubstr(key));
    EXPECT_EQ(chain.ask("ann", "still here"), "still here") << key;
    chain.ini = good;
    chain.rewriteBridgeIni();
    EXPECT_EQ(chain.ask("ann", "and still"), "and still") << key;
  }
}

}  // namespace
}  // namespace tsunagi::test
