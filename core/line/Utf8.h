#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tsunagi::line {

struct CodePoint {
  char32_t value;  // U+FFFD for a byte that begins no valid sequence
  uint8_t bytes;   // taken from the text: 1 to 4
  bool valid;

  size_t utf16Units() const { return value >= 0x10000 ? 2 : 1; }
};

// Reads the character at position at (< text.size()) of UTF-8 text (RFC 3629: no surrogates, no overlong forms).
CodePoint decodeUtf8(std::string_view text, size_t at);

// The longest beginning of text with at most maxBytes bytes that does not end inside a character.
std::string_view cutUtf8(std::string_view text, size_t maxBytes);

}  // namespace tsunagi::line
