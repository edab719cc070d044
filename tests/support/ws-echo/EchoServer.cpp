#include "tests/support/ws-echo/EchoServer.h"

#include <csignal>
#include <cstdio>

#include "net/EventLoop.h"
#include "net/HttpServer.h"

namespace tsunagi::test {

namespace {

using namespace tsunagi::net;

class Echo final : public WebSocketHandler {
 public:
  void onOpen(WebSocket&) override {}
  void onMessage(WebSocket& socket, WsOpcode kind, std::string_view payload) override {
    if (kind == WsOpcode::Text) {
      socket.sendText(payload);
    } else {
      socket.sendBinary(payload);
    }
  }
  void onClosed(uint16_t, std::string_view) override {}
};

}  // namespace

int runEchoServer(const std::string& listenAddress, size_t maxMessage, int64_t keepAliveMs,
                  const std::string& certificateFile, const std::string& keyFile) {
  const auto address = ListenAddress::parse(listenAddress);
  if (!address) {
    std::fprintf(stderr, "%s\n", address.error().c_str());
    return 64;
  }
  EventLoop first("echo-0"), second("echo-1");
  first.start();
  second.start();
  HttpServerOptions options;
  options.keepAliveMs = keepAliveMs;
  HttpServer server({&first, &second}, options);
  server.routeUpgrade("/{any}", [maxMessage](const HttpRequest& head, const PathParameters&) {
    UpgradeAccept accept;
    accept.handler = std::make_shared<Echo>();
    if (head.headers.hasToken("Sec-WebSocket-Protocol", "echo")) accept.subprotocol = "echo";
    accept.maxMessage = maxMessage;
    return std::variant<HttpResponse, UpgradeAccept>(std::move(accept));
  });
  server.route("POST", "/post", [](HttpRequest request, const PathParameters&, const HttpReply& reply) {
    reply.send(HttpResponse::text(200, std::move(request.body)));
  });
  std::shared_ptr<const TlsContext> tls;
  if (!certificateFile.empty()) {
    auto context = TlsContext::makeServer({certificateFile, keyFile});
    if (!context) {
      std::fprintf(stderr, "%s\n", context.error().c_str());
      return 1;
    }
    tls = std::move(*context);
  }
  const auto bound = server.listen(*address, tls);
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().c_str());
    return 1;
  }
  std::printf("listening on %s\n", bound->text().c_str());
  std::fflush(stdout);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int number = 0;
  sigwait(&signals, &number);
  server.stop(1'000);
  return 0;
}

}  // namespace tsunagi::test
