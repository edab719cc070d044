#include "base/Random.h"

#include <openssl/rand.h>

#include <stdexcept>

#include "base/Encoding.h"
#include "base/Hash.h"

namespace tsunagi {
namespace {

std::string base32(std::string_view bytes) {
  static constexpr char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  uint32_t bits = 0;
  int count = 0;
  for (unsigned char c : bytes) {
    bits = bits << 8 | c;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += ALPHABET[bits >> count & 31];
    }
  }
  if (count > 0) text += ALPHABET[bits << (5 - count) & 31];
  return text;
}

constexpr size_t SECRET_LENGTH = 52;
constexpr size_t CHECKSUM_LENGTH = 6;

std::string checksum(std::string_view text) { return base32(sha256(text)).substr(0, CHECKSUM_LENGTH); }

}  // namespace

std::string randomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system gave no random bytes");
  return bytes;
}

uint64_t randomBelow(uint64_t bound) {
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    uint64_t value = 0;
    for (unsigned char c : randomBytes(8)) value = value << 8 | c;
    if (value < limit) return value % bound;
  }
}

std::string randomId() { return base32(randomBytes(16)); }

std::string randomToken(std::string_view prefix) {
  std::string token(prefix);
  token += base32(randomBytes(32));
  return token + checksum(token);
}

bool tokenIsWellFormed(std::string_view token, std::string_view prefix) {
  if (token.size() != prefix.size() + SECRET_LENGTH + CHECKSUM_LENGTH || token.substr(0, prefix.size()) != prefix)
    return false;
  return token.substr(token.size() - CHECKSUM_LENGTH) == checksum(token.substr(0, token.size() - CHECKSUM_LENGTH));
}

std::string randomUuid() {
  std::string bytes = randomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = toHex(bytes);
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

std::string makeUlid(int64_t wallMs) {
  static constexpr char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text(26, '0');
  auto time = static_cast<uint64_t>(wallMs);
  for (int i = 9; i >= 0; --i, time >>= 5) text[static_cast<size_t>(i)] = ALPHABET[time & 31];
  const std::string random = randomBytes(16);
  for (size_t i = 0; i < 16; ++i) text[10 + i] = ALPHABET[static_cast<unsigned char>(random[i]) & 31];
  return text;
}

}  // namespace tsunagi
