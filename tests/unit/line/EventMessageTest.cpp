#include "line/EventMessage.h"

#include <gtest/gtest.h>

#include "line/Events.h"
#include "line/TextRanges.h"

namespace tsunagi::line {
namespace {

EventMessage message(const std::string& fields) {
  const auto event = parseEvent(R"({"type":"message","message":)" + fields + "}");
  EXPECT_TRUE(event.ok());
  return event->message.value();
}

TEST(EventMessage, EveryKindIsKnownByName) {
  const std::pair<const char*, MessageKind> kinds[] = {
      {"text", MessageKind::Text},       {"image", MessageKind::Image},   {"video", MessageKind::Video},
      {"audio", MessageKind::Audio},     {"file", MessageKind::File},     {"location", MessageKind::Location},
      {"sticker", MessageKind::Sticker}, {"smell", MessageKind::Unknown}, {"", MessageKind::Unknown}};
  for (const auto& [name, kind] : kinds)
    EXPECT_EQ(kindOf(message("{\"type\":\"" + std::string(name) + "\"}")), kind) << name;
}

TEST(EventMessage, ATextHasEmojisAndAQuotedMessage) {
  const EventMessage text = message(R"({"type":"text","id":"1","text":"Hi (love) x","quotedMessageId":"99",
    "emojis":[{"index":3,"length":6,"productId":"5ac1","emojiId":"002"},7,{"index":"x"}]})");
  EXPECT_EQ(text.quotedMessageId, "99");
  ASSERT_EQ(text.emojis.size(), 2U);
  EXPECT_EQ(text.emojis[0].index, 3);
  EXPECT_EQ(text.emojis[0].length, 6);
  EXPECT_EQ(text.emojis[0].productId, "5ac1");
  EXPECT_EQ(text.emojis[0].emojiId, "002");
  EXPECT_EQ(text.emojis[1].index, 0);
}

TEST(EventMessage, AnImageKnowsItsAlbumAndWhereItsBytesAre) {
  const EventMessage image = message(R"({"type":"image","id":"2","quoteToken":"q","contentProvider":{"type":"line"},
    "imageSet":{"id":"E005","index":1,"total":2}})");
  EXPECT_TRUE(image.contentProvider.isLine());
  EXPECT_EQ(image.imageSet.value().id, "E005");
  EXPECT_EQ(image.imageSet->index, 1);
  EXPECT_EQ(image.imageSet->total, 2);
  const EventMessage old = message(R"({"type":"image","imageSet":{"id":"E005"}})");
  EXPECT_EQ(old.imageSet.value().index, 0);
  EXPECT_EQ(old.imageSet->total, 0);
  EXPECT_TRUE(old.contentProvider.isLine()) << "nothing else was told";
  EXPECT_FALSE(message(R"({"type":"image","imageSet":{"index":1}})").imageSet);
  const EventMessage external = message(R"({"type":"image","contentProvider":{"type":"external",
    "originalContentUrl":"https://e/o.jpg","previewImageUrl":"https://e/p.jpg"}})");
  EXPECT_FALSE(external.contentProvider.isLine());
  EXPECT_EQ(external.contentProvider.originalContentUrl, "https://e/o.jpg");
  EXPECT_EQ(external.contentProvider.previewImageUrl, "https://e/p.jpg");
  EXPECT_FALSE(message(R"({"type":"image","contentProvider":{"type":"ether"}})").contentProvider.isLine());
}

TEST(EventMessage, VideoAndAudioHaveADuration) {
  EXPECT_EQ(message(R"({"type":"video","duration":60000})").durationMs, 60000);
  EXPECT_EQ(message(R"({"type":"audio"})").durationMs, 0);
  EXPECT_EQ(message(R"({"type":"audio","duration":-4})").durationMs, 0);
}

TEST(EventMessage, AFileHasANameAndASize) {
  const EventMessage file = message(R"({"type":"file","fileName":"../../r.pdf","fileSize":2138123456789})");
  EXPECT_EQ(file.fileName, "../../r.pdf") << "as received: nobody may use it as a path";
  EXPECT_EQ(file.fileSize, 2138123456789);
  std::string name;
  while (name.size() < 2000) name += "名";
  EXPECT_EQ(message("{\"type\":\"file\",\"fileName\":\"" + name + "\"}").fileName.size(), 1023U);
}

TEST(EventMessage, ALocationNeedsBothNumbers) {
  const EventMessage place =
      message(R"({"type":"location","title":"駅","address":"1-2","latitude":35.67966,"longitude":139})");
  EXPECT_EQ(place.location.value().title, "駅");
  EXPECT_EQ(place.location->address, "1-2");
  EXPECT_DOUBLE_EQ(place.location->latitude, 35.67966);
  EXPECT_DOUBLE_EQ(place.location->longitude, 139);
  EXPECT_FALSE(message(R"({"type":"location","latitude":35})").location);
  EXPECT_FALSE(message(R"({"type":"location","latitude":"35","longitude":1})").location);
  EXPECT_FALSE(message(R"({"type":"text","latitude":35,"longitude":1})").location);
}

TEST(EventMessage, AStickerHasKeywordsAndPerhapsText) {
  const EventMessage sticker = message(R"({"type":"sticker","packageId":"446","stickerId":"1988",
    "stickerResourceType":"MESSAGE","keywords":["hi",5,"hello"],"text":"おはよう"})");
  EXPECT_EQ(sticker.sticker.value().packageId, "446");
  EXPECT_EQ(sticker.sticker->stickerId, "1988");
  EXPECT_EQ(sticker.sticker->resourceType, "MESSAGE");
  EXPECT_EQ(sticker.sticker->keywords, (std::vector<std::string>{"hi", "hello"}));
  EXPECT_EQ(sticker.text, "おはよう");
  EXPECT_FALSE(message(R"({"type":"text"})").sticker);
}

TEST(EventMessage, ListsAreBounded) {
  std::string emojis = "{}";
  std::string keywords = "\"k\"";
  for (int i = 0; i < 600; ++i) emojis += ",{}", keywords += ",\"k\"";
  EXPECT_EQ(message(R"({"type":"text","emojis":[)" + emojis + "]}").emojis.size(), WebhookLimits::MAX_EMOJIS);
  EXPECT_EQ(message(R"({"type":"sticker","keywords":[)" + keywords + "]}").sticker.value().keywords.size(),
            WebhookLimits::MAX_KEYWORDS);
}

TEST(MentionsOfBot, AreThoseLineMarksOrThatNameIt) {
  const EventMessage text = message(R"({"type":"text","text":"@a @b @All @bot","mention":{"mentionees":[
    {"index":0,"length":2,"type":"user","userId":"Ux"},{"index":3,"length":2,"type":"user","isSelf":true},
    {"index":6,"length":4,"type":"all","isSelf":true},{"index":11,"length":4,"type":"user","userId":"Ubot"},
    {"index":1,"length":1,"type":"user"}]}})");
  const auto ranges = mentionsOfBot(text, "Ubot");
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0].index, 3);
  EXPECT_EQ(ranges[1].index, 11);
  EXPECT_EQ(mentionsOfBot(text, "").size(), 1U) << "without an id only LINE's mark counts";
  EXPECT_EQ(withoutRanges(text.text, ranges), "@a @All");
}

TEST(WithoutRanges, CountsAsLineDoes) {
  const struct {
    const char* text;
    std::vector<TextRange> ranges;
    const char* expected;
  } cases[] = {
      {"@bot hi", {{0, 4}}, "hi"},
      {"hi @bot", {{3, 4}}, "hi"},
      {"hi @bot there", {{3, 4}}, "hi there"},
      {"🤨🤨 @bot 日本", {{5, 4}}, "🤨🤨 日本"},
      {"👨‍👩‍👧@bot!", {{8, 4}}, "👨‍👩‍👧!"},
      {"日本@botです", {{2, 4}}, "日本です"},
      {"　@bot　次", {{1, 4}}, "　次"},
      {"@a @b x", {{3, 2}, {0, 2}}, "x"},
      {"abc", {}, "abc"},
      {" abc ", {}, " abc "},
      {"abc", {{0, 3}}, ""},
      {"abc", {{0, 2}, {1, 2}}, ""},
      {"abcdef", {{1, 1}, {1, 3}}, "aef"},
      {"abc", {{3, 5}}, "abc"},
      {"abc", {{2, INT64_MAX}}, "ab"},
      {"abc", {{INT64_MAX, INT64_MAX}}, "abc"},
      {"abc", {{-1, 5}, {1, 0}, {1, -2}}, "abc"},
      {"a🤨b", {{2, 1}}, "ab"},
      {"a🤨b", {{1, 1}}, "ab"},
      {"a\n@b\nc", {{2, 2}}, "a\nc"},
  };
  for (const auto& item : cases) EXPECT_EQ(withoutRanges(item.text, item.ranges), item.expected) << item.text;
  EXPECT_EQ(withoutRanges("\xFFx\xE3", {{1, 1}}), "\xFF\xE3") << "a byte that is not UTF-8 counts one";
}

}  // namespace
}  // namespace tsunagi::line
