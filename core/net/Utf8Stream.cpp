#include "net/Utf8Stream.h"

#include <cstring>

namespace tsunagi::net {

bool Utf8Stream::take(std::string_view bytes) {
  constexpr uint64_t HIGH_BITS = 0x8080808080808080u;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    if (_missing == 0) {
      while (end - at >= 8) {
        uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        if (word & HIGH_BITS) break;
        at += 8;
      }
      if (at == end) break;
    }
    const auto byte = static_cast<unsigned char>(*at++);
    if (_missing > 0) {
      if (byte < _lowest || byte > _highest) return false;
      --_missing;
      _lowest = 0x80;
      _highest = 0xbf;
    } else if (byte >= 0x80) {
      if (byte < 0xc2 || byte > 0xf4) return false;
      _missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      if (byte == 0xe0) _lowest = 0xa0;   // shorter forms exist below
      if (byte == 0xed) _highest = 0x9f;  // surrogates above
      if (byte == 0xf0) _lowest = 0x90;
      if (byte == 0xf4) _highest = 0x8f;  // beyond U+10FFFF above
    }
  }
  return true;
}

}  // namespace tsunagi::net
