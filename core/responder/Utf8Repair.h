#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tsunagi::responder {

// Makes a stream of pieces valid UTF-8: a character cut between two pieces is put together again, every byte that
// belongs to none becomes U+FFFD. Not thread-safe.
class Utf8Repair {
 public:
  // The whole characters known so far. What may be the start of one stays back for the next piece.
  std::string feed(std::string_view piece);
  // What is left at the end of the stream.
  std::string finish();
  // Bytes replaced, and pieces that ended inside a character.
  size_t replaced() const { return _replaced; }
  size_t splits() const { return _splits; }

 private:
  std::string _rest;
  size_t _replaced = 0;
  size_t _splits = 0;
};

// The same for a text that is whole.
std::string repairedUtf8(std::string_view text);

}  // namespace tsunagi::responder
