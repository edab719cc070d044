#include <algorithm>

#include "net/HttpParser.h"
#include "net/HttpSyntax.h"

namespace tsunagi::net {

namespace {

constexpr int MAX_INTERIM = 32;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// One length, or the same one repeated in a list (RFC 9110 section 8.6 allows a reader to accept that).
bool readLength(std::string_view list, std::optional<uint64_t>& length) {
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view text = trimBlanks(list.substr(0, comma));
    if (text.empty() || !std::all_of(text.begin(), text.end(), isDigit)) return false;
    uint64_t value = 0;
    for (const char c : text) {
      const auto digit = static_cast<uint64_t>(c - '0');
      if (value > (UINT64_MAX - digit) / 10) return false;
      value = value * 10 + digit;
    }
    if (length && *length != value) return false;
    length = value;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

HttpResponseParser::HttpResponseParser(HttpLimits limits, bool isHead) : _limits(limits), _isHead(isHead) {}

void HttpResponseParser::fail(std::string reason) {
  _stage = Stage::Failed;
  _keepAlive = false;
  _failure = {502, std::move(reason)};
}

size_t HttpResponseParser::feed(std::string_view bytes, const OnBody& onBody) {
  if (!bytes.empty()) _started = true;
  switch (_stage) {
    case Stage::Head:
      return feedHead(bytes);
    case Stage::Body:
      return _kind == BodyKind::Chunked ? feedChunked(bytes, onBody) : feedBody(bytes, onBody);
    case Stage::Complete:
    case Stage::Failed:
      break;
  }
  return 0;
}

size_t HttpResponseParser::feedHead(std::string_view bytes) {
  size_t taken = 0;
  while (_stage == Stage::Head && taken < bytes.size()) {
    const size_t limit = _limits.maxHead - std::min(_headBytes, _limits.maxHead);
    size_t used = 0;
    std::string_view line;
    const HttpLineReader::Status status = _lines.next(bytes.substr(taken), limit, used, line);
    taken += used;
    if (status == HttpLineReader::Status::NeedMore) break;
    if (status == HttpLineReader::Status::BadCharacter) {
      fail("bad character in the head of the answer");
    } else if (status == HttpLineReader::Status::TooLong) {
      fail("head of the answer too long");
    } else {
      _headBytes += line.size() + 2;
      HttpHeader field;
      if (!_lineDone) {
        _lineDone = parseStatusLine(line);
      } else if (line.empty()) {
        endHead();
      } else if (const char* wrong = parseFieldLine(line, field)) {
        fail(std::string(wrong) + " in the answer");
      } else if (_headers.all().size() >= _limits.maxHeaders) {
        fail("too many header fields in the answer");
      } else {
        _headers.add(std::move(field.name), std::move(field.value));
      }
    }
  }
  return taken;
}

bool HttpResponseParser::parseStatusLine(std::string_view line) {
  // "HTTP/1.1 200 OK"; the blank before an empty reason may be missing.
  const bool shape = line.size() >= 12 && line.substr(0, 5) == "HTTP/" && isDigit(line[5]) && line[6] == '.' &&
                     isDigit(line[7]) && line[8] == ' ' && isDigit(line[9]) && isDigit(line[10]) && isDigit(line[11]) &&
                     (line.size() == 12 || line[12] == ' ');
  if (!shape) return fail("the answer is not HTTP"), false;
  if (line[5] != '1') return fail("the answer is not HTTP/1"), false;
  _minorVersion = line[7] == '0' ? 0 : 1;
  _status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (_status < 100) return fail("the answer has no valid status"), false;
  return true;
}

bool HttpResponseParser::readFraming() {
  if (_isHead || _status == 101 || _status == 204 || _status == 304) {
    _kind = BodyKind::None;
    return true;
  }
  const size_t codings = _headers.count("Transfer-Encoding");
  const size_t lengths = _headers.count("Content-Length");
  if (codings > 0 && lengths > 0) return fail("the answer has both Content-Length and Transfer-Encoding"), false;
  if (codings > 0) {
    if (_minorVersion == 0 || codings > 1 || !equalsIgnoreCase(*_headers.find("Transfer-Encoding"), "chunked"))
      return fail("the answer has a Transfer-Encoding other than chunked"), false;
    _kind = BodyKind::Chunked;
    _chunks.start(_limits.maxBody);
  } else if (lengths > 0) {
    std::optional<uint64_t> length;
    for (const HttpHeader& field : _headers.all())
      if (equalsIgnoreCase(field.name, "Content-Length") && !readLength(field.value, length))
        return fail("the answer has a bad Content-Length"), false;
    if (*length > _limits.maxBody) return fail("body of the answer too large"), false;
    _remaining = *length;
    _kind = BodyKind::Length;
  } else {
    _remaining = _limits.maxBody;
    _kind = BodyKind::UntilClose;
  }
  for (const HttpHeader& field : _headers.all())
    if (equalsIgnoreCase(field.name, "Content-Encoding") && !field.value.empty() &&
        !equalsIgnoreCase(field.value, "identity"))
      return fail("the answer is compressed though nobody asked for it"), false;
  return true;
}

void HttpResponseParser::endHead() {
  if (_status < 200 && _status != 101) {
    if (++_interim > MAX_INTERIM) return fail("too many interim answers");
    _headers = HttpHeaders();
    _headBytes = 0;
    _lineDone = false;
    return;
  }
  if (!readFraming()) return;
  const bool close = _headers.hasToken("Connection", "close");
  _keepAlive =
      !close && _kind != BodyKind::UntilClose && (_minorVersion == 1 || _headers.hasToken("Connection", "keep-alive"));
  const bool empty = _kind == BodyKind::None || (_kind == BodyKind::Length && _remaining == 0);
  _stage = empty ? Stage::Complete : Stage::Body;
}

bool HttpResponseParser::give(std::string_view bytes, const OnBody& onBody) {
  if (bytes.empty() || !onBody || onBody(bytes)) return true;
  fail("stopped");
  return false;
}

size_t HttpResponseParser::feedBody(std::string_view bytes, const OnBody& onBody) {
  const auto count = static_cast<size_t>(std::min<uint64_t>(_remaining, bytes.size()));
  _remaining -= count;
  if (!give(bytes.substr(0, count), onBody)) return count;
  if (_kind == BodyKind::Length) {
    if (_remaining == 0) _stage = Stage::Complete;
  } else if (count < bytes.size()) {
    fail("body of the answer too large");
  }
  return count;
}

size_t HttpResponseParser::feedChunked(std::string_view bytes, const OnBody& onBody) {
  size_t taken = 0;
  while (taken < bytes.size() && !_chunks.done() && !_chunks.failed()) {
    std::string_view data;
    taken += _chunks.take(bytes.substr(taken), _lines, data);
    if (!give(data, onBody)) return taken;
  }
  if (_chunks.failed())
    fail(_chunks.failure().reason + " in the answer");
  else if (_chunks.done())
    _stage = Stage::Complete;
  return taken;
}

void HttpResponseParser::finish() {
  if (_stage == Stage::Head)
    fail(_started ? "the answer was cut short in its head" : "the connection was closed without an answer");
  else if (_stage == Stage::Body && _kind == BodyKind::UntilClose)
    _stage = Stage::Complete;
  else if (_stage == Stage::Body)
    fail("the answer was cut short");
}

}  // namespace tsunagi::net
