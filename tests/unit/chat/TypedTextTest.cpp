#include "chat/TypedText.h"

#include <gtest/gtest.h>

namespace tsunagi::chat {
namespace {

TEST(TypedText, Folding) {
  EXPECT_EQ(foldTyped("／ＨＥＬＰ　Ａ～"), "/help a~");
  EXPECT_EQ(foldTyped("Straße ΑΒΓ ヘルプ"), "straße ΑΒΓ ヘルプ") << "only ASCII has its case folded";
  EXPECT_EQ(foldTyped("a\xC2\xA0z\xFF"), "a z\xFF");
  EXPECT_EQ(foldTyped(""), "");
}

TEST(TypedText, PositionsInBytesAndUtf16) {
  const TypedText text("aあ😀b");
  ASSERT_EQ(text.size(), 4u);
  EXPECT_EQ(text.signs[2].byte, 4u);
  EXPECT_EQ(text.signs[2].utf16Unit, 2u);
  EXPECT_EQ(text.signs[4].byte, 9u);
  EXPECT_EQ(text.signs[4].utf16Unit, 5u);
  EXPECT_EQ(text.atUtf16(0), 0u);
  EXPECT_EQ(text.atUtf16(2), 2u);
  EXPECT_EQ(text.atUtf16(3), 3u) << "inside a pair: the next sign";
  EXPECT_EQ(text.atUtf16(4), 3u);
  EXPECT_EQ(text.atUtf16(5), 4u);
  EXPECT_EQ(text.atUtf16(1000), 4u);
  EXPECT_EQ(TypedText("").size(), 0u);
}

TEST(TypedText, Trimming) {
  EXPECT_EQ(trimTyped(" \t\n\xE3\x80\x80 a b \xE3\x80\x80\r\n"), "a b");
  EXPECT_EQ(trimTyped("\xE3\x80\x80"), "");
  EXPECT_EQ(trimTyped(""), "");
  EXPECT_EQ(trimTyped("x"), "x");
  EXPECT_EQ(trimTyped(std::string(100'000, ' ')), "");
}

}  // namespace
}  // namespace tsunagi::chat
