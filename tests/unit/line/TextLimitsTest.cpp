#include "line/TextLimits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/Encoding.h"

namespace tsunagi::line {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string repeat(std::string_view part, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += part;
  return text;
}

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

TEST(SplitText, ADotInsideAWordIsNoSentenceEnd) {
  EXPECT_THAT(splitText("version 1.2.3 is good example.com/abc", 24),
              ElementsAre("version 1.2.3 is good", "example.com/abc"));
}

TEST(SplitText, KeepsTheIndentationOfALine) {
  EXPECT_THAT(splitText("if (a) {\n  first();\n  second();\n}", 24),
              ElementsAre("if (a) {\n  first();", "  second();\n}"));
}

TEST(SplitText, NeverCutsAPairOrASignOfSeveralCharacters) {
  const std::string signs[] = {"🤨", "👨‍👩‍👧", "👍🏽", "🇯🇵", "が", "ที่", "❤️"};
  for (const auto& sign : signs) {
    const std::string text = "x" + repeat(sign, 200);
    const auto pieces = splitText(text, 33);
    EXPECT_EQ(repeat("", 0) + withoutSpace(pieces), text);
    for (size_t i = 0; i < pieces.size(); ++i) {
      EXPECT_LE(utf16Length(pieces[i]), 33U);
      const size_t begin = i == 0 ? 1 : 0;
      EXPECT_EQ((pieces[i].size() - begin) % sign.size(), 0U) << sign << " was cut: " << pieces[i];
    }
  }
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

TEST(SplitText, OnlyWhiteSpaceAtACutGoes) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += repeat("word", 1 + i % 3);
    text += i % 7 == 0 ? ".\n\n" : (i % 3 == 0 ? "。" : " ");
  }
  const auto pieces = splitText(text, 500);
  EXPECT_EQ(withoutSpace(pieces), withoutSpace({text}));
  for (const auto& piece : pieces) {
    EXPECT_FALSE(piece.empty());
    EXPECT_LE(utf16Length(piece), 500U);
  }
}

TEST(SplitText, WhiteSpaceAloneMakesNoPieces) {
  EXPECT_THAT(splitText("aaaa" + std::string(100, ' ') + "bbbb", 16), ElementsAre("aaaa", "bbbb"));
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
