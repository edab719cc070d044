#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/HttpMessage.h"

namespace tsunagi::net {

struct HttpLimits {
  size_t maxHead = 16 * 1024;     // bytes of request or status line and header fields together
  size_t maxHeaders = 100;        // fields
  uint64_t maxBody = 1024 * 1024; // bytes
};

// Why a message was refused: the status a server answers (400, 408, 411, 413, 414, 417, 421, 426, 431, 501, 505) and a short reason.
struct HttpFailure {
  int status = 0;
  std::string reason;
};

// Sans-IO parser of HTTP/1.0 and 1.1 requests (RFC 9112), strict: exactly one Host on 1.1 (1.0 too), at most one
// Content-Length of digits only, Content-Length with Transfer-Encoding refused, Transfer-Encoding exactly "chunked" and
// only on 1.1, no obs-fold, no white space before a colon, no bare CR or LF, no control characters, a token as method,
// origin-form targets only ('*' for OPTIONS refused with 400 too). Not thread-safe; no I/O, no clock.
class HttpRequestParser {
 public:
  enum class Stage { Head, Body, Complete, Failed };

  explicit HttpRequestParser(HttpLimits limits = {});

  // Takes bytes and returns how many it used. It stops behind the head (so that the caller can look at it before any
  // body byte is taken) and behind the message; bytes left over belong to the next request.
  size_t feed(std::string_view bytes);

  Stage stage() const { return _stage; }
  bool started() const { return _started; }        // a byte of this message (leading CRLF aside) has come
  const HttpRequest& request() const { return _request; }  // head valid from Body on, body from Complete on
  HttpRequest takeRequest() { return std::move(_request); }
  const HttpFailure& failure() const { return _failure; }
  bool keepAlive() const { return _keepAlive; }    // by version and Connection field
  bool expectsContinue() const { return _expectContinue; }
  std::optional<uint64_t> contentLength() const { return _contentLength; }
  bool chunked() const { return _chunked; }

  // After the head: the cap of this route. Smaller than an announced Content-Length means Failed 413 at once.
  void setMaxBody(uint64_t bytes);
  void reset();  // for the next request on the connection

 private:
  enum class ChunkStage { Size, Data, DataEnd, Trailer };
  void fail(int status, std::string reason);
  void parseHead(std::string_view head);
  bool parseRequestLine(std::string_view line);
  bool interpretHeaders();
  size_t feedHead(std::string_view bytes);
  size_t feedBody(std::string_view bytes);
  size_t feedChunked(std::string_view bytes);

  HttpLimits _limits;
  Stage _stage = Stage::Head;
  bool _started = false;
  bool _keepAlive = true;
  bool _expectContinue = false;
  bool _chunked = false;
  ChunkStage _chunkStage = ChunkStage::Size;
  uint64_t _remaining = 0;
  uint64_t _maxBody = 0;
  std::optional<uint64_t> _contentLength;
  std::string _partial;  // head or chunk line seen so far
  HttpRequest _request;
  HttpFailure _failure;
};

// Sans-IO parser of one HTTP/1.1 response, for the client. Skips 1xx answers except 101. Refuses any Content-Encoding but
// identity (S25). A body that ends before its announced length is an error, never a short success.
class HttpResponseParser {
 public:
  enum class Stage { Head, Body, Complete, Failed };

  // limits.maxBody caps the whole body. isHead: the request was HEAD, so no body follows.
  explicit HttpResponseParser(HttpLimits limits = {}, bool isHead = false);

  // Gives body bytes to onBody as they come; onBody returns false to stop (stage Failed, failure().reason "stopped").
  // Stops behind the head like the request parser. Returns bytes used; after 101 the rest belongs to the new protocol.
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
  enum class BodyKind { None, Length, Chunked, UntilClose };
  enum class ChunkStage { Size, Data, DataEnd, Trailer };
  void fail(std::string reason);
  bool parseHead(std::string_view head);
  size_t feedHead(std::string_view bytes);
  size_t feedChunked(std::string_view bytes, const std::function<bool(std::string_view)>& onBody);
  bool give(std::string_view bytes, const std::function<bool(std::string_view)>& onBody);

  HttpLimits _limits;
  bool _isHead;
  Stage _stage = Stage::Head;
  bool _started = false;
  bool _keepAlive = true;
  int _status = 0;
  BodyKind _kind = BodyKind::None;
  ChunkStage _chunkStage = ChunkStage::Size;
  uint64_t _remaining = 0;
  uint64_t _received = 0;
  std::string _partial;
  HttpHeaders _headers;
  HttpFailure _failure;
};

// Serialise. They throw std::invalid_argument when a name, value, method or target holds a control character or a
// space where none may be (header injection).
std::string encodeRequest(std::string_view method, std::string_view target, const HttpHeaders& headers,
                          std::string_view body);  // adds Content-Length for POST, PUT, PATCH or a non-empty body
std::string encodeResponse(const HttpResponse& response, bool keepAlive, bool isHead = false);  // adds Date, Content-Length, Connection

}  // namespace tsunagi::net
