// Tokens, limits, the webhook's form and the fault plan: the parts the platform is made of.
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "line/Events.h"
#include "tools/linesim/Faults.h"
#include "tools/linesim/Identity.h"
#include "tools/linesim/MessageRules.h"
#include "tools/linesim/ReplyTokens.h"
#include "tools/linesim/RequestFields.h"
#include "tools/linesim/WebhookBody.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
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
  TextEvent event;
  event.webhookEventId = "01FZ74A0TDDPYRVKNK77XKC3ZR";
  event.messageId = "444573844083572737";
  event.quoteToken = "q";
  event.replyToken = "t";
  event.text = "日本 🤨 \"q\"\n";
  event.userId = userIdOf("alice");
  event.timestampMs = 1625665242211;
  const std::string body = webhookBody("Ubot", {event});
  EXPECT_EQ(body, R"({"destination":"Ubot","events":[{"type":"message","message":{"type":"text",)"
                  R"("id":"444573844083572737","quoteToken":"q","text":"日本 \uD83E\uDD28 \"q\"\n"},)"
                  R"("webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","deliveryContext":{"isRedelivery":false},)"
                  R"("timestamp":1625665242211,"source":{"type":"user","userId":")" +
                      event.userId + R"("},"replyToken":"t","mode":"active"}]})");
  const auto parsed = line::parseWebhook(body);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->events.at(0).message->text, event.text);
  event.groupId = groupIdOf("team");
  event.isRedelivery = true;
  const auto again = line::parseWebhook(webhookBody("Ubot", {event, event}));
  EXPECT_EQ(again->events.size(), 2U);
  EXPECT_TRUE(again->events.at(0).isRedelivery);
  EXPECT_EQ(again->events.at(0).conversation(), event.groupId);
}

TEST(Identity, GivesLineIdsThatDiffer) {
  EXPECT_TRUE(line::isLineId(userIdOf("alice"), "U"));
  EXPECT_TRUE(line::isLineId(groupIdOf("alice"), "C"));
  EXPECT_NE(userIdOf("alice").substr(1), groupIdOf("alice").substr(1));
  EXPECT_NE(userIdOf("alice"), userIdOf("bob"));
  EXPECT_EQ(userIdOf("alice"), userIdOf("alice"));
}

json requestWith(const json& messages) { return {{"messages", messages}}; }
json text(const std::string& content) { return {{"type", "text"}, {"text", content}}; }
std::string repeat(std::string_view part, size_t times) {
  std::string result;
  while (times-- > 0) result += part;
  return result;
}

TEST(CheckMessages, KnowsTheDocumentedLimits) {
  EXPECT_TRUE(checkMessages(requestWith(json::array({text("a")}))).empty());
  EXPECT_TRUE(checkMessages(requestWith(json::array({text("1"), text("2"), text("3"), text("4"), text("5")}))).empty());
  EXPECT_TRUE(checkMessages(requestWith(json::array({text(repeat("🤨", 2500))}))).empty());
  EXPECT_TRUE(checkMessages(requestWith(json::array({json{{"type", "flex"}, {"altText", "x"}}}))).empty());
}

TEST(CheckMessages, NamesThePropertyAtFault) {
  const auto property = [](const json& request) {
    const auto found = checkMessages(request);
    return found.empty() ? std::string("none") : found.front().property;
  };
  EXPECT_EQ(property(json::object()), "messages");
  EXPECT_EQ(property(requestWith("x")), "messages");
  EXPECT_EQ(property(requestWith(json::array())), "messages");
  EXPECT_EQ(property(requestWith(json::array({text("1"), text("2"), text("3"), text("4"), text("5"), text("6")}))),
            "messages");
  EXPECT_EQ(property(requestWith(json::array({text("")}))), "messages[0].text");
  EXPECT_EQ(property(requestWith(json::array({text("a"), text(repeat("🤨", 2500) + "b")}))), "messages[1].text");
  EXPECT_EQ(property(requestWith(json::array({json{{"type", "text"}, {"text", 5}}}))), "messages[0].text");
  EXPECT_EQ(property(requestWith(json::array({json{{"type", "telepathy"}}}))), "messages[0].type");
  EXPECT_EQ(property(requestWith(json::array({json{{"text", "a"}}}))), "messages[0].type");
  EXPECT_EQ(property(requestWith(json::array({17}))), "messages[0].type");
}

TEST(ErrorBody, LeavesOutEmptyDetails) {
  EXPECT_EQ(errorBody("Not found"), R"({"message":"Not found"})");
  const json body = json::parse(errorBody("1 error(s)", {{"messages", "May not be empty"}}));
  EXPECT_EQ(body["details"][0]["property"], "messages");
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
