#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::chat {

// What people type, made comparable: full-width forms of ASCII (U+FF01 to U+FF5E) and the ideographic and no-break
// space become ASCII, ASCII letters lower case. Everything else stays. One character in, one character out.
char32_t foldTyped(char32_t c);
std::string foldTyped(std::string_view text);

// A text taken apart into folded characters that remember where they stand in it. Linear in time and memory.
struct TypedText {
  explicit TypedText(std::string_view text);

  struct Sign {
    char32_t value;    // folded
    size_t byte;       // where it begins in the text
    size_t utf16Unit;  // as LINE counts
  };
  std::vector<Sign> signs;  // and one at the end, value 0, that only tells the text's length
  size_t size() const { return signs.size() - 1; }
  // The first sign at or behind a UTF-16 position; size() when there is none.
  size_t atUtf16(size_t unit) const;
};

bool isSpace(char32_t folded);                      // white space and line ends
bool isWordSign(char32_t folded);                   // ASCII letter, digit or '_'
std::string_view trimTyped(std::string_view text);  // without white space at both ends, the ideographic space too

}  // namespace tsunagi::chat
