#include "net/ChunkedDecoder.h"

#include <algorithm>

namespace tsunagi::net {

namespace {

constexpr size_t MAX_SIZE_LINE = 256 + 16 + 2;
constexpr size_t MAX_EXTENSIONS = 16 * 1024;
constexpr size_t MAX_TRAILERS = 8 * 1024;
constexpr size_t MAX_DIGITS = 16;

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkedDecoder::start(uint64_t maxBody) {
  *this = ChunkedDecoder();
  _maxBody = maxBody;
}

void ChunkedDecoder::fail(int status, const char* reason) {
  _failure.status = status;
  _failure.reason = reason;
}

size_t ChunkedDecoder::take(std::string_view bytes, HttpLineReader& lines, std::string_view& data) {
  data = {};
  if (done() || failed() || bytes.empty()) return 0;
  return _stage == Stage::Data ? takeData(bytes, data) : takeLine(bytes, lines);
}

size_t ChunkedDecoder::takeData(std::string_view bytes, std::string_view& data) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(_remaining, bytes.size()));
  data = bytes.substr(0, count);
  _remaining -= count;
  if (_remaining == 0) _stage = Stage::DataEnd;
  return count;
}

size_t ChunkedDecoder::takeLine(std::string_view bytes, HttpLineReader& lines) {
  size_t limit = MAX_SIZE_LINE;
  if (_stage == Stage::DataEnd) limit = 2;
  if (_stage == Stage::Trailer) limit = MAX_TRAILERS - _trailers;
  size_t used = 0;
  std::string_view line;
  switch (lines.next(bytes, limit, used, line)) {
    case HttpLineReader::Status::NeedMore:
      return used;
    case HttpLineReader::Status::BadCharacter:
      fail(400, "bad character in chunked body");
      return used;
    case HttpLineReader::Status::TooLong:
      if (_stage == Stage::DataEnd)
        fail(400, "chunk data not followed by a line end");
      else if (_stage == Stage::Trailer)
        fail(431, "trailer too long");
      else
        fail(400, "chunk size line too long");
      return used;
    case HttpLineReader::Status::Line:
      break;
  }
  if (_stage == Stage::Size) {
    sizeLine(line);
  } else if (_stage == Stage::DataEnd) {
    if (line.empty())
      _stage = Stage::Size;
    else
      fail(400, "chunk data not followed by a line end");
  } else if (line.empty()) {
    _stage = Stage::Done;
  } else {
    HttpHeader dropped;
    if (const char* wrong = parseFieldLine(line, dropped)) fail(400, wrong);
    _trailers += line.size() + 2;
  }
  return used;
}

void ChunkedDecoder::sizeLine(std::string_view line) {
  uint64_t size = 0;
  size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const int value = hexDigit(line[digits]);
    if (value < 0) break;
    if (digits == MAX_DIGITS) return fail(400, "chunk size too large");
    size = size << 4 | static_cast<uint64_t>(value);
  }
  if (digits == 0) return fail(400, "bad chunk size");
  const std::string_view rest = line.substr(digits);
  if (!rest.empty() && rest.front() != ';') return fail(400, "bad chunk size");
  _extensions += rest.size();
  if (_extensions > MAX_EXTENSIONS) return fail(400, "too many chunk extensions");
  if (size == 0) {
    _stage = Stage::Trailer;
    return;
  }
  if (_total > _maxBody || size > _maxBody - _total) return fail(413, "body too large");
  _total += size;
  _remaining = size;
  _stage = Stage::Data;
}

}  // namespace tsunagi::net
