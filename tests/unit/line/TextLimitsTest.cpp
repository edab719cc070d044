#include "line/TextLimits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/Encoding.h"
#include "tests/unit/line/Repeat.h"

namespace tsunagi::line {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string withoutSpace(const std::vector<std::string>& pieces) {
  std::string text;
  for (const auto& piece : pieces)
    for (const char c : piece)
      if (c != ' ' && c != '\n') text += c;
  return text;
}

TEST(Utf16Length, CountsAsLineDoes) {
  EXPECT_EQ(utf16Length(""), 0U);
  EXPECT_EQ(utf16Length("abc"), 3U);
  EXPECT_EQ(utf16Length("日本語"), 3U);
  EXPECT_EQ(utf16Length("🤨"), 2U);
  EXPECT_EQ(utf16Length("👨‍👩‍👧"), 8U);
  EXPECT_EQ(utf16Length("\xFF\xE3\x81"), 3U);
  EXPECT_EQ(utf16Length("\xED\xA0\x80"), 3U) << "a surrogate is no UTF-8";
}

TEST(SplitText, LeavesShortTextAlone) {
  EXPECT_THAT(splitText(""), IsEmpty());
  EXPECT_THAT(splitText(" hello \n"), ElementsAre(" hello \n"));
  EXPECT_THAT(splitText(std::string(5000, 'a')), ElementsAre(std::string(5000, 'a')));
  EXPECT_THAT(splitText(std::string(5001, 'a')), ElementsAre(std::string(5000, 'a'), "a"));
}

TEST(SplitText, PrefersTheWidestBorder) {
  EXPECT_THAT(splitText("aaaa bbbb. cc\n\ndddd\nee ffff gggg", 24), ElementsAre("aaaa bbbb. cc", "dddd\nee ffff gggg"));
  EXPECT_THAT(splitText("aaaa bbbb. cccc\ndd ee ffff gggg", 24), ElementsAre("aaaa bbbb. cccc", "dd ee ffff gggg"));
  EXPECT_THAT(splitText("aaaa bbbb ccc. dd ee ffff gggg", 24), ElementsAre("aaaa bbbb ccc.", "dd ee ffff gggg"));
  EXPECT_THAT(splitText("aaaa bbbb cccc dddd ffff gggg", 24), ElementsAre("aaaa bbbb cccc dddd", "ffff gggg"));
}

TEST(SplitText, KnowsJapaneseSentencesWithTheirQuotes) {
  EXPECT_THAT(splitText("これはとても長い文です。「はい。」それから次の文が続きます。", 20),
              ElementsAre("これはとても長い文です。「はい。」", "それから次の文が続きます。"));
}

TEST(SplitText, ChineseIsCutBehindItsSentencesAndClauses) {
  EXPECT_THAT(splitText("今天天氣很好。我們去公園玩吧！你覺得怎麼樣？", 16),
              ElementsAre("今天天氣很好。我們去公園玩吧！", "你覺得怎麼樣？"));
  EXPECT_THAT(splitText("如果明天下雨的話，我們就在家裡看一部很長的電影", 18),
              ElementsAre("如果明天下雨的話，", "我們就在家裡看一部很長的電影"));
  EXPECT_THAT(splitText("もう着いた?はい!いま駅の前ですよ", 16), ElementsAre("もう着いた?はい!", "いま駅の前ですよ"));
}

TEST(SplitText, JapaneseLinesDoNotBeginWithSmallSigns) {
  EXPECT_THAT(splitText("あいうえおかきくけこさしすせそたっか", 16),
              ElementsAre("あいうえおかきくけこさしすせそ", "たっか"));
  EXPECT_THAT(splitText("あいうえおかきくけこさしすせそ「か」", 16),
              ElementsAre("あいうえおかきくけこさしすせそ", "「か」"));
  EXPECT_THAT(splitText(repeat("ー", 20), 16), ElementsAre(repeat("ー", 16), repeat("ー", 4)))
      << "what cannot be kept is cut";
}

TEST(SplitText, ThaiIsCutAtSpacesOrBetweenSigns) {
  EXPECT_THAT(splitText("สวัสดีครับทุกคน วันนี้อากาศดีมาก", 20), ElementsAre("สวัสดีครับทุกคน", "วันนี้อากาศดีมาก"));
  const std::string vowelFirst = repeat("ก", 15) + "เมือง";  // the cut would part the vowel from its consonant
  EXPECT_THAT(splitText(vowelFirst, 16), ElementsAre(repeat("ก", 15), "เมือง"));
  const std::string water = repeat("น้ำ", 40);
  for (const auto& piece : splitText(water, 16)) EXPECT_EQ(piece, repeat("น้ำ", piece.size() / 9)) << piece;
}

TEST(SplitText, AWordInsideJapaneseIsKept) {
  EXPECT_THAT(splitText("これは新しいiPhone15ですよ", 16), ElementsAre("これは新しいiPhone15です", "よ"));
  EXPECT_THAT(splitText("これは新しい携帯電話のiPhoneです", 16), ElementsAre("これは新しい携帯電話の", "iPhoneです"));
}

TEST(CutSigns, CutsByGraphemesAndMarksIt) {
  EXPECT_EQ(cutSigns("", 3), "");
  EXPECT_EQ(cutSigns("abc", 3), "abc");
  EXPECT_EQ(cutSigns("abcd", 3), "ab…");
  EXPECT_EQ(cutSigns("👨‍👩‍👧👍🏽🇯🇵が", 4), "👨‍👩‍👧👍🏽🇯🇵が");
  EXPECT_EQ(cutSigns("👨‍👩‍👧👍🏽🇯🇵が", 3), "👨‍👩‍👧👍🏽…");
  EXPECT_EQ(cutSigns("ที่นี่", 1), "…");
  EXPECT_EQ(cutSigns("abc", 0), "");
}

TEST(CutUnits, CutsByUnitsBetweenGraphemes) {
  EXPECT_EQ(cutUnits("abc", 3), "abc");
  EXPECT_EQ(cutUnits("abcd", 3), "ab…");
  EXPECT_EQ(cutUnits("a🤨b", 4), "a🤨b");
  EXPECT_EQ(cutUnits("a🤨b", 3), "a…") << "the emoji takes two units and the mark one";
  EXPECT_EQ(cutUnits("a👨‍👩‍👧", 6), "a…");
  EXPECT_EQ(cutUnits("ab", 1), "…");
  EXPECT_EQ(cutUnits("ab", 0), "");
}

TEST(SplitText, ADotInsideAWordIsNoSentenceEnd) {
  EXPECT_THAT(splitText("version 1.2.3 is good example.com/abc", 24),
              ElementsAre("version 1.2.3 is good", "example.com/abc"));
}

TEST(SplitText, KeepsTheIndentationOfALine) {
  EXPECT_THAT(splitText("if (a) {\n  first();\n  second();\n}", 24),
              ElementsAre("if (a) {\n  first();", "  second();\n}"));
}

TEST(SplitText, ASequenceLongerThanAPieceIsCutBetweenCharacters) {
  const std::string text = "a" + repeat("\xCC\x81", 100);  // one letter under a hundred accents
  const auto pieces = splitText(text, 16);
  EXPECT_EQ(withoutSpace(pieces), text);
  for (const auto& piece : pieces) {
    EXPECT_LE(utf16Length(piece), 16U);
    EXPECT_TRUE(isValidUtf8(piece));
  }
}

TEST(SplitText, WhiteSpaceAloneMakesNoPieces) {
  EXPECT_THAT(splitText("aaaa" + std::string(100, ' ') + "bbbb", 16), ElementsAre("aaaa", "bbbb"));
  EXPECT_THAT(splitText(" \n\t\r\n"), IsEmpty());
}

TEST(SplitText, BytesThatAreNoTextAreBoundedToo) {
  const std::string text(1000, '\xE3');
  const auto pieces = splitText(text, 100);
  EXPECT_EQ(withoutSpace(pieces), text);
  for (const auto& piece : pieces) EXPECT_LE(utf16Length(piece), 100U);
}

TEST(GraphemeLength, CountsSignsAsAReaderSeesThem) {
  EXPECT_EQ(graphemeLength(""), 0U);
  EXPECT_EQ(graphemeLength("abc"), 3U);
  EXPECT_EQ(graphemeLength("e\u0301a"), 2U);
  EXPECT_EQ(graphemeLength("👨‍👩‍👧👍🏽"), 2U);
  EXPECT_EQ(graphemeLength("🇯🇵🇹🇼🇹"), 3U);
  EXPECT_EQ(graphemeLength("ที่นี่"), 2U);
  EXPECT_EQ(graphemeLength("\r\n"), 1U);
  EXPECT_EQ(graphemeLength("\xE3\xE3"), 2U);
}

}  // namespace
}  // namespace tsunagi::line
