#include <sys/epoll.h>

#include <stdexcept>
#include <utility>

#include "net/HttpParser.h"
#include "net/LoopStreams.h"
#include "net/NameLookup.h"
#include "net/TcpDial.h"
#include "net/WebSocketClient.h"
#include "net/WebSocketCodec.h"
#include "net/WebSocketHandshake.h"

namespace tsunagi::net {

namespace {

using Kind = WebSocketRefusal::Kind;

// One attempt, step by step: name, TCP, TLS and upgrade, under one deadline. On the loop.
class Opening : public std::enable_shared_from_this<Opening>, private FdHandler {
 public:
  Opening(EventLoop& loop, WebSocketConnect options, std::shared_ptr<WebSocketHandler> handler,
          std::function<void(const WebSocketRefusal&)> onRefused)
      : _loop(loop), _options(std::move(options)), _handler(std::move(handler)), _onRefused(std::move(onRefused)) {}
  ~Opening() override { cleanUp(); }

  void begin() {
    const std::weak_ptr<Opening> weak = weak_from_this();
    _deadline = _loop.callAfter(_options.deadlineMs, [weak] {
      if (const auto self = weak.lock()) self->timedOut();
    });
    _loop.post([weak] {
      if (const auto self = weak.lock()) self->lookUp();
    });
  }

  void cancel() {
    if (_over) return;
    cleanUp();
    _over = true;
    _handler.reset();
    _loop.post([refused = std::exchange(_onRefused, {})] {
      WebSocketRefusal refusal;
      refusal.kind = Kind::Cancelled;
      refusal.message = "the attempt was given up";
      refused(refusal);
    });
  }

 private:
  void refuse(const WebSocketRefusal& refusal) {
    if (_over) return;
    const auto self = shared_from_this();  // the callee may destroy the handle
    cleanUp();
    _over = true;
    _handler.reset();
    const auto refused = std::exchange(_onRefused, {});
    refused(refusal);
  }

  void refuse(Kind kind, std::string message) {
    WebSocketRefusal refusal;
    refusal.kind = kind;
    refusal.message = std::move(message);
    refuse(refusal);
  }

  void timedOut() {
    _deadline = 0;
    refuse(Kind::Timeout, _options.url.authority() + ": no WebSocket within " + std::to_string(_options.deadlineMs) +
                              " ms, while " + _phase);
  }

  void lookUp() {
    if (_over) return;
    if (_options.url.tls() && !_options.tls) {
      refuse(Kind::Tls, _options.url.authority() + ": wss needs a TLS context, none was given");
      return;
    }
    try {
      makeRequest();
    } catch (const std::invalid_argument& e) {
      refuse(Kind::Protocol, std::string("the WebSocket request cannot be sent: ") + e.what());
      return;
    }
    _phase = "looking up the name";
    Result<std::unique_ptr<NameLookup>> lookup = NameLookup::start(_options.url.host, _options.resolver);
    if (!lookup) {
      refuse(Kind::Dns, lookup.error());
      return;
    }
    _lookup = std::move(*lookup);
    if (!_loop.add(_lookup->readyFd(), EPOLLIN, this)) refuse(Kind::Dns, "cannot wait for the name look-up");
  }

  void makeRequest() {
    _key = makeWebsocketKey();
    HttpHeaders headers;
    headers.add("Host", _options.url.authority());
    headers.add("Upgrade", "websocket");
    headers.add("Connection", "Upgrade");
    headers.add("Sec-WebSocket-Key", _key);
    headers.add("Sec-WebSocket-Version", "13");
    std::string offered;
    for (const std::string& name : _options.subprotocols) offered += (offered.empty() ? "" : ", ") + name;
    if (!offered.empty()) headers.add("Sec-WebSocket-Protocol", offered);
    for (const HttpHeader& header : _options.headers.all()) headers.add(header.name, header.value);
    _request = encodeRequest("GET", _options.url.target, headers, {});
  }

  void onReady(uint32_t) override {
    const auto self = shared_from_this();
    _loop.remove(_lookup->readyFd(), this);
    const auto lookup = std::move(_lookup);
    Result<std::vector<std::string>> addresses = lookup->take();
    if (!addresses) {
      refuse(Kind::Dns, addresses.error());
      return;
    }
    _phase = "connecting";
    _dial = std::make_unique<TcpDial>(
        _loop, std::move(*addresses), _options.url.port,
        [this](UniqueFd socket, const std::string& problems) { dialled(std::move(socket), problems); });
    _dial->start();
  }

  // Within a call of the dial, which therefore lives on until the attempt is over.
  void dialled(UniqueFd socket, const std::string& problems) {
    const auto self = shared_from_this();
    if (!socket) {
      refuse(Kind::Connect, "cannot connect to " + _options.url.authority() + " (" + problems + ")");
      return;
    }
    std::unique_ptr<TlsSession> tls;
    if (_options.url.tls()) tls = TlsSession::connect(*_options.tls, socket.get(), _options.url.host);
    _phase = _options.url.tls() ? "waiting for TLS and the answer" : "waiting for the answer";
    StreamTable& clients = LoopStreams::of(_loop).clients();
    auto made = std::make_unique<WebSocketHandshake>(clients, std::move(socket), std::move(tls), _request, _key,
                                                     _options, _handler,
                                                     [this](const WebSocketRefusal* refusal) { handshaken(refusal); });
    _handshake = made.get();
    if (!clients.insert(std::move(made))) {
      _handshake = nullptr;
      refuse(Kind::Connect, "cannot watch the connection to " + _options.url.authority());
      return;
    }
    _handshake->begin();
  }

  void handshaken(const WebSocketRefusal* refusal) {
    _handshake = nullptr;
    if (refusal) {
      refuse(*refusal);
      return;
    }
    cleanUp();
    _over = true;
    _onRefused = {};
    _handler.reset();
  }

  void cleanUp() {
    _loop.cancel(std::exchange(_deadline, 0));
    if (_lookup) _loop.remove(_lookup->readyFd(), this);
    _lookup.reset();
    if (_handshake) std::exchange(_handshake, nullptr)->forget();
    if (!_dial) return;
    _dial->giveUp();
    // It may be calling right now, so it goes with a later task.
    _loop.post([dial = std::shared_ptr<TcpDial>(std::move(_dial))] {});
  }

  EventLoop& _loop;
  WebSocketConnect _options;
  std::shared_ptr<WebSocketHandler> _handler;
  std::function<void(const WebSocketRefusal&)> _onRefused;
  std::string _key;
  std::string _request;
  const char* _phase = "starting";
  TimerId _deadline = 0;
  std::unique_ptr<NameLookup> _lookup;
  std::unique_ptr<TcpDial> _dial;
  WebSocketHandshake* _handshake = nullptr;
  bool _over = false;
};

class Handle final : public WebSocketConnector::Attempt {
 public:
  explicit Handle(std::shared_ptr<Opening> opening) : _opening(std::move(opening)) {}
  ~Handle() override { _opening->cancel(); }

 private:
  std::shared_ptr<Opening> _opening;
};

}  // namespace

std::unique_ptr<WebSocketConnector::Attempt> WebSocketConnector::open(
    EventLoop& loop, WebSocketConnect options, std::shared_ptr<WebSocketHandler> handler,
    std::function<void(const WebSocketRefusal&)> onRefused) {
  auto opening = std::make_shared<Opening>(loop, std::move(options), std::move(handler), std::move(onRefused));
  opening->begin();
  return std::make_unique<Handle>(std::move(opening));
}

}  // namespace tsunagi::net
