// Too many messages, or a day's allowance used up: said once, then silence; others are not affected.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using testing::HasSubstr;

TEST(LimitsTest, APersonsRateIsToldOnce) {
  Talk chain;
  chain.ini["access"]["rate_user"] = "2";
  chain.start();
  EXPECT_EQ(chain.ask("ann", "one"), "one");
  EXPECT_EQ(chain.ask("ann", "two"), "two");
  EXPECT_EQ(chain.ask("ann", "three"), "That was a lot of messages. Please wait a little before the next one.");
  EXPECT_TRUE(chain.silent(chain.send("ann", "four")));
  EXPECT_EQ(chain.ask("ben", "mine"), "mine");
  EXPECT_EQ(chain.ask("ann", "/whoami"), "You are not paired yet.") << "commands are answered";
  EXPECT_EQ(chain.timesAsked(), 3);
}

TEST(LimitsTest, APersonsDayIsToldOnceAndOutlivesARestart) {
  Talk chain;
  chain.ini["access"]["calls_user_day"] = "1";
  chain.start();
  EXPECT_EQ(chain.ask("ann", "one"), "one");
  EXPECT_EQ(chain.ask("ann", "two"), "Today's allowance is used up. Please try again tomorrow.");
  chain.stopBridge();
  chain.startBridge();
  chain.pointAtBridge();
  EXPECT_TRUE(chain.silent(chain.send("ann", "three")));
  EXPECT_EQ(chain.ask("ben", "mine"), "mine");
}

TEST(LimitsTest, AGroupsRateIsOfAllInIt) {
  Talk chain;
  chain.ini["access"]["prefixes"] = "bot";
  chain.ini["access"]["rate_group"] = "2";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  EXPECT_THAT(chain.askInGroup("ann", "bot one"), HasSubstr("one"));
  EXPECT_THAT(chain.askInGroup("ben", "bot two"), HasSubstr("two"));
  EXPECT_THAT(chain.askInGroup("ann", "bot three"), HasSubstr("That was a lot of messages"));
  EXPECT_TRUE(chain.silent(chain.inGroup("ben", "bot four")));
  EXPECT_EQ(chain.ask("ann", "alone"), "alone");
}

TEST(LimitsTest, EverybodysDayIsOneForAll) {
  Talk chain;
  chain.ini["access"]["calls_day"] = "1";
  chain.start();
  EXPECT_EQ(chain.ask("ann", "one"), "one");
  EXPECT_EQ(chain.ask("ben", "two"), "Today's allowance is used up. Please try again tomorrow.");
}

}  // namespace
}  // namespace tsunagi::test
