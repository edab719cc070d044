#include "chat/PairingCode.h"

#include <gtest/gtest.h>

#include <set>

#include "base/Random.h"

namespace tsunagi::chat {
namespace {

TEST(PairingCode, HasTheForm) {
  std::set<std::string> made;
  std::set<char> signs;
  for (int i = 0; i < 2000; ++i) {
    const auto code = makePairingCode(randomBytes);
    EXPECT_EQ(code.size(), 8u);
    EXPECT_EQ(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos) << code;
    EXPECT_NE(code.find_first_of("23456789"), std::string::npos) << code;
    EXPECT_EQ(readPairingCode(code), code);
    EXPECT_EQ(readPairingCode(showPairingCode(code)), code);
    made.insert(code);
    signs.insert(code.begin(), code.end());
  }
  EXPECT_EQ(made.size(), 2000u);
  EXPECT_EQ(signs.size(), 32u) << "each sign is used";
}

TEST(PairingCode, IsMadeOfTheRandomBytes) {
  int asked = 0;
  const auto bytes = [&](size_t count) {
    ++asked;
    return asked == 1 ? std::string(count, '\x0A') : std::string("\x00\x1F\x20\x02\xFF\x41\x07\x1E", count);
  };
  EXPECT_EQ(makePairingCode(bytes), "0Z02Z17Y");
  EXPECT_EQ(asked, 2) << "AAAAAAAA has no digit";
}

TEST(PairingCode, WhatPeopleType) {
  for (const auto* typed : {"7KQ2M0XD", "7kq2-m0xd", " 7KQ2 M0XD ", "７ＫＱ２−Ｍ０ＸＤ", "7KQ2M0XD\n",
                            "7-K-Q-2-M-0-X-D", "7KQ2－MOXD", "7kq2ーmoxd", "7KQ2\xE3\x80\x80M0XD", "7KQ2–M0XD"})
    EXPECT_EQ(readPairingCode(typed), "7KQ2M0XD") << typed;
  EXPECT_EQ(readPairingCode("oil2-3456"), "01123456");
  for (const auto* typed :
       {"", "7KQ2M0X", "7KQ2M0XDA", "LOCATION", "ABCDEFGH", "UUUU2222", "7KQ2M0XD!", "こんにちは2345", "7KQ2/M0XD",
        "------------------------------------------------------------------2345ABCD"})
    EXPECT_EQ(readPairingCode(typed), std::nullopt) << typed;
  EXPECT_EQ(readPairingCode(std::string(1'000'000, '2')), std::nullopt);
}

TEST(PairingCode, HashIsBoundToKeyAndChannel) {
  const auto hash = pairingCodeHash("install key", "line", "7KQ2M0XD");
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash, pairingCodeHash("install key", "line", "7KQ2M0XD"));
  EXPECT_NE(hash, pairingCodeHash("another key", "line", "7KQ2M0XD"));
  EXPECT_NE(hash, pairingCodeHash("install key", "line.shop", "7KQ2M0XD"));
  EXPECT_NE(hash, pairingCodeHash("install key", "line", "7KQ2M0XE"));
  EXPECT_EQ(hash.find("7KQ2"), std::string::npos);
}

TEST(PairingCode, Link) {
  EXPECT_EQ(pairingLink("@123abcde", "7KQ2M0XD"), "https://line.me/R/oaMessage/%40123abcde/?7KQ2M0XD");
  EXPECT_EQ(pairingLink("123abcde", "7KQ2-M0XD"), "https://line.me/R/oaMessage/%40123abcde/?7KQ2-M0XD");
  EXPECT_EQ(percentEncode("a b/?&=~\xE3\x81\x82"), "a%20b%2F%3F%26%3D~%E3%81%82");
}

}  // namespace
}  // namespace tsunagi::chat
