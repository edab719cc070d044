#include "base/LogEscape.h"

#include <cstdint>

#include "base/Encoding.h"

namespace tsunagi {
namespace {

// Length of the well-formed character at the start of text, 0 when there is none.
size_t characterLength(std::string_view text) {
  for (size_t length = 1; length <= 4 && length <= text.size(); ++length)
    if (isValidUtf8(text.substr(0, length))) return length;
  return 0;
}

uint32_t decode(std::string_view c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]);
  uint32_t code = static_cast<unsigned char>(c[0]) & (0xFFu >> (c.size() + 1));
  for (size_t i = 1; i < c.size(); ++i) code = code << 6 | (static_cast<unsigned char>(c[i]) & 0x3Fu);
  return code;
}

bool mustEscape(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

std::string hexOf(uint32_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return digits;
}

}  // namespace

std::string logEscape(std::string_view text, size_t maxBytes) {
  std::string out;
  while (!text.empty()) {
    const size_t length = characterLength(text);
    std::string piece;
    if (length == 0)
      piece = "\\x" + toHex(text.substr(0, 1));
    else {
      const uint32_t code = decode(text.substr(0, length));
      if (code == '\\')
        piece = "\\\\";
      else if (mustEscape(code))
        piece = "\\u{" + hexOf(code) + "}";
      else
        piece = text.substr(0, length);
    }
    if (out.size() + piece.size() > maxBytes) return out + "...";
    out += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace tsunagi
