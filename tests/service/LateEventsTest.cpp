// Messages that waited until their reply token was dead (the box was off): nothing is asked or sent until the person
// writes again, and then once, with what was missed.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;
using testing::StartsWith;

class LateEventsTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(chain.summary().at("pushes"), 0); }

  // Sent while the bridge was off; when it is back it takes their tokens for dead, and no later ones.
  void missed(const std::vector<nlohmann::json>& events) {
    chain.stopBridge();
    std::string last;
    for (const auto& event : events) {
      last = chain.happen(event);
      chain.awaitAccepted(last);
    }
    Talk::outlive(2s);
    chain.ini["reply"]["token_life"] = "2s";
    chain.startBridge();
    chain.waitForLink();
    chain.awaitSettled();
    EXPECT_EQ(chain.bridgeStatus().at("counters").at("late"), events.size());
    chain.ini["reply"]["token_life"] = "60s";
    chain.rewriteBridgeIni();
  }
  std::string ask(const std::string& text) { return chain.ask("ann", text); }
  Talk chain;
};

TEST_F(LateEventsTest, TheNextMessageBringsUpWhatWasMissedOnce) {
  chain.startAll();
  missed({{{"user", "ann"}, {"text", "are you there?"}}, {{"user", "ann"}, {"text", "hello?"}}});
  EXPECT_EQ(chain.timesAsked(), 0);
  const std::string answer = ask("good morning");
  EXPECT_THAT(answer, StartsWith("I was offline for a while. This also answers what you wrote before (2).\n\n"));
  EXPECT_EQ(chain.timesAsked(), 1);
  EXPECT_THAT(chain.talkOf(1), StartsWith(R"(user: {"missed":{"text":"are you there?","minutesAgo":)"));
  EXPECT_THAT(chain.talkOf(1), HasSubstr(R"( | {"missed":{"text":"hello?","minutesAgo":)"));
  EXPECT_THAT(answer, testing::EndsWith("\ngood morning"));
  EXPECT_EQ(ask("and now"), "and now");
  EXPECT_THAT(chain.talkOf(2), HasSubstr("user: are you there? | hello? | good morning\n"));
}

TEST_F(LateEventsTest, AlsoWhenThePauseWasLongEnoughForANewTopic) {
  chain.ini["reply"]["idle_reset"] = "1s";
  chain.startAll();
  EXPECT_EQ(ask("yesterday's talk"), "yesterday's talk");
  missed({{{"user", "ann"}, {"text", "in the night"}}});
  ask("good morning");
  EXPECT_THAT(chain.talkOf(2), HasSubstr("in the night"));
  EXPECT_EQ(chain.talkOf(2).find("yesterday"), std::string::npos);
}

TEST_F(LateEventsTest, WithDropTheyAreNeverBroughtUp) {
  chain.ini["reply"]["late"] = "drop";
  chain.startAll();
  missed({{{"user", "ann"}, {"text", "are you there?"}}});
  EXPECT_EQ(ask("good morning"), "good morning");
  EXPECT_EQ(chain.talkOf(1), "user: good morning\n");
}

TEST_F(LateEventsTest, CommandsAndGroupsAreNotCaughtUpWith) {
  chain.ini["access"]["prefixes"] = "bot";
  chain.startAll();
  chain.know("ann", Talk::Role::owner);
  chain.askInGroup("ann", "/allow");
  missed({{{"user", "ann"}, {"text", "/pause"}}, {{"user", "ann"}, {"group", "family"}, {"text", "bot hello"}}});
  EXPECT_EQ(ask("good morning"), "good morning") << "not paused, nothing missed";
  EXPECT_EQ(chain.timesAsked(), 1);
}

}  // namespace
}  // namespace tsunagi::test
