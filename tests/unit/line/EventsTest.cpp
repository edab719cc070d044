#include "line/Events.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tsunagi::line {
namespace {

std::string webhookWith(const std::string& event) { return R"({"destination":"Ubot","events":[)" + event + "]}"; }

Event onlyEvent(const std::string& event) {
  auto webhook = parseWebhook(webhookWith(event));
  EXPECT_TRUE(webhook.ok());
  EXPECT_EQ(webhook->events.size(), 1U);
  return webhook->events.at(0);
}

TEST(ParseWebhook, ReadsATextMessageInFull) {
  const Event event = onlyEvent(R"({"type":"message","mode":"active","timestamp":1625665242211,
    "webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","deliveryContext":{"isRedelivery":true},"replyToken":"tok",
    "source":{"type":"group","groupId":"C1","userId":"U1"},
    "message":{"id":"444573844083572737","type":"text","text":"@All hi","quoteToken":"q","quotedMessageId":"7",
      "markAsReadToken":"m","mention":{"mentionees":[{"index":0,"length":4,"type":"all"},
      {"index":5,"length":2,"type":"user","userId":"Ubot","isSelf":true}]}}})");
  EXPECT_EQ(event.type, "message");
  EXPECT_EQ(event.mode, "active");
  EXPECT_EQ(event.timestampMs, 1625665242211);
  EXPECT_EQ(event.webhookEventId, "01FZ74A0TDDPYRVKNK77XKC3ZR");
  EXPECT_TRUE(event.isRedelivery);
  EXPECT_EQ(event.replyToken, "tok");
  EXPECT_EQ(event.source.kind, EventSource::Kind::Group);
  EXPECT_EQ(event.source.userId, "U1");
  EXPECT_EQ(event.conversation(), "C1");
  ASSERT_TRUE(event.message);
  EXPECT_EQ(event.message->id, "444573844083572737");
  EXPECT_EQ(event.message->text, "@All hi");
  EXPECT_EQ(event.message->quoteToken, "q");
  EXPECT_EQ(event.message->quotedMessageId, "7");
  EXPECT_EQ(event.message->markAsReadToken, "m");
  ASSERT_EQ(event.message->mentionees.size(), 2U);
  EXPECT_EQ(event.message->mentionees[0].type, "all");
  EXPECT_FALSE(event.message->mentionees[0].isSelf);
  EXPECT_EQ(event.message->mentionees[1].index, 5);
  EXPECT_TRUE(event.message->mentionees[1].isSelf);
}

TEST(ParseWebhook, TheVerifyButtonSendsNoEvents) {
  const auto webhook = parseWebhook(R"({"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]})");
  ASSERT_TRUE(webhook.ok());
  EXPECT_EQ(webhook->destination, "U8e742f61d673b39c7fff3cecb7536ef0");
  EXPECT_TRUE(webhook->events.empty());
  ASSERT_TRUE(parseWebhook("{}").ok());
}

TEST(ParseWebhook, KeepsUnknownTypesByNameAndItemsInPlace) {
  const auto webhook = parseWebhook(
      R"({"events":[{"type":"hologram","source":{"type":"planet","userId":"U1"},"new":{"a":[1]}},17,null,
          {"type":"message","message":{"type":"smell","id":"9"}}]})");
  ASSERT_TRUE(webhook.ok());
  ASSERT_EQ(webhook->events.size(), 4U);
  EXPECT_EQ(webhook->events[0].type, "hologram");
  EXPECT_EQ(webhook->events[0].source.kind, EventSource::Kind::None);
  EXPECT_EQ(webhook->events[0].conversation(), "");
  EXPECT_FALSE(webhook->events[0].message);
  EXPECT_EQ(webhook->events[1].type, "");
  EXPECT_EQ(webhook->events[1].json, "17");
  EXPECT_EQ(webhook->events[3].message->type, "smell");
}

TEST(ParseWebhook, FieldsOfAnotherTypeCountAsAbsent) {
  const Event event = onlyEvent(R"({"type":7,"mode":[],"timestamp":"soon","webhookEventId":{},"replyToken":1,
    "deliveryContext":{"isRedelivery":"yes"},"source":"U1","message":{"id":5,"text":[],"mention":{"mentionees":{}}},
    "postback":[1]})");
  EXPECT_EQ(event.type, "");
  EXPECT_EQ(event.timestampMs, 0);
  EXPECT_EQ(event.webhookEventId, "");
  EXPECT_EQ(event.replyToken, "");
  EXPECT_FALSE(event.isRedelivery);
  EXPECT_EQ(event.source.kind, EventSource::Kind::None);
  ASSERT_TRUE(event.message);
  EXPECT_EQ(event.message->id, "");
  EXPECT_EQ(event.message->text, "");
  EXPECT_FALSE(event.postback);
}

TEST(ParseWebhook, EscapedAndPlainEmojiReadTheSame) {
  const std::string face = "\xF0\x9F\xA4\xA8";
  EXPECT_EQ(onlyEvent(R"({"message":{"text":"\uD83E\uDD28"}})").message->text, face);
  EXPECT_EQ(onlyEvent(R"({"message":{"text":"\ud83e\udd28"}})").message->text, face);
  EXPECT_EQ(onlyEvent("{\"message\":{\"text\":\"" + face + "\"}}").message->text, face);
}

TEST(ParseWebhook, RepairsHalfSurrogatesAndBadBytes) {
  const std::string mark = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> cases[] = {
      {R"(\uD83Ex)", mark + "x"},
      {R"(\uDD28)", mark},
      {R"(\uD83E\uD83E\uDD28)", mark + "\xF0\x9F\xA4\xA8"},
      {R"(\uD83E\n)", mark + "\n"},
      {R"(\uD83E\\uDD28)", mark + "\\uDD28"},  // the second is a backslash and text
      {R"(\\uD83E)", "\\uD83E"},
      {"a\xFFz", "a" + mark + "z"},
      {"\xED\xA0\x80", mark + mark + mark},
      {"\xE3\x81", mark + mark}};
  for (const auto& [text, expected] : cases) {
    const Event event = onlyEvent("{\"message\":{\"text\":\"" + text + "\"}}");
    EXPECT_EQ(event.message->text, expected) << text;
    const auto again = parseEvent(event.json);
    ASSERT_TRUE(again.ok()) << text;
    EXPECT_EQ(again->message->text, expected);
  }
}

TEST(ParseWebhook, RefusesWhatIsNoWebhook) {
  for (const char* body : {"", "hello", "[]", "17", "{", R"({"events":)", R"({"events":[{]})", R"({"events":{}})",
                           R"({"events":"x"})", "{\"a\":\"\x01\"}", R"({"a":"\u12G4"})", "{} {}", "\"\\"})
    EXPECT_FALSE(parseWebhook(body).ok()) << body;
}

TEST(ParseWebhook, BoundsEventsAndDepth) {
  std::string body = R"({"events":[1)";
  for (size_t i = 1; i < WebhookLimits::MAX_EVENTS; ++i) body += ",1";
  EXPECT_TRUE(parseWebhook(body + "]}").ok());
  EXPECT_FALSE(parseWebhook(body + ",1]}").ok());

  const auto nested = [](size_t depth) {  // levels in all, the root's included
    return R"({"events":[],"x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(parseWebhook(nested(WebhookLimits::MAX_DEPTH)).ok());
  EXPECT_FALSE(parseWebhook(nested(WebhookLimits::MAX_DEPTH + 1)).ok());
  EXPECT_FALSE(parseWebhook(std::string(1'000'000, '[')).ok());
  EXPECT_TRUE(parseWebhook(R"({"x":")" + std::string(1000, '[') + R"("})").ok()) << "brackets in a string do not nest";
}

TEST(ParseWebhook, BoundsStrings) {
  const auto withId = [](size_t size) { return onlyEvent(R"({"webhookEventId":")" + std::string(size, 'a') + "\"}"); };
  EXPECT_EQ(withId(WebhookLimits::MAX_ID).webhookEventId.size(), WebhookLimits::MAX_ID);
  EXPECT_EQ(withId(WebhookLimits::MAX_ID + 1).webhookEventId, "");
  std::string wide;
  while (wide.size() <= WebhookLimits::MAX_TEXT) wide += "\xE3\x81\x82";
  const Event event = onlyEvent("{\"message\":{\"text\":\"" + wide + "\"}}");
  EXPECT_LE(event.message->text.size(), WebhookLimits::MAX_TEXT);
  EXPECT_EQ(event.message->text.size() % 3, 0U) << "cut on a character";
  EXPECT_GT(event.message->text.size(), WebhookLimits::MAX_TEXT - 3);
}

TEST(ParseWebhook, TimestampsAreWholeAndInRange) {
  EXPECT_EQ(onlyEvent(R"({"timestamp":1625665242211.5})").timestampMs, 0);
  EXPECT_EQ(onlyEvent(R"({"timestamp":18446744073709551615})").timestampMs, 0);
  EXPECT_EQ(onlyEvent(R"({"timestamp":99999999999999999999999})").timestampMs, 0);
  EXPECT_EQ(onlyEvent(R"({"timestamp":9223372036854775807})").timestampMs, INT64_MAX);
}

TEST(Conversation, IsTheRoomBeforeTheUserAndNeverAGuess) {
  EXPECT_EQ(onlyEvent(R"({"source":{"type":"user","userId":"U1"}})").conversation(), "U1");
  EXPECT_EQ(onlyEvent(R"({"source":{"type":"room","roomId":"R1","userId":"U1"}})").conversation(), "R1");
  EXPECT_EQ(onlyEvent(R"({"source":{"type":"group","userId":"U1"}})").conversation(), "");
  EXPECT_EQ(onlyEvent(R"({"type":"delivery"})").conversation(), "");
}

TEST(ParseEvent, ReadsBackWhatWasStored) {
  const Event first = onlyEvent(R"({"type":"postback","postback":{"data":"a=1"},"later":{"n":12345678901234567}})");
  const auto second = parseEvent(first.json);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->postback.value().data, "a=1");
  EXPECT_EQ(second->json, first.json);
  EXPECT_EQ(nlohmann::json::parse(second->json)["later"]["n"], 12345678901234567);
}

TEST(EventKinds, EveryDocumentedTypeHasOne) {
  const std::pair<const char*, EventKind> types[] = {{"message", EventKind::Message},
                                                     {"messageEdited", EventKind::MessageEdited},
                                                     {"unsend", EventKind::Unsend},
                                                     {"follow", EventKind::Follow},
                                                     {"unfollow", EventKind::Unfollow},
                                                     {"join", EventKind::Join},
                                                     {"leave", EventKind::Leave},
                                                     {"memberJoined", EventKind::MemberJoined},
                                                     {"memberLeft", EventKind::MemberLeft},
                                                     {"postback", EventKind::Postback},
                                                     {"videoPlayComplete", EventKind::VideoPlayComplete},
                                                     {"beacon", EventKind::Beacon},
                                                     {"accountLink", EventKind::AccountLink},
                                                     {"membership", EventKind::Membership},
                                                     {"delivery", EventKind::Delivery},
                                                     {"module", EventKind::Module},
                                                     {"activated", EventKind::Activated},
                                                     {"deactivated", EventKind::Deactivated},
                                                     {"botSuspended", EventKind::BotSuspended},
                                                     {"botResumed", EventKind::BotResumed},
                                                     {"things", EventKind::Things}};
  for (const auto& [name, kind] : types) {
    const Event event = onlyEvent("{\"type\":\"" + std::string(name) + "\"}");
    EXPECT_EQ(kindOf(event), kind) << name;
    EXPECT_EQ(kindName(kind), name);
  }
  for (const char* other : {R"({"type":"hologram"})", R"({"type":"Message"})", R"({"type":7})", "{}", "17"})
    EXPECT_EQ(kindOf(onlyEvent(other)), EventKind::Unknown) << other;
  EXPECT_EQ(kindName(EventKind::Unknown), "unknown");
}

TEST(EventKinds, StandbyIsWhateverIsNotActive) {
  EXPECT_FALSE(onlyEvent(R"({"mode":"active"})").isStandby());
  EXPECT_FALSE(onlyEvent("{}").isStandby());
  EXPECT_TRUE(onlyEvent(R"({"mode":"standby"})").isStandby());
  EXPECT_TRUE(onlyEvent(R"({"mode":"hibernate"})").isStandby()) << "a mode of the future: not ours to answer";
}

TEST(EventKinds, OldVerificationSamplesAreKnown) {
  EXPECT_TRUE(isVerificationSample(onlyEvent(R"({"replyToken":"00000000000000000000000000000000"})")));
  EXPECT_TRUE(isVerificationSample(onlyEvent(R"({"replyToken":"ffffffffffffffffffffffffffffffff"})")));
  EXPECT_TRUE(
      isVerificationSample(onlyEvent(R"({"source":{"type":"user","userId":"Udeadbeefdeadbeefdeadbeefdeadbeef"}})")));
  EXPECT_FALSE(isVerificationSample(onlyEvent(R"({"replyToken":"0000000000000000000000000000000f"})")));
  EXPECT_FALSE(isVerificationSample(onlyEvent("{}")));
}

TEST(EventDetails, AnEditedMessageIsReadAsAMessage) {
  const Event event = onlyEvent(R"({"type":"messageEdited","replyToken":"r2","source":{"type":"group","groupId":"C1",
    "userId":"U1"},"message":{"type":"text","id":"468","text":"new","quoteToken":"q2"}})");
  EXPECT_EQ(kindOf(event), EventKind::MessageEdited);
  EXPECT_EQ(event.message.value().id, "468");
  EXPECT_EQ(event.message->text, "new");
  EXPECT_EQ(event.message->markAsReadToken, "");
}

TEST(EventDetails, OfEveryOtherTypeAreRead) {
  EXPECT_EQ(onlyEvent(R"({"type":"unsend","unsend":{"messageId":"325708"}})").unsentMessageId, "325708");
  EXPECT_TRUE(onlyEvent(R"({"type":"follow","follow":{"isUnblocked":true}})").isUnblocked);
  EXPECT_FALSE(onlyEvent(R"({"type":"follow","follow":{"isUnblocked":"true"}})").isUnblocked);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(onlyEvent(R"({"type":"memberJoined","joined":{"members":[{"type":"user","userId":"U1"},{"type":"user"},7,
    {"type":"user","userId":"U2"}]}})")
                .memberIds,
            (Ids{"U1", "U2"}));
  EXPECT_EQ(onlyEvent(R"({"type":"memberLeft","left":{"members":[{"userId":"U3"}]}})").memberIds, Ids{"U3"});
  EXPECT_EQ(onlyEvent(R"({"type":"memberLeft","joined":{"members":[{"userId":"U3"}]}})").memberIds, Ids{});
  EXPECT_EQ(onlyEvent(R"({"type":"videoPlayComplete","videoPlayComplete":{"trackingId":"t"}})").trackingId, "t");
  EXPECT_EQ(onlyEvent(R"({"type":"delivery","delivery":{"data":"15034552"}})").deliveryData, "15034552");
  EXPECT_EQ(onlyEvent(R"({"type":"activated","chatControl":{"expireAt":1462629479859}})").chatControlUntilMs,
            1462629479859);

  const Event beacon = onlyEvent(R"({"type":"beacon","beacon":{"hwid":"d41d","type":"enter","dm":"0a"}})");
  EXPECT_EQ(beacon.beacon.value().hwid, "d41d");
  EXPECT_EQ(beacon.beacon->type, "enter");
  EXPECT_EQ(beacon.beacon->deviceMessage, "0a");

  const Event link = onlyEvent(R"({"type":"accountLink","link":{"result":"ok","nonce":"n0"}})");
  EXPECT_EQ(link.accountLink.value().result, "ok");
  EXPECT_EQ(link.accountLink->nonce, "n0");

  const Event membership = onlyEvent(R"({"type":"membership","membership":{"type":"renewed","membershipId":3189}})");
  EXPECT_EQ(membership.membership.value().type, "renewed");
  EXPECT_EQ(membership.membership->membershipId, 3189);

  const Event module = onlyEvent(
      R"({"type":"module","module":{"type":"attached","botId":"U5","scopes":["message:send",4,"chat"],"reason":"r"}})");
  EXPECT_EQ(module.module.value().type, "attached");
  EXPECT_EQ(module.module->botId, "U5");
  EXPECT_EQ(module.module->scopes, (Ids{"message:send", "chat"}));
  EXPECT_EQ(module.module->reason, "r");
}

TEST(EventDetails, APostbackHasDataAndParameters) {
  const Event event = onlyEvent(R"({"type":"postback","postback":{"data":"a=1&b=あ","params":{"status":"SUCCESS",
    "newRichMenuAliasId":"x","n":5}}})");
  EXPECT_EQ(event.postback.value().data, "a=1&b=あ");
  EXPECT_EQ(event.postback->params,
            (std::vector<std::pair<std::string, std::string>>{{"newRichMenuAliasId", "x"}, {"status", "SUCCESS"}}));
}

TEST(EventDetails, AreAbsentInOtherTypesAndForms) {
  const Event event = onlyEvent(R"({"type":"message","unsend":[],"follow":1,"joined":{"members":{}},"postback":null,
    "beacon":"x","link":[],"membership":7,"module":"m","chatControl":{"expireAt":"soon"},"message":null})");
  EXPECT_EQ(event.unsentMessageId, "");
  EXPECT_TRUE(event.memberIds.empty());
  EXPECT_FALSE(event.postback || event.beacon || event.accountLink || event.membership || event.module);
  EXPECT_FALSE(event.message);
  EXPECT_EQ(event.chatControlUntilMs, 0);
}

TEST(EventDetails, AreBounded) {
  std::string members = "{\"userId\":\"U1\"}";
  for (size_t i = 0; i < 600; ++i) members += ",{\"userId\":\"U1\"}";
  EXPECT_EQ(onlyEvent(R"({"type":"memberJoined","joined":{"members":[)" + members + "]}}").memberIds.size(),
            WebhookLimits::MAX_MEMBERS);
  std::string params = "\"p\":\"v\"";
  for (int i = 0; i < 30; ++i) params += ",\"p" + std::to_string(i) + "\":\"v\"";
  EXPECT_EQ(onlyEvent(R"({"postback":{"data":"d","params":{)" + params + "}}}").postback.value().params.size(),
            WebhookLimits::MAX_PARAMS);
}

TEST(IsLineId, ChecksLetterLengthAndDigits) {
  EXPECT_TRUE(isLineId("U0123456789abcdef0123456789abcdef"));
  EXPECT_TRUE(isLineId("C0123456789abcdef0123456789abcdef", "CR"));
  for (const char* id :
       {"", "U", "U0123456789abcdef0123456789abcde", "U0123456789abcdef0123456789abcdef0",
        "X0123456789abcdef0123456789abcdef", "U0123456789ABCDEF0123456789abcdef", "U0123456789abcdef0123456789abcd/."})
    EXPECT_FALSE(isLineId(id)) << id;
  EXPECT_FALSE(isLineId("U0123456789abcdef0123456789abcdef", "CR"));
}

TEST(IsMessageId, TakesUpTo32Digits) {
  EXPECT_TRUE(isMessageId("1"));
  EXPECT_TRUE(isMessageId("444573844083572737"));
  EXPECT_TRUE(isMessageId(std::string(32, '9')));
  for (const char* id : {"", "a", "1a", "-1", " 1", "1/2", "１"}) EXPECT_FALSE(isMessageId(id)) << id;
  EXPECT_FALSE(isMessageId(std::string(33, '9')));
}

}  // namespace
}  // namespace tsunagi::line
