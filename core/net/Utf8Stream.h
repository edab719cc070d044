#pragma once
#include <cstdint>
#include <string_view>

namespace tsunagi::net {

// Checks UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF) that comes in pieces, and says no
// at the first byte that cannot be part of valid text.
class Utf8Stream {
 public:
  bool take(std::string_view bytes);               // false: not UTF-8; the stream stays unusable until reset()
  bool complete() const { return _missing == 0; }  // not in the middle of a character
  void reset() { *this = Utf8Stream(); }

 private:
  uint8_t _missing = 0;    // continuation bytes still to come
  uint8_t _lowest = 0x80;  // bounds of the next one
  uint8_t _highest = 0xbf;
};

}  // namespace tsunagi::net
