#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/Result.h"
#include "net/EventLoop.h"
#include "net/HttpMessage.h"
#include "net/HttpParser.h"
#include "net/Tls.h"
#include "net/Url.h"
#include "net/WebSocket.h"

namespace tsunagi::net {

// The place to answer one request. Copyable; may be answered from any thread, once: later answers are ignored.
// If every copy goes without an answer the client gets 500. An answer to a connection that is gone is dropped.
class HttpReply {
 public:
  void send(HttpResponse response) const;  // [any thread]
  // An answer in parts, each put out as it comes: the head (its body is not looked at), then bodyLength bytes by
  // more(). What is beyond them is dropped; if every copy goes before they are there, the client sees a reset.
  void begin(HttpResponse head, uint64_t bodyLength) const;  // [any thread] instead of send()
  void more(std::string bytes) const;                        // [any thread] after begin(), one call at a time
  // No answer, or no more of it: the connection ends with a TCP reset, answers before this one that are unsent too.
  void reset() const;  // [any thread] unless it was answered
  struct Target;
  explicit HttpReply(std::shared_ptr<Target> target) : _target(std::move(target)) {}

 private:
  std::shared_ptr<Target> _target;
};

// Path parameters by position: the pattern "/{fleet}/{unit}/webhook" gives {fleet, unit}. Not percent-decoded; a
// pattern element matches one non-empty segment.
using PathParameters = std::vector<std::string_view>;

// Called on a loop as soon as the head is there and before any body byte: refuse early (404, 413, 429) by returning a
// response, else nothing. After a refusal the connection is closed when a body was announced.
using HeadCheck = std::function<std::optional<HttpResponse>(const HttpRequest& head, const PathParameters& parameters)>;
// Called on a loop with the whole request. Must not block. Exceptions become 500 and a log line.
using HttpHandler = std::function<void(HttpRequest request, const PathParameters& parameters, HttpReply reply)>;

// What an upgrade handler decides: refuse with a response, or accept.
struct UpgradeAccept {
  std::shared_ptr<WebSocketHandler> handler;
  std::string subprotocol;          // empty = none selected
  size_t maxMessage = 1024 * 1024;  // bytes; more ends the socket with 1009
};
using UpgradeHandler =
    std::function<std::variant<HttpResponse, UpgradeAccept>(const HttpRequest& head, const PathParameters& parameters)>;

struct HttpServerOptions {
  std::vector<std::string> allowedHosts;  // names without port, lower case; else 421 (S8). Empty = any host.
  HttpLimits limits;                      // default body cap; a route may lower or raise it
  int64_t headDeadlineMs = 10'000;        // whole head, from the first byte (or from accept)
  int64_t bodyDeadlineMs = 30'000;        // whole body
  int64_t answerDeadlineMs = 60'000;      // handler's time until 503
  int64_t keepAliveMs = 15'000;           // idle between requests
  size_t maxPipelined = 32;               // answered in order; more are not read until some went out
  // Bytes of unfinished bodies on all connections. Beyond it bodies of more than 16 KiB get 503, so that slow large
  // ones cannot keep ordinary ones out.
  uint64_t maxBodyBytes = 256 * 1024 * 1024;
  size_t maxConnections = 18'500;      // at the cap the listener is disarmed, never spun
  std::string serverName = "tsunagi";  // value of the Server field; empty = none
};

// Counters since start; read from any thread.
struct HttpServerStats {
  uint64_t accepted = 0;         // connections
  uint64_t requests = 0;         // whole ones given to a handler
  uint64_t refused = 0;          // answered by the server or a HeadCheck: bad form, host, path, method, size, deadline
  uint64_t webSockets = 0;       // upgraded
  uint64_t timedOut = 0;         // connections ended by a deadline of head, body or unread answers
  uint64_t handlerFailures = 0;  // exceptions, requests left without an answer or past the answer's deadline
  uint64_t acceptPauses = 0;     // times the listener was disarmed, at the cap or for want of descriptors
  uint64_t open = 0;             // now: connections of every kind
  uint64_t openWebSockets = 0;   // now
  uint64_t bodyBytes = 0;        // now: of unfinished bodies
  // Requests answered, by the first digit of the status less one: 1xx (upgrades), 2xx … 5xx.
  std::array<uint64_t, 5> answers{};
  uint64_t tlsHandshakes = 0;  // finished
  uint64_t tlsFailures = 0;    // not finished: refused, cut off or out of time
};

// HTTP/1.1 on one or more loops. Loop 0 accepts in budgeted batches and hands descriptors round-robin to the loops.
// Routes are set before the first listen(). One instance may listen on several addresses, plain, TLS or Unix.
class HttpServer {
 public:
  HttpServer(std::vector<EventLoop*> loops, HttpServerOptions options);  // loops outlive the server
  ~HttpServer();                                                         // stop(0)
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // method "GET" also answers HEAD. An unknown path is 404, a known path with another method 405 with Allow.
  void route(std::string method, std::string pattern, HttpHandler handler, HeadCheck check = {}, uint64_t maxBody = 0);
  // GET with Upgrade: websocket. The RFC 6455 handshake fields are checked here (400, 426 with Sec-WebSocket-Version).
  void routeUpgrade(std::string pattern, UpgradeHandler handler);

  // Binds and listens; a port 0 is replaced by the kernel's choice. Error text says what to do (in use, no permission).
  // A Unix socket is created 0600, a stale one (nobody answers) replaced; only the same uid may connect (SO_PEERCRED).
  Result<ListenAddress> listen(const ListenAddress& address, std::shared_ptr<const TlsContext> tls = nullptr);
  // Takes over a listening descriptor (LISTEN_FDS).
  Result<ListenAddress> adopt(int listeningFd, std::shared_ptr<const TlsContext> tls = nullptr);
  // New handshakes use the new certificate (SIGHUP).
  void replaceTls(std::shared_ptr<const TlsContext> tls);

  // Graceful end, from any thread but a loop's: stop accepting; idle keep-alive connections close now; requests under
  // way get up to graceMs to be answered ("Connection: close"); WebSockets are left to their handlers until graceMs,
  // then ended. Returns when every connection is gone. Safe to call twice.
  void stop(int64_t graceMs);
  void stopAccepting();  // only the first part

  HttpServerStats stats() const;

 private:
  struct State;
  std::shared_ptr<State> _state;
};

}  // namespace tsunagi::net
