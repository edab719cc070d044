#pragma once
#include <cstdint>
#include <string_view>

#include "net/HttpLimits.h"
#include "net/HttpSyntax.h"

namespace tsunagi::net {

// Sans-IO decoder of the chunked transfer coding (RFC 9112 section 7.1). Sizes are 1 to 16 hex digits; extensions are
// skipped, at most 256 bytes a line and 16 KiB a body; trailer fields are checked, at most 8 KiB, and dropped.
class ChunkedDecoder {
 public:
  void start(uint64_t maxBody);
  void setMaxBody(uint64_t maxBody) { _maxBody = maxBody; }

  // Takes a piece from the front of bytes, returns its length and sets data to the body bytes in it, if any. Call it
  // until done(), failed() or no bytes are left. lines is the caller's, so that an idle parser holds one buffer only.
  size_t take(std::string_view bytes, HttpLineReader& lines, std::string_view& data);

  bool done() const { return _stage == Stage::Done; }
  bool failed() const { return _failure.status != 0; }
  const HttpFailure& failure() const { return _failure; }  // 400, 413 or 431

 private:
  enum class Stage : uint8_t { Size, Data, DataEnd, Trailer, Done };
  void fail(int status, const char* reason);
  void sizeLine(std::string_view line);
  size_t takeData(std::string_view bytes, std::string_view& data);
  size_t takeLine(std::string_view bytes, HttpLineReader& lines);

  Stage _stage = Stage::Size;
  uint64_t _maxBody = 0;
  uint64_t _total = 0;      // body bytes announced so far
  uint64_t _remaining = 0;  // of the current chunk
  size_t _extensions = 0;   // bytes of extensions so far
  size_t _trailers = 0;     // bytes of trailers so far
  HttpFailure _failure;
};

}  // namespace tsunagi::net
