// slow = push, late = push: an answer that comes too late for its token is pushed, once, whatever LINE does and
// whenever the bridge is killed.
#include "tests/service/Talk.h"

namespace tsunagi::test {
namespace {

using namespace std::chrono_literals;

using nlohmann::json;
using testing::HasSubstr;

class PushTest : public testing::Test {
 protected:
  void SetUp() override {
    chain.ini["reply"]["slow"] = "push";
    chain.ini["reply"]["token_life"] = "1s";
  }
  // Asks, and lets the answer come only when the question's token is dead.
  std::string slowly(const std::string& event) {
    chain.asked(++_asked);
    Talk::outlive(1s);
    chain.release();
    return event;
  }
  std::string ask(const std::string& user, const std::string& text) {
    chain.hold();
    return slowly(chain.send(user, text));
  }
  json answers(const std::string& event) { return chain.event(event).at("answers"); }
  void fault(const json& fault, int count = 1) {
    json one = fault;
    one["endpoint"] = "push";
    one["count"] = count;
    chain.control("POST", "/control/faults", {{"next", json::array({one})}});
  }
  std::string outbox(const std::string& column) {
    return chain.lookUp("SELECT " + column + " FROM outbox ORDER BY id DESC LIMIT 1");
  }
  void awaitOutbox(const std::string& state) {
    ASSERT_TRUE(eventually([&] { return outbox("state") == state; })) << outbox("state");
  }
  Talk chain;
  int _asked = 0;
};

TEST_F(PushTest, ASlowAnswerIsPushedAndSaysWhatItIsAbout) {
  chain.start();
  const std::string question = ask("ann", "think hard");
  const json answer = chain.awaitReply(question).at("answers").at(0);  // the push quotes it
  EXPECT_EQ(answer.at("via"), "push");
  EXPECT_EQ(answer.at("texts"), json::array({"think hard"}));
  EXPECT_EQ(answer.at("recipients"), 1);
  chain.awaitSettled();
  EXPECT_EQ(outbox("line_request_id"), answer.at("requestId"));
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("pushes"), 1);
  chain.ini["reply"]["token_life"] = "60s";
  chain.rewriteBridgeIni();
  chain.happen({{"user", "ann"}, {"text", "and that?"}, {"quote", answer.at("messageIds").at(0)}});
  EXPECT_THAT(chain.asked(++_asked), HasSubstr("think hard")) << "LINE's ids of a push are known";
  EXPECT_EQ(chain.summary().at("pushes"), 1) << "what is in time costs nothing";
}

TEST_F(PushTest, APushToAGroupCostsItsMembersAndTheBudgetKnows) {
  chain.ini["access"]["prefixes"] = "bot";
  chain.ini["reply"]["push_budget_month"] = "16";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.change("groups", {{"group", "family"}, {"add", {"owner", "ann", "ben"}}});
  chain.askInGroup("owner", "/allow");
  const auto inGroup = [&](const std::string& text) {
    chain.hold();
    const std::string question = slowly(chain.inGroup("ann", "bot " + text));
    chain.awaitSettled();
    return answers(question).size();
  };
  EXPECT_EQ(inGroup("one"), 1u);
  EXPECT_EQ(inGroup("two"), 1u);
  EXPECT_EQ(inGroup("three"), 0u) << "6 of 16 are used, 10 are the reserve";
  EXPECT_EQ(chain.summary().at("pushRecipients"), 6);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("pushed_recipients"), 6);
}

TEST_F(PushTest, WhatCameWhileTheBridgeWasAwayIsAnsweredByPush) {
  chain.ini["reply"]["slow"] = "button";
  chain.ini["reply"]["late"] = "push";
  chain.startAll();
  chain.stopBridge();
  const std::string first = chain.send("ann", "are you there?");
  chain.awaitAccepted(first);
  Talk::outlive(1s);
  chain.startBridge();
  const json answer = chain.awaitReply(first).at("answers").at(0);
  EXPECT_EQ(answer.at("via"), "push");
  EXPECT_EQ(answer.at("texts"), json::array({"are you there?"}));
}

TEST_F(PushTest, KilledBetweenSendingAndCommitItIsInTheChatOnce) {
  chain.start();
  for (const char* when : {"before", "after"}) {
    fault({{"action", "hold"}, {"when", when}});
    const std::string question = ask("ann", std::string("killed ") + when + " the effect");
    awaitOutbox("sending");
    const std::string key = outbox("retry_key");
    ASSERT_TRUE(eventually([&] { return std::string(when) == "before" || answers(question).size() == 1; }));
    chain.killBridge();
    chain.control("POST", "/control/faults", {{"clear", true}});
    chain.startBridge();
    chain.pointAtBridge();
    awaitOutbox("sent");
    EXPECT_EQ(outbox("retry_key"), key);
    EXPECT_EQ(chain.awaitReply(question).at("answers").size(), 1u) << when;
  }
  EXPECT_EQ(chain.summary().at("twice"), 0);
  EXPECT_EQ(chain.timesAsked(), 2);
}

TEST_F(PushTest, KilledBeforeItsFirstCallItGoesOut) {
  chain.start();
  chain.hold();
  const std::string question = chain.send("ann", "think hard");
  chain.asked(++_asked);
  chain.killBridge();
  chain.release();
  Talk::outlive(1s);
  chain.startBridge();
  chain.pointAtBridge();
  EXPECT_EQ(chain.awaitReply(question).at("answers").at(0).at("via"), "push") << "asked again, and slow again";
}

TEST_F(PushTest, WhateverLineDoesItIsInTheChatOnce) {
  chain.start();
  for (const json& trouble :
       {json{{"action", "status"}, {"status", 500}, {"when", "before"}},
        json{{"action", "status"}, {"status", 500}, {"when", "after"}}, json{{"action", "reset"}, {"when", "before"}},
        json{{"action", "reset"}, {"when", "after"}}, json{{"action", "break"}, {"when", "after"}},
        json{{"action", "status"}, {"status", 429}, {"when", "before"}}}) {
    fault(trouble, 2);
    const std::string question = ask("ann", trouble.dump());
    chain.awaitSettled();
    EXPECT_EQ(answers(question).size(), 1u) << trouble;
    EXPECT_EQ(outbox("state"), "sent") << trouble;
    chain.control("POST", "/control/faults", {{"clear", true}});
  }
  EXPECT_EQ(chain.summary().at("twice"), 0);
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("unknown"), 0);
}

TEST_F(PushTest, WhatLineRefusesForGoodIsNotTriedAgain) {
  chain.start();
  fault({{"action", "status"}, {"status", 403}, {"when", "before"}});
  const std::string question = ask("ann", "not allowed");
  chain.awaitSettled();
  EXPECT_EQ(answers(question).size(), 0u);
  EXPECT_EQ(outbox("state||attempts"), "failed1");
  EXPECT_EQ(chain.bridgeStatus().at("counters").at("failed"), 1);
}

}  // namespace
}  // namespace tsunagi::test
