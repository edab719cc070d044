#pragma once
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/HttpParser.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net::test {

// What came of a stream of requests: every whole request, then the failure that ended it, if any.
struct RequestRun {
  std::vector<HttpRequest> requests;
  std::vector<bool> keepAlive;
  HttpRequestParser::Stage last = HttpRequestParser::Stage::Head;
  int failure = 0;
  std::string reason;
  bool started = false;
  bool operator==(const RequestRun& other) const;
};

// Feeds pieces of step bytes (0 = all at once) the way a server does: reset() after each request.
RequestRun runRequests(std::string_view bytes, size_t step, HttpLimits limits = {});

struct ResponseRun {
  HttpResponseParser::Stage stage = HttpResponseParser::Stage::Head;
  int status = 0;
  std::string body;
  std::string reason;
  size_t used = 0;
  bool keepAlive = false;
  std::vector<std::string> headers;
  bool operator==(const ResponseRun& other) const = default;
};

// close: the peer closed behind the bytes.
ResponseRun runResponse(std::string_view bytes, size_t step, bool close, bool isHead = false, HttpLimits limits = {});

// A WebSocket conversation as a list of words: "text:..", "binary:..", "ping:..", "pong:..", "close:code:..",
// "fail:code".
std::vector<std::string> runFrames(std::string bytes, size_t step, WsRole role = WsRole::Server,
                                   size_t maxMessage = 1 << 20);

}  // namespace tsunagi::net::test
