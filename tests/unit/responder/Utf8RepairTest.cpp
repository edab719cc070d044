#include <gtest/gtest.h>

#include "base/Encoding.h"
#include "responder/Utf8Repair.h"

namespace tsunagi::responder {
namespace {

TEST(Utf8RepairTest, EverySplitOfValidTextIsPutTogetherAgain) {
  // The edges of each length and of the restricted second bytes.
  const std::string text = "a\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFFz";
  for (size_t first = 0; first <= text.size(); ++first)
    for (size_t second = first; second <= text.size(); ++second) {
      Utf8Repair repair;
      std::string out = repair.feed(std::string_view(text).substr(0, first));
      out += repair.feed(std::string_view(text).substr(first, second - first));
      out += repair.feed(std::string_view(text).substr(second));
      out += repair.finish();
      EXPECT_EQ(out, text) << first << " " << second;
      EXPECT_EQ(repair.replaced(), 0u);
    }
}

TEST(Utf8RepairTest, EachByteThatBelongsToNoCharacterIsReplaced) {
  const std::string r = "\uFFFD";
  EXPECT_EQ(repairedUtf8("\xC0\xAF"), r + r);
  EXPECT_EQ(repairedUtf8("\xED\xA0\x80"), r + r + r);
  EXPECT_EQ(repairedUtf8("\xF4\x90\x80\x80"), r + r + r + r);
  EXPECT_EQ(repairedUtf8("x\x80y"), "x" + r + "y");
  EXPECT_EQ(repairedUtf8("\xE3\x81"), r + r);
  EXPECT_EQ(repairedUtf8("\xE3z"), r + "z");
  EXPECT_EQ(repairedUtf8(""), "");
}

TEST(Utf8RepairTest, WhatComesOutIsAlwaysValidAndNothingWaitsForMoreThanACharacter) {
  uint32_t state = 7;
  Utf8Repair repair;
  size_t in = 0;
  size_t out = 0;
  for (int i = 0; i < 20000; ++i) {
    state = state * 1664525u + 1013904223u;
    std::string piece(state >> 30, static_cast<char>(state >> 16));
    if (!piece.empty()) piece.back() = static_cast<char>(0x80 | (state >> 8));
    const size_t before = repair.replaced();
    const std::string text = repair.feed(piece);
    EXPECT_TRUE(isValidUtf8(text));
    in += piece.size();
    out += text.size() - 2 * (repair.replaced() - before);
    ASSERT_LE(in - out, 3u);
  }
  EXPECT_TRUE(isValidUtf8(repair.finish()));
}

}  // namespace
}  // namespace tsunagi::responder
