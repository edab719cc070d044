#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpMessage.h"
#include "net/NameLookup.h"
#include "net/Tls.h"
#include "net/Url.h"
#include "net/WebSocket.h"

namespace tsunagi::net {

struct WebSocketConnect {
  Url url;              // ws or wss
  HttpHeaders headers;  // Authorization and so on
  std::vector<std::string> subprotocols;
  std::shared_ptr<const TlsContext> tls;  // required for wss
  int64_t deadlineMs = 15'000;            // name look-up, TCP, TLS and the upgrade together
  size_t maxMessage = 16 * 1024 * 1024;
  NameLookup::Resolver resolver;  // empty = the system's
};

// How an attempt ended when no WebSocket came of it.
struct WebSocketRefusal {
  enum class Kind { Dns, Connect, Tls, Http, Protocol, Timeout, Cancelled } kind = Kind::Connect;
  int httpStatus = 0;        // of Kind::Http
  int64_t retryAfterMs = 0;  // from Retry-After, 0 = none
  std::string message;       // for the operator
};

// Opens a WebSocket on a loop: the name is looked up on a thread of its own (getaddrinfo blocks), every address is
// tried, IPv6 and IPv4 staggered by 250 ms (RFC 8305). Exactly one of handler->onOpen and onRefused is called, on the
// loop, never inline; when neither can be (the attempt was cancelled), onRefused gets Kind::Cancelled.
class WebSocketConnector {
 public:
  // [loop] The returned handle cancels the attempt when it is destroyed before the outcome; the loop outlives it. The
  // opened socket lives on; one still open when its loop is destroyed is closed without onClosed.
  class Attempt {
   public:
    virtual ~Attempt() = default;
  };
  static std::unique_ptr<Attempt> open(EventLoop& loop, WebSocketConnect options,
                                       std::shared_ptr<WebSocketHandler> handler,
                                       std::function<void(const WebSocketRefusal&)> onRefused);
};

}  // namespace tsunagi::net
