// splitText() over texts made of signs whose borders are known: whatever the text, the pieces are the text but for
// white space at the cuts, each within LINE's limit, and no sign is parted. A failure prints its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/Encoding.h"
#include "line/TextLimits.h"

namespace tsunagi::line {
namespace {

// Each shows as one sign.
const std::vector<std::string>& signs() {
  static const std::vector<std::string> all{
      "a",
      "Z",
      "7",
      "é",
      "e\u0301\u0323",  // with two combining marks
      "日",
      "か\u3099",      // a letter and its voicing mark
      "葛\U000E0100",  // with an ideographic variation
      "ｶ\uFF9E",       // half width, with its voicing mark
      "ที่",             // Thai consonant, vowel and tone
      "น้ำ",            // with SARA AM
      "เ",
      "\u1112\u1161\u11AB",  // Hangul of three letters
      "한",
      "நி",
      "😀",
      "👍🏽",                   // skin tone
      "❤️",                     // presentation selector
      "👨‍👩‍👧‍👦",  // joined by ZWJ
      "🏳️‍🌈",
      "1️⃣",  // keycap
      "🇯🇵",
      "🇹🇭",
      "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",  // a flag of tags
      "。",
      "、",
      ".",
      "!",
      "？",
      "」",
      "(",
      "「",
  };
  return all;
}

const std::vector<std::string> SPACES{" ", "\n", "\r\n", "\n\n", "\t", "\u3000", "  ", "\n    "};

struct Text {
  std::string bytes;
  std::set<size_t> borders;  // of its signs
};

Text makeText(std::mt19937& random) {
  Text text;
  const size_t count = 1 + random() % 400;
  const unsigned spaced = random() % 20;  // one sign in so many is white space; 0 = none
  const unsigned kinds = 1 + random() % static_cast<unsigned>(signs().size());
  const unsigned from = random() % static_cast<unsigned>(signs().size());
  for (size_t i = 0; i < count; ++i) {
    const bool space = spaced != 0 && random() % spaced == 0;
    text.borders.insert(text.bytes.size());
    text.bytes += space ? SPACES[random() % SPACES.size()] : signs()[(from + random() % kinds) % signs().size()];
  }
  text.borders.insert(text.bytes.size());
  return text;
}

bool isSpaceOnly(std::string_view text) {
  while (!text.empty()) {
    if (text.substr(0, 3) == "\u3000")
      text.remove_prefix(3);
    else if (std::string_view(" \t\r\n").find(text[0]) != std::string_view::npos)
      text.remove_prefix(1);
    else
      return false;
  }
  return true;
}

void check(const Text& text, size_t maxUnits) {
  size_t at = 0;
  for (const std::string& piece : splitText(text.bytes, maxUnits)) {
    ASSERT_FALSE(isSpaceOnly(piece)) << "LINE takes no message without a sign";
    ASSERT_LE(utf16Length(piece), maxUnits);
    ASSERT_TRUE(isValidUtf8(piece));
    const size_t begin = text.bytes.find(piece, at);
    ASSERT_NE(begin, std::string::npos) << piece;
    ASSERT_TRUE(isSpaceOnly(text.bytes.substr(at, begin - at))) << "text is missing before " << piece;
    // White space is no sign that must stay whole.
    const auto onBorder = [&](size_t place) {
      return text.borders.count(place) != 0 || isSpaceOnly(text.bytes.substr(place, 1)) ||
             (place > 0 && isSpaceOnly(text.bytes.substr(place - 1, 1)));
    };
    ASSERT_TRUE(onBorder(begin)) << "a sign is parted before " << piece;
    at = begin + piece.size();
    ASSERT_TRUE(onBorder(at)) << "a sign is parted behind " << piece;
  }
  ASSERT_TRUE(isSpaceOnly(text.bytes.substr(at))) << "text is missing at the end";
}

TEST(SplitProperty, PiecesAreTheTextAndPartNoSign) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    const Text text = makeText(random);
    // A sign of tags has 14 units: a piece of twice that always has room for one.
    const size_t maxUnits = 30 + random() % 200;
    check(text, maxUnits);
    if (HasFatalFailure()) {
      FAIL() << "seed " << seed << " round " << round << " maxUnits " << maxUnits << " text " << text.bytes;
    }
  }
}

TEST(SplitProperty, SignsAreCountedAsTheyShow) {
  for (const std::string& sign : signs()) EXPECT_EQ(graphemeLength(sign), 1u) << sign;
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    const size_t count = 1 + random() % 30;
    for (size_t i = 0; i < count; ++i) text += signs()[random() % signs().size()];
    ASSERT_EQ(graphemeLength(text), count) << text;
    ASSERT_EQ(graphemeLength(cutSigns(text, 10)), std::min<size_t>(count, 10)) << text;
  }
}

}  // namespace
}  // namespace tsunagi::line
