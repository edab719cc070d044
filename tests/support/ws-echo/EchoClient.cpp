#include "tests/support/ws-echo/EchoClient.h"

#include <cstdio>
#include <future>
#include <sstream>

#include "base/LogEscape.h"
#include "net/EventLoop.h"
#include "net/WebSocketClient.h"

namespace tsunagi::test {

namespace {

using namespace tsunagi::net;

class Echo final : public WebSocketHandler {
 public:
  explicit Echo(std::promise<int>& end) : _end(end) {}
  void onOpen(WebSocket& socket) override {
    std::printf("open %s\n", socket.subprotocol().c_str());
    std::fflush(stdout);
  }
  void onMessage(WebSocket& socket, WsOpcode kind, std::string_view payload) override {
    if (kind == WsOpcode::Text) {
      socket.sendText(payload);
    } else {
      socket.sendBinary(payload);
    }
  }
  void onClosed(uint16_t code, std::string_view reason) override {
    std::printf("closed %u %s\n", code, logEscape(reason).c_str());
    std::fflush(stdout);
    _end.set_value(0);
  }

 private:
  std::promise<int>& _end;
};

const char* kindText(WebSocketRefusal::Kind kind) {
  using Kind = WebSocketRefusal::Kind;
  switch (kind) {
    case Kind::Dns:
      return "dns";
    case Kind::Connect:
      return "connect";
    case Kind::Tls:
      return "tls";
    case Kind::Http:
      return "http";
    case Kind::Protocol:
      return "protocol";
    case Kind::Timeout:
      return "timeout";
    case Kind::Cancelled:
      return "cancelled";
  }
  return "?";
}

}  // namespace

int runEchoClient(const std::string& url, const std::string& subprotocols, size_t maxMessage,
                  const std::string& caFile) {
  auto parsed = Url::parse(url);
  if (!parsed) {
    std::fprintf(stderr, "%s\n", parsed.error().c_str());
    return 64;
  }
  WebSocketConnect options;
  options.url = std::move(*parsed);
  options.maxMessage = maxMessage;
  if (!caFile.empty()) {
    auto context = TlsContext::makeClient({caFile});
    if (!context) {
      std::fprintf(stderr, "%s\n", context.error().c_str());
      return 1;
    }
    options.tls = std::move(*context);
  }
  std::istringstream names(subprotocols);
  for (std::string name; std::getline(names, name, ',');) options.subprotocols.push_back(name);
  std::promise<int> end;
  EventLoop loop("echo-client");
  std::unique_ptr<WebSocketConnector::Attempt> attempt;
  loop.start();
  loop.runSync([&] {
    attempt =
        WebSocketConnector::open(loop, options, std::make_shared<Echo>(end), [&](const WebSocketRefusal& refusal) {
          std::printf("refused %s %d %lld %s\n", kindText(refusal.kind), refusal.httpStatus,
                      static_cast<long long>(refusal.retryAfterMs), refusal.message.c_str());
          std::fflush(stdout);
          end.set_value(1);
        });
  });
  const int code = end.get_future().get();
  loop.runSync([&] { attempt.reset(); });
  loop.stop();
  return code;
}

}  // namespace tsunagi::test
