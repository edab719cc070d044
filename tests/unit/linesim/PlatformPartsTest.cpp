// Tokens, limits, the webhook's form and the fault plan: the parts the platform is made of.
#include <gtest/gtest.h>

#include <algorithm>

#include "line/Events.h"
#include "tools/linesim/Faults.h"
#include "tools/linesim/Identity.h"
#include "tools/linesim/MessageRules.h"
#include "tools/linesim/ReplyTokens.h"
#include "tools/linesim/RequestFields.h"
#include "tools/linesim/WebhookBody.h"

namespace tsunagi::linesim {
namespace {

using State = ReplyTokens::State;

TEST(ReplyTokens, AreGoodOnceAndForAWhile) {
  ReplyTokens tokens(60'000);
  const std::string token = tokens.issue(7, 1'000);
  EXPECT_EQ(tokens.find(token, 61'000).state, State::Good);
  EXPECT_EQ(tokens.find(token, 61'000).event, 7U);
  EXPECT_EQ(tokens.find(token, 61'001).state, State::Expired);
  tokens.spend(token);
  EXPECT_EQ(tokens.find(token, 2'000).state, State::Spent);
  EXPECT_EQ(tokens.find("other", 2'000).state, State::Unknown);
}

TEST(ReplyTokens, ARedeliveryBeginsTheLifeAnewUnlessSpentOrOld) {
  ReplyTokens tokens(60'000);
  const std::string unspent = tokens.issue(1, 0);
  const std::string spent = tokens.issue(2, 0);
  tokens.spend(spent);
  tokens.renew(unspent, 300'000);
  tokens.renew(spent, 300'000);
  EXPECT_EQ(tokens.find(unspent, 360'000).state, State::Good);
  EXPECT_EQ(tokens.find(spent, 300'000).state, State::Spent);
  tokens.renew(unspent, ReplyTokens::RENEWABLE_MS + 1);
  EXPECT_EQ(tokens.find(unspent, ReplyTokens::RENEWABLE_MS + 1).state, State::Expired);
}

TEST(WebhookBody, IsWrittenAsLineWritesIt) {
  EventContent event;
  event.type = "message";
  event.payload =
      R"({"message":{"type":"text","id":"444573844083572737","quoteToken":"q","text":"日本 🤨 \"q\"\n"}})";
  event.webhookEventId = "01FZ74A0TDDPYRVKNK77XKC3ZR";
  event.source = R"({"type":"user","userId":")" + userIdOf("alice") + R"("})";
  event.replyToken = "t";
  event.timestampMs = 1625665242211;
  const std::string body = webhookBody("Ubot", {event});
  EXPECT_EQ(body, R"({"destination":"Ubot","events":[{"type":"message","message":{"type":"text",)"
                  R"("id":"444573844083572737","quoteToken":"q","text":"日本 \uD83E\uDD28 \"q\"\n"},)"
                  R"("webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","deliveryContext":{"isRedelivery":false},)"
                  R"("timestamp":1625665242211,"source":{"type":"user","userId":")" +
                      userIdOf("alice") + R"("},"replyToken":"t","mode":"active"}]})");
  const auto parsed = line::parseWebhook(body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->events.at(0).message->text, "日本 🤨 \"q\"\n");
  event.isRedelivery = true;
  event.isStandby = true;
  event.replyToken.clear();
  event.source.clear();
  const auto again = line::parseWebhook(webhookBody("Ubot", {event, event}));
  EXPECT_EQ(again->events.size(), 2U);
  EXPECT_TRUE(again->events.at(0).isRedelivery);
  EXPECT_EQ(again->events.at(0).mode, "standby");
  EXPECT_TRUE(again->events.at(0).replyToken.empty());
  EXPECT_EQ(again->events.at(0).source.kind, line::EventSource::Kind::None);
}

TEST(Identity, GivesLineIdsThatDiffer) {
  EXPECT_TRUE(line::isLineId(userIdOf("alice"), "U"));
  EXPECT_TRUE(line::isLineId(groupIdOf("alice"), "C"));
  EXPECT_TRUE(line::isLineId(roomIdOf("alice"), "R"));
  EXPECT_NE(userIdOf("alice").substr(1), groupIdOf("alice").substr(1));
  EXPECT_NE(userIdOf("alice"), userIdOf("bob"));
  EXPECT_EQ(userIdOf("alice"), userIdOf("alice"));
}

TEST(IsUuid, ChecksTheForm) {
  EXPECT_TRUE(isUuid("123e4567-e89b-12d3-a456-426614174000"));
  for (const char* bad : {"", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
                          "123e4567-e89b-12d3-a456-4266141740000"})
    EXPECT_FALSE(isUuid(bad)) << bad;
}

TEST(Faults, TheListComesFirstAndChanceRepeatsWithItsSeed) {
  Faults faults;
  EXPECT_FALSE(faults.take());
  Fault hold;
  hold.action = Fault::Action::Hold;
  ASSERT_TRUE(faults.addNext(hold, 2));
  ASSERT_TRUE(faults.addNext(Fault{}, 1));
  EXPECT_FALSE(faults.addNext(hold, Faults::MAX_LISTED));
  EXPECT_EQ(faults.take()->action, Fault::Action::Hold);
  EXPECT_EQ(faults.take()->action, Fault::Action::Hold);
  EXPECT_EQ(faults.take()->action, Fault::Action::Status);
  EXPECT_FALSE(faults.take());

  const auto drawn = [](uint64_t seed) {
    Faults some;
    some.setRate(Fault{}, 30, seed);
    std::string pattern;
    for (int i = 0; i < 1000; ++i) pattern += some.take() ? 'x' : '.';
    return pattern;
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  const std::string pattern = drawn(3);
  const auto hits = std::count(pattern.begin(), pattern.end(), 'x');
  EXPECT_GT(hits, 200);
  EXPECT_LT(hits, 400);
}

TEST(RequestFields, ReadsWaitsAndQueries) {
  EXPECT_EQ(parseWait("30s"), 30'000);
  EXPECT_EQ(parseWait("500ms"), 500);
  EXPECT_EQ(parseWait("2"), 2'000);
  for (const char* bad : {"", "s", "-1", "1h", "99999999999"}) EXPECT_FALSE(parseWait(bad)) << bad;
  EXPECT_EQ(queryValue("a=1&wait=3s", "wait"), "3s");
  EXPECT_EQ(queryValue("wait=&a=1", "wait"), "");
  EXPECT_FALSE(queryValue("await=1&wait", "wait"));
}

TEST(RequestFields, OnlyOurOwnPageAndJsonMayChange) {
  net::HttpRequest head;
  head.headers.add("Host", "127.0.0.1:8080");
  EXPECT_EQ(checkChangingCall(head)->status, 415);
  head.headers.add("Content-Type", "application/json; charset=utf-8");
  EXPECT_FALSE(checkChangingCall(head));
  head.headers.add("Origin", "http://127.0.0.1:8080");
  EXPECT_FALSE(checkChangingCall(head));
  for (const char* origin : {"http://127.0.0.1:8081", "http://localhost:8080", "null", "http://evil.example"}) {
    head.headers.set("Origin", origin);
    EXPECT_EQ(checkChangingCall(head)->status, 403) << origin;
  }
}

}  // namespace
}  // namespace tsunagi::linesim
