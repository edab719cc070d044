#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/ChunkedDecoder.h"
#include "net/HttpLimits.h"
#include "net/HttpMessage.h"
#include "net/HttpSyntax.h"

namespace tsunagi::net {

// Sans-IO parser of HTTP/1.0 and 1.1 requests (RFC 9112), strict: exactly one Host on 1.1 (1.0 too), at most one
// Content-Length of digits only, Content-Length with Transfer-Encoding refused, Transfer-Encoding exactly "chunked" and
// only on 1.1, no obs-fold, no white space before a colon, no bare CR or LF, no control characters, a token as method,
// origin-form targets only ('*' for OPTIONS refused with 400 too). Not thread-safe; no I/O, no clock.
class HttpRequestParser {
 public:
  enum class Stage { Head, Body, Complete, Failed };

  explicit HttpRequestParser(HttpLimits limits = {});

  // Takes bytes and returns how many it used. It stops behind the head (so that the caller can look at it before any
  // body byte is taken) and behind the message; bytes left over belong to the next request. A message without a body
  // goes from Head to Complete.
  size_t feed(std::string_view bytes);

  Stage stage() const { return _stage; }
  bool started() const { return _started; }                // a byte of this message (leading CRLF aside) has come
  const HttpRequest& request() const { return _request; }  // head valid from Body on, body from Complete on
  HttpRequest takeRequest();
  void setPeer(std::string peer) { _request.peer = std::move(peer); }  // for those who look at the head
  const HttpFailure& failure() const { return _failure; }
  bool keepAlive() const { return _keepAlive; }  // by version and Connection field
  bool expectsContinue() const { return _expectContinue; }
  std::optional<uint64_t> contentLength() const { return _contentLength; }
  bool chunked() const { return _chunked; }

  // After the head: the cap of this route, lower or higher than limits.maxBody. Smaller than an announced
  // Content-Length means Failed 413 at once. When it is not called, limits.maxBody is held against the length at the
  // next feed().
  void setMaxBody(uint64_t bytes);
  void reset();  // for the next request on the connection

 private:
  void fail(int status, std::string reason);
  bool parseRequestLine(std::string_view line);
  bool parseHost(std::string_view value);
  void endHead();
  bool readFraming();
  size_t feedHead(std::string_view bytes);
  size_t feedBody(std::string_view bytes);
  size_t feedChunked(std::string_view bytes);

  HttpLimits _limits;
  Stage _stage = Stage::Head;
  bool _started = false;
  bool _blankSkipped = false;  // the one empty line allowed before a request
  bool _lineDone = false;      // the request line was parsed
  bool _keepAlive = true;
  bool _expectContinue = false;
  bool _chunked = false;
  size_t _headBytes = 0;
  uint64_t _remaining = 0;
  uint64_t _maxBody = 0;
  std::optional<uint64_t> _contentLength;
  HttpLineReader _lines;
  ChunkedDecoder _chunks;
  HttpRequest _request;
  HttpFailure _failure;
};

// Sans-IO parser of one HTTP/1.1 response, for the client. Skips 1xx answers except 101. Refuses any Content-Encoding
// but identity (S25). A body that ends before its announced length is an error, never a short success.
class HttpResponseParser {
 public:
  enum class Stage { Head, Body, Complete, Failed };

  // limits.maxBody caps the whole body. isHead: the request was HEAD, so no body follows.
  explicit HttpResponseParser(HttpLimits limits = {}, bool isHead = false);

  // Gives body bytes to onBody as they come; onBody (which may be empty: bytes are dropped) returns false to stop
  // (stage Failed, failure().reason "stopped"). Stops behind the head like the request parser. Returns bytes used;
  // after 101 the rest belongs to the new protocol. Of a failure only the reason counts: a client answers no status.
  size_t feed(std::string_view bytes, const std::function<bool(std::string_view)>& onBody);
  // The peer closed: completes a body that is ended by close, else Failed "cut short".
  void finish();

  Stage stage() const { return _stage; }
  bool started() const { return _started; }  // any byte has come
  int status() const { return _status; }
  const HttpHeaders& headers() const { return _headers; }
  const HttpFailure& failure() const { return _failure; }
  bool keepAlive() const { return _keepAlive; }

 private:
  using OnBody = std::function<bool(std::string_view)>;
  enum class BodyKind : uint8_t { None, Length, Chunked, UntilClose };
  void fail(std::string reason);
  bool parseStatusLine(std::string_view line);
  void endHead();
  bool readFraming();
  size_t feedHead(std::string_view bytes);
  size_t feedBody(std::string_view bytes, const OnBody& onBody);
  size_t feedChunked(std::string_view bytes, const OnBody& onBody);
  bool give(std::string_view bytes, const OnBody& onBody);

  HttpLimits _limits;
  bool _isHead;
  Stage _stage = Stage::Head;
  bool _started = false;
  bool _lineDone = false;
  bool _keepAlive = true;
  BodyKind _kind = BodyKind::None;
  int _status = 0;
  int _minorVersion = 1;
  int _interim = 0;  // 1xx answers skipped
  size_t _headBytes = 0;
  uint64_t _remaining = 0;  // of a body with a length; of the cap for one that ends by close
  HttpLineReader _lines;
  ChunkedDecoder _chunks;
  HttpHeaders _headers;
  HttpFailure _failure;
};

// Serialise. They throw std::invalid_argument when a name, value, method or target holds a control character or a
// space where none may be (header injection), or when the caller gives a framing field (Content-Length,
// Transfer-Encoding) of his own.
// Adds Content-Length for POST, PUT, PATCH or a non-empty body.
std::string encodeRequest(std::string_view method, std::string_view target, const HttpHeaders& headers,
                          std::string_view body);
// Adds Date, Content-Length (not for 1xx, 204 and 304, which have no body) and, unless the response has one as a 101
// does, Connection. To HEAD the length is told and the body left out.
std::string encodeResponse(const HttpResponse& response, bool keepAlive, bool isHead = false);
// Only its head, which announces bodyLength bytes; response.body is not looked at.
std::string encodeResponseHead(const HttpResponse& response, bool keepAlive, uint64_t bodyLength);

}  // namespace tsunagi::net
