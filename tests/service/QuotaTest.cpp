// LINE's monthly limit: told from a rate limit, believed only when the quota endpoints say it too, and then nothing is
// lost: the answers wait for the next token.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using nlohmann::json;
using testing::ElementsAre;

class QuotaTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["reply"]["slow"] = "push";
    chain.ini["reply"]["push_reserve"] = "0";
    tokens("1s");
    chain.start();
    chain.know("owner", Talk::Role::owner);
  }
  void tokens(const std::string& life) {
    chain.ini["reply"]["token_life"] = life;
    if (chain.folder.exists("bridge.ini")) chain.rewriteBridgeIni();
  }
  void quota(const json& limit, int used) {
    chain.control("POST", "/control/quota", {{"limit", limit}, {"used", used}});
  }
  void faults(const json& next) { chain.control("POST", "/control/faults", {{"next", next}}); }
  // The question's answer is there only when its token is dead; what became of it by then.
  json slowly(const std::string& text) {
    tokens("1s");
    chain.hold();
    const int number = chain.timesAsked() + 1;
    const std::string question = chain.send("ann", text);
    chain.asked(number);
    Talk::outlive(1s);
    chain.release();
    chain.awaitSettled();
    return chain.event(question).at("answers");
  }
  std::vector<std::string> inTime(const std::string& text) {
    tokens("60s");
    return chain.said(chain.send("ann", text));
  }
  std::string pushesBegun() { return chain.lookUp("SELECT count(*) FROM outbox WHERE method='push'"); }
  Talk chain;
};

TEST_F(QuotaTest, AConfirmedMonthlyLimitKeepsTheAnswersForTheNextToken) {
  EXPECT_EQ(slowly("one").size(), 1u);
  quota(1, 1);  // the bridge has just heard that there is no limit
  EXPECT_EQ(slowly("two").size(), 0u);
  EXPECT_EQ(pushesBegun(), "2");
  EXPECT_EQ(slowly("three").size(), 0u);
  EXPECT_EQ(pushesBegun(), "2") << "known until the month ends";
  chain.stopBridge();
  faults(json::array({{{"endpoint", "quota"}, {"action", "status"}, {"status", 500}, {"count", 50}}}));
  chain.startBridge();
  chain.pointAtBridge();
  EXPECT_EQ(slowly("four").size(), 0u);
  EXPECT_EQ(pushesBegun(), "2") << "also after a restart, when LINE does not tell";
  const std::string kept = "The answer to your earlier question:\n";
  EXPECT_THAT(inTime("five"), ElementsAre(kept + "two", "five"));
  EXPECT_THAT(inTime("six"), ElementsAre(kept + "three", "six"));
  EXPECT_THAT(inTime("seven"), ElementsAre(kept + "four", "seven"));
  EXPECT_THAT(inTime("eight"), ElementsAre("eight"));
  EXPECT_EQ(chain.summary().at("twice"), 0);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("failed"), 0);
}

TEST_F(QuotaTest, ALargerPlanIsNoticedWhenTheOwnerLooks) {
  quota(1, 1);
  EXPECT_EQ(slowly("one").size(), 0u);
  quota(200, 1);
  tokens("60s");
  EXPECT_THAT(chain.ask("owner", "/quota"), testing::StartsWith("LINE messages this month: 1 of 200\n"));
  EXPECT_EQ(slowly("two").size(), 1u);
}

TEST_F(QuotaTest, OwnerAndMetricsSeeTheMonthAndWhatWaits) {
  EXPECT_EQ(slowly("one").size(), 1u);
  quota(1, 1);
  EXPECT_EQ(slowly("two").size(), 0u);
  tokens("60s");
  EXPECT_EQ(chain.ask("owner", "/quota"),
            "LINE messages this month: 1 of 1\nOf these pushed by me: 2 of 100\nAnswers that wait for the next message "
            "in their chat: 1")
      << "what LINE refused counts against the budget";
  EXPECT_THAT(chain.ask("owner", "/status"), testing::HasSubstr("This month's LINE messages are used up."));
  const json status = chain.bridgeStatus();
  EXPECT_EQ(status.at("month").at("line"), (json{{"quota_used_up", true}, {"quota_left", 0}, {"pushed", 2}}));
  EXPECT_EQ(status.at("store").at("held_answers"), 1);
  const std::string metrics = chain.bridgeMetrics();
  for (const char* line : {"tsunagi_bridge_pushes_total 1\n", "tsunagi_bridge_pushed_recipients_total 1\n",
                           "tsunagi_bridge_held_total 1\n", "tsunagi_bridge_held_answers 1\n",
                           "tsunagi_bridge_month_pushed_recipients{channel=\"line\"} 2\n",
                           "tsunagi_bridge_month_quota_used_up{channel=\"line\"} 1\n",
                           "tsunagi_bridge_month_quota_left{channel=\"line\"} 0\n"})
    EXPECT_THAT(metrics, testing::HasSubstr(line));
  inTime("three");
  EXPECT_EQ(chain.bridgeStatus().at("store").at("held_answers"), 0);
}

TEST_F(QuotaTest, ARateLimitIsWaitedOut) {
  faults(json::array({{{"endpoint", "push"}, {"action", "status"}, {"status", 429}, {"count", 3}}}));
  EXPECT_EQ(slowly("one").size(), 1u);
  EXPECT_EQ(pushesBegun(), "1");
}

TEST_F(QuotaTest, AMonthlyLimitThatTheQuotaDoesNotConfirmIsWaitedOutToo) {
  quota(200, 3);
  faults(json::array({{{"endpoint", "push"}, {"action", "status"}, {"status", 429}, {"quota", true}, {"count", 2}}}));
  EXPECT_EQ(slowly("one").size(), 1u);
  EXPECT_EQ(slowly("two").size(), 1u) << "and it is forgotten";
}

TEST_F(QuotaTest, WithoutAnAnswerOfTheQuotaTheMonthlyLimitIsNotBelieved) {
  EXPECT_EQ(slowly("one").size(), 1u);
  quota(1, 1);
  faults(json::array({{{"endpoint", "quota"}, {"action", "status"}, {"status", 500}, {"count", 2}}}));
  EXPECT_EQ(slowly("two").size(), 0u);
  EXPECT_EQ(chain.lookUp("SELECT attempts FROM outbox WHERE method='push' ORDER BY id DESC LIMIT 1"), "3");
  EXPECT_THAT(inTime("three"), ElementsAre("The answer to your earlier question:\ntwo", "three"));
}

}  // namespace
}  // namespace tsunagi::test
