#include <gtest/gtest.h>

#include <set>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "base/LogEscape.h"
#include "base/Random.h"
#include "base/SecretString.h"

namespace tsunagi {
namespace {

using namespace std::string_literals;

TEST(Encoding, HexBothWays) {
  EXPECT_EQ(toHex("\x00\xff\x10"s), "00ff10");
  EXPECT_EQ(fromHex("00FF10"), "\x00\xff\x10"s);
  EXPECT_FALSE(fromHex("0"));
  EXPECT_FALSE(fromHex("0g"));
}

TEST(Encoding, Base64OfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(toBase64(bytes), text);
    EXPECT_EQ(fromBase64(text), bytes);
  }
}

TEST(Encoding, Base64IsStrict) {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Z_-=", "====", "=", "Zg==Zg=="})
    EXPECT_FALSE(fromBase64(bad)) << bad;
}

TEST(Encoding, Utf8) {
  for (const char* good : {"", "a", "é", "つ", "🧩", "\x7f", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(isValidUtf8(good)) << good;
  for (const char* bad : {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff", "\xe3\x81"})
    EXPECT_FALSE(isValidUtf8(bad)) << toHex(bad);
}

TEST(Hash, Sha256OfFips180) {
  EXPECT_EQ(toHex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, Sha256InPiecesIsTheSame) {
  Sha256 hash;
  for (const char* piece : {"", "a", "", "bc"}) hash.add(piece);
  EXPECT_EQ(hash.digest(), sha256("abc"));
  EXPECT_EQ(Sha256().digest(), sha256(""));
}

TEST(Hash, HmacOfRfc4231) {
  const HmacSha256 key("Jefe");
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(toHex(key.digest("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(toHex(HmacSha256("").digest("")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hash, ConstantTimeEquality) {
  EXPECT_TRUE(equalConstantTime("", ""));
  EXPECT_TRUE(equalConstantTime("abc", "abc"));
  EXPECT_FALSE(equalConstantTime("abc", "abd"));
  EXPECT_FALSE(equalConstantTime("abc", "ab"));
}

TEST(Random, TokensCarryAChecksum) {
  const std::string token = randomToken("tsgu_");
  EXPECT_EQ(token.size(), 5 + 52 + 6u);
  EXPECT_TRUE(tokenIsWellFormed(token, "tsgu_"));
  EXPECT_FALSE(tokenIsWellFormed(token, "tsga_"));
  EXPECT_FALSE(tokenIsWellFormed(token.substr(1), "tsgu_"));
  for (size_t i = 5; i < token.size(); ++i) {
    std::string wrong = token;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(tokenIsWellFormed(wrong, "tsgu_")) << i;
  }
}

TEST(Random, IdsHaveTheirFormAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string id = randomId();
    EXPECT_EQ(id.size(), 26u);
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567"), std::string::npos);
    EXPECT_TRUE(seen.insert(id).second);
  }
  const std::string uuid = randomUuid();
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(Random, BelowStaysBelow) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 400; ++i) seen.insert(randomBelow(5));
  EXPECT_EQ(seen, (std::set<uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(randomBelow(1), 0u);
}

TEST(Random, UlidsSortByTime) {
  EXPECT_EQ(makeUlid(0).substr(0, 10), "0000000000");
  EXPECT_EQ(makeUlid(1469918176385).substr(0, 10), "01ARYZ6S41");
  EXPECT_LT(makeUlid(1000), makeUlid(1001));
}

TEST(LogEscape, ShowsWhatCouldForgeALine) {
  EXPECT_EQ(logEscape("plain つなぎ 🧩"), "plain つなぎ 🧩");
  EXPECT_EQ(logEscape("a\nb\r\x1b[31m\\"), "a\\u{a}b\\u{d}\\u{1b}[31m\\\\");
  EXPECT_EQ(logEscape("\u2028\u202e\u0085"), "\\u{2028}\\u{202e}\\u{85}");
  EXPECT_EQ(logEscape("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(logEscape("\0"s), "\\u{0}");
}

TEST(LogEscape, CutsOnACharacter) {
  EXPECT_EQ(logEscape("つなぎ", 6), "つな...");
  EXPECT_EQ(logEscape("つなぎ", 7), "つな...");
  EXPECT_EQ(logEscape("つなぎ", 9), "つなぎ");
}

TEST(SecretString, MovesLeaveNothingBehind) {
  SecretString a("0123456789012345678901234567890123456789");
  SecretString b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(b.reveal(), "0123456789012345678901234567890123456789");
  SecretString c;
  c = b;
  EXPECT_TRUE(c == b);
  b = SecretString("x");
  EXPECT_FALSE(c == b);
}

}  // namespace
}  // namespace tsunagi
