#include "line/MessageJson.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "line/MessagingApi.h"
#include "line/TextLimits.h"
#include "tests/unit/line/Repeat.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;

TEST(MessagesJson, ByteForByte) {
  EXPECT_EQ(textMessagesJson({"a", "b"}), R"([{"text":"a","type":"text"},{"text":"b","type":"text"}])");
  MessageExtras extras;
  extras.quoteToken = "q";
  extras.quickReplies = {{"Yes", "id1", "yes!"}, {"No", "", "no"}};
  EXPECT_EQ(textMessagesJson({"a", "b"}, extras),
            R"([{"quoteToken":"q","text":"a","type":"text"},{"quickReply":{"items":[)"
            R"({"action":{"data":"id1","displayText":"yes!","label":"Yes","type":"postback"},"type":"action"},)"
            R"({"action":{"label":"No","text":"no","type":"message"},"type":"action"}]},"text":"b","type":"text"}])");
  OutgoingMessage asking;
  asking.buttons = ButtonsTemplate{"Still thinking", "", {{"Get it", "id2", ""}}};
  EXPECT_EQ(messagesJson({asking}),
            R"([{"altText":"Still thinking","template":{"actions":[{"data":"id2","label":"Get it","type":"postback"}],)"
            R"("text":"Still thinking","type":"buttons"},"type":"template"}])");
}

TEST(MessagesJson, IsValidJsonWhateverTheText) {
  const json messages = json::parse(textMessagesJson({"a\"\n", "\xFF", "🤨"}));
  EXPECT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0]["text"], "a\"\n");
  EXPECT_EQ(messages[1]["text"], "\xEF\xBF\xBD");
  EXPECT_EQ(json::parse(replyBody("t\"", "[]"))["replyToken"], "t\"");
}

TEST(MessagesJson, EverythingIsCutToLinesLimits) {
  OutgoingMessage message;
  message.buttons = ButtonsTemplate{repeat("👍🏽", 161), repeat("あ", 1501), {}};
  for (int i = 0; i < 6; ++i)
    message.buttons->buttons.push_back({repeat("が", 21), repeat("d", 300), repeat("t", 301)});
  const json button = json::parse(messagesJson({message}))[0];
  EXPECT_EQ(utf16Length(button["altText"].get<std::string>()), 1500U);
  EXPECT_EQ(button["template"]["text"], repeat("👍🏽", 159) + "…");
  ASSERT_EQ(button["template"]["actions"].size(), 4U);
  const json action = button["template"]["actions"][0];
  EXPECT_EQ(action["label"], repeat("が", 19) + "…");
  EXPECT_EQ(action["data"], repeat("d", 300));
  EXPECT_EQ(action["displayText"], repeat("t", 299) + "…");

  const json text = json::parse(textMessagesJson({repeat("🤨", 2501)}))[0];
  EXPECT_EQ(text["text"], repeat("🤨", 2499) + "…");
  MessageExtras extras;
  extras.quickReplies.assign(20, {"l", "d", ""});
  EXPECT_EQ(json::parse(textMessagesJson({"a"}, extras))[0]["quickReply"]["items"].size(), 13U);
  EXPECT_EQ(json::parse(textMessagesJson(std::vector<std::string>(7, "x"))).size(), 5U);
}

TEST(MessagesJson, WhatLineWouldRefuseIsLeftOut) {
  OutgoingMessage message;
  message.buttons = ButtonsTemplate{
      "text", "alt", {{"", "d", ""}, {"too long", repeat("d", 301), ""}, {"nothing", "", ""}, {"good", "d", ""}}};
  EXPECT_EQ(json::parse(messagesJson({message}))[0]["template"]["actions"].size(), 1U);
  message.buttons->buttons.pop_back();
  EXPECT_EQ(messagesJson({message}), R"([{"text":"text","type":"text"}])") << "no button left: a text";
  EXPECT_EQ(textMessagesJson({"", "a", ""}), R"([{"text":"a","type":"text"}])");
  EXPECT_EQ(textMessagesJson({""}), "[]");
  EXPECT_EQ(textMessagesJson({}), "[]");
}

TEST(MessagesJson, OnlyATextCanQuote) {
  MessageExtras extras;
  extras.quoteToken = "q";
  OutgoingMessage message;
  message.buttons = ButtonsTemplate{"t", "", {{"l", "d", ""}}};
  const json messages = json::parse(messagesJson({message, {"text"}}, extras));
  EXPECT_FALSE(messages[0].contains("quoteToken"));
  EXPECT_FALSE(messages[1].contains("quoteToken"));
}

}  // namespace
}  // namespace tsunagi::line
