#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "net/HttpParser.h"
#include "net/HttpSyntax.h"

namespace tsunagi::net {

namespace {

constexpr size_t MAX_METHOD = 32;
constexpr size_t MAX_HOST = 255;
constexpr std::string_view VERSION = "HTTP/1.1";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isHostName(std::string_view name) {
  return !name.empty() && name.size() <= MAX_HOST && std::all_of(name.begin(), name.end(), [](char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
  });
}

bool isPort(std::string_view port) {
  if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), isDigit)) return false;
  unsigned value = 0;
  for (const char c : port) value = value * 10 + static_cast<unsigned>(c - '0');
  return value >= 1 && value <= 65535;
}

bool isIpv6Literal(std::string_view text) {
  in6_addr address{};
  return text.size() < INET6_ADDRSTRLEN && inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

}  // namespace

HttpRequestParser::HttpRequestParser(HttpLimits limits) : _limits(limits), _maxBody(limits.maxBody) {}

void HttpRequestParser::fail(int status, std::string reason) {
  _stage = Stage::Failed;
  _keepAlive = false;
  _failure = {status, std::move(reason)};
}

size_t HttpRequestParser::feed(std::string_view bytes) {
  switch (_stage) {
    case Stage::Head:
      return feedHead(bytes);
    case Stage::Body:
      return feedBody(bytes);
    case Stage::Complete:
    case Stage::Failed:
      break;
  }
  return 0;
}

size_t HttpRequestParser::feedHead(std::string_view bytes) {
  const size_t requestLine = MAX_METHOD + 1 + _limits.maxTarget + 1 + VERSION.size() + 2;
  size_t taken = 0;
  while (_stage == Stage::Head && taken < bytes.size()) {
    if (bytes[taken] != '\r' && bytes[taken] != '\n') _started = true;
    const size_t headRest = _limits.maxHead - std::min(_headBytes, _limits.maxHead);
    const size_t limit = _lineDone ? headRest : std::min(headRest, requestLine);
    size_t used = 0;
    std::string_view line;
    const HttpLineReader::Status status = _lines.next(bytes.substr(taken), limit, used, line);
    taken += used;
    if (status == HttpLineReader::Status::NeedMore) break;
    if (status == HttpLineReader::Status::BadCharacter) {
      fail(400, "bad character in the head");
    } else if (status == HttpLineReader::Status::TooLong) {
      _lineDone ? fail(431, "head too long") : fail(414, "request line too long");
    } else if (!_lineDone && line.empty()) {
      if (_blankSkipped) fail(400, "empty lines before the request");
      _blankSkipped = true;
    } else {
      _headBytes += line.size() + 2;
      HttpHeader field;
      if (!_lineDone) {
        _lineDone = parseRequestLine(line);
      } else if (line.empty()) {
        endHead();
      } else if (const char* wrong = parseFieldLine(line, field)) {
        fail(400, wrong);
      } else if (_request.headers.all().size() >= _limits.maxHeaders) {
        fail(431, "too many header fields");
      } else {
        _request.headers.add(std::move(field.name), std::move(field.value));
      }
    }
  }
  if (_stage == Stage::Failed) _started = true;
  return taken;
}

bool HttpRequestParser::parseRequestLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail(400, "bad request line"), false;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!isToken(method)) return fail(400, "bad method"), false;
  if (version.size() != VERSION.size() || version.substr(0, 5) != "HTTP/" || !isDigit(version[5]) ||
      version[6] != '.' || !isDigit(version[7]))
    return fail(400, "bad version in the request line"), false;
  if (version[5] != '1' || version[7] > '1') return fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here"), false;
  if (method.size() > MAX_METHOD) return fail(501, "unknown method"), false;
  if (target.size() > _limits.maxTarget) return fail(414, "target too long"), false;
  if (!isTargetText(target) || target.front() != '/') return fail(400, "bad target"), false;
  _request.method.assign(method);
  _request.target.assign(target);
  const size_t mark = target.find('?');
  _request.path.assign(target.substr(0, mark));
  if (mark != std::string_view::npos) _request.query.assign(target.substr(mark + 1));
  _request.minorVersion = version[7] - '0';
  return true;
}

bool HttpRequestParser::parseHost(std::string_view value) {
  std::string_view name = value;
  std::string_view port = "80";
  if (!value.empty() && value.front() == '[') {
    const size_t end = value.find(']');
    if (end == std::string_view::npos || !isIpv6Literal(value.substr(1, end - 1))) return false;
    name = value.substr(0, end + 1);
    const std::string_view rest = value.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    if (!rest.empty()) port = rest.substr(1);
  } else {
    const size_t colon = value.find(':');
    name = value.substr(0, colon);
    if (colon != std::string_view::npos) port = value.substr(colon + 1);
    if (!isHostName(name)) return false;
  }
  if (!isPort(port)) return false;
  _request.host.assign(name);
  for (char& c : _request.host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return true;
}

// Where the body ends (RFC 9112 section 6.3), with everything refused that two readers could take differently.
bool HttpRequestParser::readFraming() {
  const HttpHeaders& headers = _request.headers;
  const size_t codings = headers.count("Transfer-Encoding");
  const size_t lengths = headers.count("Content-Length");
  if (codings > 0 && lengths > 0) return fail(400, "both Content-Length and Transfer-Encoding"), false;
  if (codings > 1) return fail(400, "more than one Transfer-Encoding"), false;
  if (lengths > 1) return fail(400, "more than one Content-Length"), false;
  if (codings == 1) {
    if (_request.minorVersion == 0) return fail(400, "Transfer-Encoding on HTTP/1.0"), false;
    const std::string_view coding = *headers.find("Transfer-Encoding");
    if (!equalsIgnoreCase(coding, "chunked")) {
      const bool chunkedLast = equalsIgnoreCase(trimBlanks(coding.substr(coding.rfind(',') + 1)), "chunked");
      return fail(chunkedLast ? 501 : 400, "Transfer-Encoding other than chunked"), false;
    }
    _chunked = true;
    _chunks.start(_maxBody);
  }
  if (lengths == 1) {
    const std::string_view text = *headers.find("Content-Length");
    if (text.empty() || !std::all_of(text.begin(), text.end(), isDigit)) return fail(400, "bad Content-Length"), false;
    uint64_t length = 0;
    for (const char c : text) {
      const auto digit = static_cast<uint64_t>(c - '0');
      if (length > (UINT64_MAX - digit) / 10) return fail(413, "body too large"), false;
      length = length * 10 + digit;
    }
    _contentLength = length;
    _remaining = length;
  }
  return true;
}

void HttpRequestParser::endHead() {
  const HttpHeaders& headers = _request.headers;
  if (headers.count("Host") != 1) return fail(400, "exactly one Host is needed");
  if (!parseHost(*headers.find("Host"))) return fail(400, "bad Host");
  if (!readFraming()) return;
  const bool needsLength = _request.method == "POST" || _request.method == "PUT" || _request.method == "PATCH";
  if (needsLength && !_chunked && !_contentLength) return fail(411, "Content-Length or chunked is needed");
  for (const HttpHeader& field : headers.all()) {
    if (!equalsIgnoreCase(field.name, "Expect")) continue;
    if (!equalsIgnoreCase(field.value, "100-continue")) return fail(417, "unknown expectation");
    _expectContinue = _request.minorVersion == 1;
  }
  const bool close = headers.hasToken("Connection", "close");
  _keepAlive = !close && (_request.minorVersion == 1 || headers.hasToken("Connection", "keep-alive"));
  _stage = _chunked || _remaining > 0 ? Stage::Body : Stage::Complete;
}

void HttpRequestParser::setMaxBody(uint64_t bytes) {
  _maxBody = bytes;
  _chunks.setMaxBody(bytes);
  if (_stage == Stage::Body && _contentLength.value_or(0) > _maxBody) fail(413, "body too large");
}

size_t HttpRequestParser::feedBody(std::string_view bytes) {
  if (_chunked) return feedChunked(bytes);
  if (*_contentLength > _maxBody) return fail(413, "body too large"), 0;
  const auto count = static_cast<size_t>(std::min<uint64_t>(_remaining, bytes.size()));
  _request.body.append(bytes.substr(0, count));
  _remaining -= count;
  if (_remaining == 0) _stage = Stage::Complete;
  return count;
}

size_t HttpRequestParser::feedChunked(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && !_chunks.done() && !_chunks.failed()) {
    std::string_view data;
    taken += _chunks.take(bytes.substr(taken), _lines, data);
    _request.body.append(data);
  }
  if (_chunks.failed())
    fail(_chunks.failure().status, _chunks.failure().reason);
  else if (_chunks.done())
    _stage = Stage::Complete;
  return taken;
}

HttpRequest HttpRequestParser::takeRequest() { return std::exchange(_request, HttpRequest()); }

void HttpRequestParser::reset() {
  _stage = Stage::Head;
  _started = false;
  _blankSkipped = false;
  _lineDone = false;
  _keepAlive = true;
  _expectContinue = false;
  _chunked = false;
  _headBytes = 0;
  _remaining = 0;
  _maxBody = _limits.maxBody;
  _contentLength.reset();
  _lines.reset();
  _chunks.start(_maxBody);
  // A move would keep the strings' buffers here.
  HttpRequest fresh;
  std::swap(_request, fresh);
  _failure = {};
}

}  // namespace tsunagi::net
