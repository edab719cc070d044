#include "chat/PairingCode.h"

#include "base/Encoding.h"
#include "base/Hash.h"
#include "chat/TypedText.h"

namespace tsunagi::chat {
namespace {

constexpr std::string_view ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t CODE_LENGTH = 8;
constexpr size_t MAX_TYPED_BYTES = 64;

bool hasPlainDigit(std::string_view code) { return code.find_first_of("23456789") != std::string_view::npos; }

bool isSeparator(char32_t folded) {
  return isSpace(folded) || folded == '-' || folded == '_' || (folded >= 0x2010 && folded <= 0x2015) ||
         folded == 0x2212 || folded == 0x30FC || folded == 0xFF70;
}

// The canonical sign for a folded one; 0: not of the alphabet.
char canonical(char32_t folded) {
  if (folded == 'o') return '0';
  if (folded == 'i' || folded == 'l') return '1';
  if (folded >= 'a' && folded <= 'z') folded -= 'a' - 'A';
  if (folded >= 0x80) return 0;
  const auto sign = static_cast<char>(folded);
  return ALPHABET.find(sign) == std::string_view::npos ? '\0' : sign;
}

}  // namespace

std::string makePairingCode(const std::function<std::string(size_t)>& random) {
  for (;;) {
    std::string code;
    for (const char byte : random(CODE_LENGTH)) code += ALPHABET[static_cast<unsigned char>(byte) % ALPHABET.size()];
    if (hasPlainDigit(code)) return code;
  }
}

std::string showPairingCode(std::string_view code) {
  if (code.size() != CODE_LENGTH) return std::string(code);
  return std::string(code.substr(0, 4)) + "-" + std::string(code.substr(4));
}

std::optional<std::string> readPairingCode(std::string_view typed) {
  typed = trimTyped(typed);
  if (typed.size() > MAX_TYPED_BYTES) return std::nullopt;
  std::string code;
  for (const auto& sign : TypedText(typed).signs) {
    if (sign.value == 0 || isSeparator(sign.value)) continue;
    const char c = canonical(sign.value);
    if (c == 0 || code.size() == CODE_LENGTH) return std::nullopt;
    code += c;
  }
  if (code.size() != CODE_LENGTH || !hasPlainDigit(code)) return std::nullopt;
  return code;
}

std::string pairingCodeHash(std::string_view installKey, std::string_view channel, std::string_view code) {
  std::string message("pairing-code\0", 13);
  message.append(channel).push_back('\0');
  message.append(code);
  return toHex(HmacSha256(installKey).digest(message));
}

std::string pairingLink(std::string_view basicId, std::string_view code) {
  const std::string at = !basicId.empty() && basicId.front() == '@' ? "" : "@";
  return "https://line.me/R/oaMessage/" + percentEncode(at + std::string(basicId)) + "/?" + percentEncode(code);
}

std::string percentEncode(std::string_view text) {
  static constexpr std::string_view HEX = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', HEX[byte >> 4], HEX[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace tsunagi::chat
