// The documented limits of what a bot may send, and the property each refusal names.
#include "tools/linesim/MessageRules.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

json requestWith(const json& messages) { return {{"messages", messages}}; }
json text(const std::string& content) { return {{"type", "text"}, {"text", content}}; }
std::string repeat(std::string_view part, size_t times) {
  std::string result;
  while (times-- > 0) result += part;
  return result;
}
// The first property at fault; "" when all is well.
std::string fault(const json& request) {
  const auto found = checkMessages(request);
  return found.empty() ? std::string() : found.front().property;
}
std::string faultOf(const json& message) { return fault(requestWith(json::array({message}))); }
std::string faultOf(const char* message) { return faultOf(json::parse(message)); }

TEST(CheckMessages, TakesOneToFiveKnownObjects) {
  EXPECT_EQ(fault(requestWith(json::array({text("1"), text("2"), text("3"), text("4"), text("5")}))), "");
  EXPECT_EQ(fault(json::object()), "messages");
  EXPECT_EQ(fault(requestWith("x")), "messages");
  EXPECT_EQ(fault(requestWith(json::array())), "messages");
  EXPECT_EQ(fault(requestWith(json::array({text("1"), text("2"), text("3"), text("4"), text("5"), text("6")}))),
            "messages");
  EXPECT_EQ(faultOf(json{{"type", "telepathy"}}), "messages[0].type");
  EXPECT_EQ(faultOf(json{{"text", "a"}}), "messages[0].type");
  EXPECT_EQ(faultOf(json(17)), "messages[0].type");
}

TEST(CheckMessages, CountsTextInUtf16Units) {
  EXPECT_EQ(faultOf(text(repeat("🤨", 2500))), "");
  EXPECT_EQ(fault(requestWith(json::array({text("a"), text(repeat("🤨", 2500) + "b")}))), "messages[1].text");
  EXPECT_EQ(faultOf(text("")), "messages[0].text");
  EXPECT_EQ(faultOf(json{{"type", "text"}, {"text", 5}}), "messages[0].text");
  EXPECT_EQ(faultOf(json{{"type", "text"}}), "messages[0].text");
}

TEST(CheckMessages, RefusesMembersLineDoesNotKnow) {
  EXPECT_EQ(faultOf(R"({"type":"text","text":"a","parse_mode":"Markdown"})"), "messages[0].parse_mode");
  EXPECT_EQ(faultOf(R"({"type":"image","originalContentUrl":"https://a/b","previewImageUrl":"https://a/c","alt":"x"})"),
            "messages[0].alt");
}

TEST(CheckMessages, EmojisStandAtDollarSigns) {
  EXPECT_EQ(faultOf(R"({"type":"text","text":"🤨$","emojis":[{"index":2,"productId":"p","emojiId":"1"}]})"), "");
  EXPECT_EQ(faultOf(R"({"type":"text","text":"🤨$","emojis":[{"index":1,"productId":"p","emojiId":"1"}]})"),
            "messages[0].emojis[0].index");
  EXPECT_EQ(faultOf(R"({"type":"text","text":"$","emojis":[{"index":0,"productId":"p"}]})"),
            "messages[0].emojis[0].emojiId");
}

TEST(CheckMessages, PlaceholdersOfTextV2MustMatch) {
  EXPECT_EQ(
      faultOf(
          R"({"type":"textV2","text":"hi {a} {{x}}","substitution":{"a":{"type":"mention","mentionee":{"type":"all"}}}})"),
      "");
  EXPECT_EQ(faultOf(R"({"type":"textV2","text":"hi {b}"})"), "messages[0].text");
  EXPECT_EQ(faultOf(R"({"type":"textV2","text":"if (x) { return; }"})"), "messages[0].text");
  EXPECT_EQ(faultOf(R"({"type":"textV2","text":"}"})"), "messages[0].text");
  EXPECT_EQ(
      faultOf(R"({"type":"textV2","text":"{a}","substitution":{"a":{"type":"mention","mentionee":{"type":"user"}}}})"),
      "messages[0].substitution.a.mentionee.userId");
  EXPECT_EQ(faultOf(R"({"type":"textV2","text":"{a}","substitution":{"a":{"type":"x"}}})"),
            "messages[0].substitution.a.type");
}

TEST(CheckMessages, MediaAreHttpsWithAllTheirParts) {
  EXPECT_EQ(faultOf(R"({"type":"image","originalContentUrl":"https://a/b","previewImageUrl":"https://a/c"})"), "");
  EXPECT_EQ(faultOf(R"({"type":"image","originalContentUrl":"http://a/b","previewImageUrl":"https://a/c"})"),
            "messages[0].originalContentUrl");
  EXPECT_EQ(faultOf(R"({"type":"image","originalContentUrl":"https://a/日","previewImageUrl":"https://a/c"})"),
            "messages[0].originalContentUrl");
  EXPECT_EQ(faultOf(R"({"type":"image","originalContentUrl":"https://a/b"})"), "messages[0].previewImageUrl");
  EXPECT_EQ(faultOf(json{{"type", "audio"}, {"originalContentUrl", "https://a/" + repeat("x", 1990)}, {"duration", 1}}),
            "");
  EXPECT_EQ(faultOf(json{{"type", "audio"}, {"originalContentUrl", "https://a/" + repeat("x", 1991)}, {"duration", 1}}),
            "messages[0].originalContentUrl");
  EXPECT_EQ(faultOf(R"({"type":"audio","originalContentUrl":"https://a/b"})"), "messages[0].duration");
  EXPECT_EQ(faultOf(R"({"type":"location","title":"a","address":"b","latitude":1.5,"longitude":"2"})"),
            "messages[0].longitude");
}

json buttons(const std::string& words, const std::string& label, const std::string& data) {
  return {{"type", "template"},
          {"altText", "alt"},
          {"template",
           {{"type", "buttons"},
            {"text", words},
            {"actions", json::array({{{"type", "postback"}, {"label", label}, {"data", data}}})}}}};
}

TEST(CheckMessages, ButtonsCountSignsAndLimitData) {
  EXPECT_EQ(faultOf(buttons(repeat("👨‍👩‍👧", 160), repeat("👍🏽", 20), repeat("d", 300))), "");
  EXPECT_EQ(faultOf(buttons(repeat("a", 161), "ok", "d")), "messages[0].template.text");
  EXPECT_EQ(faultOf(buttons("t", repeat("a", 21), "d")), "messages[0].template.actions[0].label");
  EXPECT_EQ(faultOf(buttons("t", "ok", repeat("d", 301))), "messages[0].template.actions[0].data");
  json titled = buttons(repeat("a", 61), "ok", "d");
  titled["template"]["title"] = "Title";
  EXPECT_EQ(faultOf(titled), "messages[0].template.text");
  json many = buttons("t", "ok", "d");
  many["template"]["actions"] = json(5, many["template"]["actions"][0]);
  EXPECT_EQ(faultOf(many), "messages[0].template.actions");
  json alt = buttons("t", "ok", "d");
  alt["altText"] = repeat("a", 1501);
  EXPECT_EQ(faultOf(alt), "messages[0].altText");
  json noLabel = buttons("t", "ok", "d");
  noLabel["template"]["actions"][0].erase("label");
  EXPECT_EQ(faultOf(noLabel), "messages[0].template.actions[0].label");
}

TEST(CheckMessages, TheOtherTemplatesHaveTheirOwnLimits) {
  const json ok = {{"type", "message"}, {"label", "ok"}, {"text", "ok"}};
  const auto confirm = [&](size_t actions) {
    return json{{"type", "template"},
                {"altText", "a"},
                {"template", {{"type", "confirm"}, {"text", repeat("a", 240)}, {"actions", json(actions, ok)}}}};
  };
  EXPECT_EQ(faultOf(confirm(2)), "");
  EXPECT_EQ(faultOf(confirm(1)), "messages[0].template.actions");
  const auto carousel = [&](size_t columns, size_t length) {
    const json column = {{"text", repeat("a", length)}, {"actions", json(3, ok)}};
    return json{{"type", "template"},
                {"altText", "a"},
                {"template", {{"type", "carousel"}, {"columns", json(columns, column)}}}};
  };
  EXPECT_EQ(faultOf(carousel(10, 120)), "");
  EXPECT_EQ(faultOf(carousel(11, 120)), "messages[0].template.columns");
  EXPECT_EQ(faultOf(carousel(1, 121)), "messages[0].template.columns[0].text");
  EXPECT_EQ(faultOf(R"({"type":"template","altText":"a","template":{"type":"image_carousel","columns":[
      {"imageUrl":"https://a/b","action":{"type":"uri","label":"thirteen here","uri":"https://a"}}]}})"),
            "messages[0].template.columns[0].action.label");
  EXPECT_EQ(faultOf(R"({"type":"template","altText":"a","template":{"type":"mosaic"}})"), "messages[0].template.type");
}

TEST(CheckMessages, QuickRepliesAreThirteenAtMost) {
  const auto with = [](size_t count, const json& action) {
    json message = text("a");
    message["quickReply"]["items"] = json(count, {{"type", "action"}, {"action", action}});
    return message;
  };
  const json camera = {{"type", "camera"}, {"label", "Photo"}};
  EXPECT_EQ(faultOf(with(13, camera)), "");
  EXPECT_EQ(faultOf(with(14, camera)), "messages[0].quickReply.items");
  EXPECT_EQ(faultOf(with(1, {{"type", "camera"}})), "messages[0].quickReply.items[0].action.label");
  const auto link = [&](const std::string& uri) { return with(1, {{"type", "uri"}, {"label", "l"}, {"uri", uri}}); };
  EXPECT_EQ(faultOf(link("tel:+8190")), "");
  EXPECT_EQ(faultOf(link("https://a/" + repeat("x", 990))), "");
  EXPECT_EQ(faultOf(link("https://a/" + repeat("x", 991))), "messages[0].quickReply.items[0].action.uri");
  EXPECT_EQ(faultOf(link("javascript:alert(1)")), "messages[0].quickReply.items[0].action.uri");
}

TEST(CheckMessages, TheSendersNameIsShortAndNotLine) {
  EXPECT_EQ(faultOf(R"({"type":"text","text":"a","sender":{"name":"Assistant"}})"), "");
  EXPECT_EQ(faultOf(R"({"type":"text","text":"a","sender":{"name":"LINE"}})"), "messages[0].sender.name");
  EXPECT_EQ(faultOf(R"({"type":"text","text":"a","sender":{"name":"123456789012345678901"}})"),
            "messages[0].sender.name");
}

TEST(CheckMessages, FlexIsKnownComponentsWithinItsSize) {
  const auto bubble = [](const json& component) {
    return json{{"type", "bubble"},
                {"body", {{"type", "box"}, {"layout", "vertical"}, {"contents", json::array({component})}}}};
  };
  const auto flex = [](const json& contents) {
    return json{{"type", "flex"}, {"altText", "a"}, {"contents", contents}};
  };
  const json words = {{"type", "text"}, {"text", "hi"}, {"wrap", true}};
  EXPECT_EQ(faultOf(flex(bubble(words))), "");
  EXPECT_EQ(faultOf(json{{"type", "flex"}, {"altText", "x"}}), "messages[0].contents");
  EXPECT_EQ(faultOf(flex(bubble({{"type", "marquee"}}))), "messages[0].contents.body.contents[0].type");
  EXPECT_EQ(faultOf(flex(bubble({{"type", "text"}, {"text", "a"}, {"bold", true}}))),
            "messages[0].contents.body.contents[0].bold");
  EXPECT_EQ(faultOf(flex(bubble({{"type", "button"}}))), "messages[0].contents.body.contents[0].action");
  EXPECT_EQ(faultOf(flex(bubble({{"type", "text"}, {"text", repeat("a", 30 * 1024)}}))), "messages[0].contents");
  EXPECT_EQ(faultOf(flex({{"type", "carousel"}, {"contents", json(12, bubble(words))}})), "");
  EXPECT_EQ(faultOf(flex({{"type", "carousel"}, {"contents", json(13, bubble(words))}})),
            "messages[0].contents.contents");
  json deep = words;
  for (int i = 0; i < 40; ++i) deep = {{"type", "box"}, {"layout", "vertical"}, {"contents", json::array({deep})}};
  EXPECT_NE(faultOf(flex(bubble(deep))), "");
}

TEST(ErrorBody, LeavesOutEmptyDetails) {
  EXPECT_EQ(errorBody("Not found"), R"({"message":"Not found"})");
  const json body = json::parse(errorBody("1 error(s)", {{"messages", "May not be empty"}}));
  EXPECT_EQ(body["details"][0]["property"], "messages");
}

}  // namespace
}  // namespace tsunagi::linesim
