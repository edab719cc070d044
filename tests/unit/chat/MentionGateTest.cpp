#include "chat/MentionGate.h"

#include <gtest/gtest.h>

namespace tsunagi::chat {
namespace {

using How = Addressing::How;

const std::string BOT = "U8e742f61d673b39c7fff3cecb7536ef0";

BotNames names() { return {BOT, "つなぎ Bot", {"ai", "ボット", "@helper"}}; }

line::EventMessage text(const std::string& words) {
  line::EventMessage message;
  message.id = "1";
  message.type = "text";
  message.text = words;
  return message;
}

line::EventMessage mentioning(const std::string& words, int64_t index, int64_t length, bool self = true) {
  auto message = text(words);
  message.mentionees.push_back({index, length, "user", "", self});
  return message;
}

TEST(MentionGate, NativeMention) {
  const auto atStart = mentionGate(mentioning("@つなぎ Bot 明日の天気は？", 0, 8), names(), false);
  EXPECT_EQ(atStart.how, How::Mention);
  EXPECT_EQ(atStart.text, "明日の天気は？");
  EXPECT_EQ(mentionGate(mentioning("hey @X, what?", 4, 2), names(), false).text, "hey what?");
  EXPECT_EQ(mentionGate(mentioning("what? @X", 6, 2), names(), false).text, "what?");
  EXPECT_EQ(mentionGate(mentioning("@X", 0, 2), names(), false).text, "");

  auto byId = mentioning("@X hello", 0, 2, false);
  EXPECT_FALSE(mentionGate(byId, names(), false).addressed());
  byId.mentionees[0].userId = BOT;
  EXPECT_EQ(mentionGate(byId, names(), false).text, "hello");
  byId.mentionees[0].userId = "";
  EXPECT_FALSE(mentionGate(byId, {"", "", {}}, false).addressed()) << "an absent id is nobody's";
}

TEST(MentionGate, EveryoneIsNotTheBot) {
  auto message = text("@All lunch?");
  message.mentionees.push_back({0, 4, "all", "", false});
  const auto result = mentionGate(message, names(), false);
  EXPECT_FALSE(result.addressed());
  EXPECT_EQ(result.text, "@All lunch?");
}

TEST(MentionGate, PositionsCountUtf16) {
  // One emoji is two units; a flag is four, a family many.
  EXPECT_EQ(mentionGate(mentioning("😀 @X hi", 3, 2), names(), false).text, "😀 hi");
  EXPECT_EQ(mentionGate(mentioning("🇯🇵👨‍👩‍👧@X hi", 12, 2), names(), false).text,
            "🇯🇵👨‍👩‍👧 hi");
  EXPECT_EQ(mentionGate(mentioning("日本語@X hi", 3, 2), names(), false).text, "日本語 hi");
}

TEST(MentionGate, SeveralMentionsOfTheBot) {
  auto message = mentioning("@X a @Y b @X c", 0, 2);
  message.mentionees.push_back({5, 2, "user", "Uother", false});
  message.mentionees.push_back({10, 2, "user", "", true});
  EXPECT_EQ(mentionGate(message, names(), false).text, "a @Y b c");
  std::swap(message.mentionees[0], message.mentionees[2]);
  EXPECT_EQ(mentionGate(message, names(), false).text, "a @Y b c");
}

TEST(MentionGate, WrongPositionsAddressAndCutNothing) {
  for (const auto& [index, length] : std::vector<std::pair<int64_t, int64_t>>{
           {-1, 2}, {0, 0}, {0, -5}, {100, 2}, {6, 100}, {INT64_MAX, INT64_MAX}, {0, INT64_MAX}}) {
    const auto result = mentionGate(mentioning("@X hello", index, length), names(), false);
    EXPECT_EQ(result.how, How::Mention);
    EXPECT_EQ(result.text, "@X hello") << index << " " << length;
  }
  // Inside a surrogate pair: what is cut is whole characters.
  EXPECT_EQ(mentionGate(mentioning("😀😀 hi", 1, 2), names(), false).text, "😀 hi");
  auto overlapping = mentioning("@XYZ hello", 0, 3);
  overlapping.mentionees.push_back({1, 3, "user", "", true});
  EXPECT_EQ(mentionGate(overlapping, names(), false).text, "Z hello");
}

TEST(MentionGate, Prefixes) {
  for (const auto* words : {"ai what?", "AI what?", "ＡＩ　what?", "  ai, what?", "Ai: what?", "ai、what?",
                            "ボット what?", "ボットwhat?", "@helper what?", "＠ｈｅｌｐｅｒ what?"}) {
    const auto result = mentionGate(text(words), names(), false);
    EXPECT_EQ(result.how, How::Prefix) << words;
    EXPECT_EQ(result.text, "what?") << words;
  }
  for (const auto* words : {"aisle seat", "said ai", "AI2 what?", "a i", "helper what?"})
    EXPECT_FALSE(mentionGate(text(words), names(), false).addressed()) << words;
  EXPECT_EQ(mentionGate(text("ai bot what?"), {"", "", {"ai", "ai bot"}}, false).text, "what?") << "the longest wins";
}

TEST(MentionGate, DisplayName) {
  for (const auto* words : {"@つなぎ Bot 天気は", "＠つなぎ　ＢＯＴ 天気は", "@つなぎbot 天気は",
                            "@ つなぎ Bot、天気は", "天気は @つなぎ Bot", "@someone else @つなぎ bot 天気は"}) {
    const auto result = mentionGate(text(words), names(), false);
    EXPECT_EQ(result.how, How::Name) << words;
    EXPECT_NE(result.text.find("天気は"), std::string::npos) << words;
    EXPECT_EQ(result.text.find("つなぎ"), std::string::npos) << result.text;
  }
  for (const auto* words : {"つなぎ Bot 天気は", "mail a@つなぎ bot", "@つなぎ", "@つなぎ Bots", "@", "@@@@"})
    EXPECT_FALSE(mentionGate(text(words), names(), false).addressed()) << words;
  EXPECT_TRUE(mentionGate(text("@tsunagi hi"), {"", "@Tsunagi", {}}, false).addressed()) << "named with its @";
  EXPECT_FALSE(mentionGate(text("@ hi"), {"", "", {""}}, false).addressed()) << "no name, no prefix";
  EXPECT_FALSE(mentionGate(text("@ hi"), {"", " @ ", {"  "}}, false).addressed());
}

TEST(MentionGate, QuotingTheBot) {
  const auto result = mentionGate(text(" and then? "), names(), true);
  EXPECT_EQ(result.how, How::Quote);
  EXPECT_EQ(result.text, "and then?");
  EXPECT_EQ(mentionGate(text("ai and then?"), names(), true).text, "and then?") << "the address goes, too";
}

TEST(MentionGate, OnlyTexts) {
  for (const auto* type : {"sticker", "image", "video", "audio", "file", "location", "new_kind", ""}) {
    auto message = mentioning("ai hello", 0, 2);
    message.type = type;
    EXPECT_FALSE(mentionGate(message, names(), true).addressed()) << type;
  }
}

TEST(MentionGate, LongTextsAndManyNames) {
  const std::string ats(64 * 1024, '@');
  EXPECT_FALSE(mentionGate(text(ats), names(), false).addressed());
  BotNames many = names();
  many.prefixes.assign(1000, "x");
  many.prefixes.back() = "hello";
  EXPECT_FALSE(mentionGate(text("hello"), many, false).addressed()) << "only the first 16 are looked at";
  many.prefixes = {std::string(BotNames::MAX_NAME_BYTES + 1, 'a')};
  EXPECT_FALSE(mentionGate(text(many.prefixes[0] + " x"), many, false).addressed());
  EXPECT_TRUE(mentionGate(text("\xFF\xFE ai"), {"", "", {"\xEF\xBF\xBD"}}, false).addressed())
      << "broken bytes are read";
}

}  // namespace
}  // namespace tsunagi::chat
