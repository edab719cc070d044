#include "kit/LenientJson.hpp"

#include <gtest/gtest.h>

namespace responder {
namespace {

std::string textOf(std::string_view json) {
  const auto parsed = parseLenient(json);
  return parsed && parsed->is_string() ? parsed->get<std::string>() : "no JSON";
}

TEST(LenientJsonTest, HalvesOfACharacterAreJoinedOverObjects) {
  SurrogateJoiner joiner;
  EXPECT_EQ(joiner.feed(textOf(R"("テスト\ud83c")")), "テスト");
  EXPECT_EQ(joiner.feed(textOf(R"("\udf89。")")), "🎉。");
  EXPECT_EQ(joiner.feed(textOf(R"("\uD83c\uDF89!")")), "🎉!") << "whole pairs need nothing";
  EXPECT_EQ(joiner.end(), "");
}

TEST(LenientJsonTest, AHalfThatStaysAloneBecomesTheReplacement) {
  EXPECT_EQ(unmarked(textOf(R"("a\ud83c")")), "a\xEF\xBF\xBD");
  EXPECT_EQ(unmarked(textOf(R"("\ud83cb")")),
            "\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(unmarked(textOf(R"("\udf89b")")),
            "\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(unmarked(textOf(R"("\ud83c\ud83c\udf89")")), "\xEF\xBF\xBD🎉");
  EXPECT_EQ(unmarked(textOf(R"("\ud83c\\udf89")")), "\xEF\xBF\xBD\\udf89") << "an escaped backslash is no escape";
  SurrogateJoiner joiner;
  EXPECT_EQ(joiner.feed(textOf(R"("\ud83c")")), "");
  EXPECT_EQ(joiner.feed(""), "") << "an empty piece between the halves changes nothing";
  EXPECT_EQ(joiner.feed(textOf(R"("\udf89")")), "🎉");
  EXPECT_EQ(joiner.feed(textOf(R"("\ud83c")")), "");
  EXPECT_EQ(joiner.end(), "\xEF\xBF\xBD");
}

TEST(LenientJsonTest, NulIsNothingAndNoMark) {
  EXPECT_EQ(unmarked(textOf(R"("a\u0000d83cb")")), "ad83cb");
  EXPECT_EQ(unmarked(textOf(std::string("\"a\0b\"", 5))), "ab");
  EXPECT_EQ(unmarked(std::string("a\0", 2)), "a") << "a mark cut short";
}

TEST(LenientJsonTest, BrokenBytesAndControlCharacters) {
  EXPECT_EQ(textOf("\"a\xF0\x9F\x8E\""), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(textOf("\"\xED\xA0\xBC\"").find("\xED\xA0"), std::string::npos) << "a surrogate written as UTF-8";
  EXPECT_EQ(textOf("\"a\nb\tc\""), "a\nb\tc");
}

TEST(LenientJsonTest, WhatIsNoJson) {
  EXPECT_FALSE(parseLenient("{malformed json: <<<chaos>>>"));
  EXPECT_FALSE(parseLenient(""));
  EXPECT_FALSE(parseLenient(R"({"a":"\ud8)"));
  EXPECT_FALSE(parseLenient("\"\\"));
  EXPECT_FALSE(parseLenient(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(parseLenient(std::string(64, '[') + std::string(64, ']')));
  EXPECT_TRUE(parseLenient("\"" + std::string(100, '[') + "\"")) << "brackets in a text are no nesting";
}

}  // namespace
}  // namespace responder
