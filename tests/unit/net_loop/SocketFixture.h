#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpServer.h"
#include "net/WebSocket.h"
#include "net/WebSocketClient.h"
#include "tests/support/Eventually.h"

namespace tsunagi::net {

// Notes what one side of a WebSocket hears. The actions run on the loop.
class NotingHandler : public WebSocketHandler {
 public:
  std::function<void(WebSocket&)> opened, drained;
  std::function<void(WebSocket&, WsOpcode, std::string_view)> message;

  void onOpen(WebSocket& socket) override {
    _socket = &socket;
    if (opened) opened(socket);
    note([&] { _open = true; });
  }
  void onMessage(WebSocket& socket, WsOpcode kind, std::string_view payload) override {
    if (message) message(socket, kind, payload);
    note([&] { _messages.emplace_back(payload); });
  }
  void onPong(WebSocket&, std::string_view payload) override {
    note([&] { _pongs.emplace_back(payload); });
  }
  void onDrained(WebSocket& socket) override {
    if (drained) drained(socket);
    note([&] { ++_drains; });
  }
  void onClosed(uint16_t code, std::string_view reason) override {
    _socket = nullptr;
    note([&] {
      _closed = true;
      ++_closedCalls;
      _code = code;
      _reason = reason;
    });
  }

  // [any thread but the loop's] Each waits with the hang guard.
  bool waitOpen() {
    return wait([&] { return _open; });
  }
  bool waitClosed() {
    return wait([&] { return _closed; });
  }
  bool waitMessages(size_t count) {
    return wait([&] { return _messages.size() >= count; });
  }
  bool waitPongs(size_t count) {
    return wait([&] { return _pongs.size() >= count; });
  }
  bool waitPong(const std::string& payload) {
    return wait([&] { return std::find(_pongs.begin(), _pongs.end(), payload) != _pongs.end(); });
  }
  std::vector<std::string> messages() { return locked(_messages); }
  std::vector<std::string> pongs() { return locked(_pongs); }
  uint16_t code() { return locked(_code); }
  std::string reason() { return locked(_reason); }
  int closedCalls() { return locked(_closedCalls); }
  WebSocket* socket() const { return _socket; }  // [loop]

 private:
  void note(const std::function<void()>& change) {
    const std::lock_guard lock(_mutex);
    change();
    _changed.notify_all();
  }
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, test::HANG_GUARD, condition);
  }
  template <typename T>
  T locked(const T& value) {
    const std::lock_guard lock(_mutex);
    return value;
  }

  WebSocket* _socket = nullptr;
  std::mutex _mutex;
  std::condition_variable _changed;
  bool _open = false, _closed = false;
  int _drains = 0, _closedCalls = 0;
  uint16_t _code = 0;
  std::string _reason;
  std::vector<std::string> _messages, _pongs;
};

// A server on a loop, with a WebSocket route whose handler the test gives, and a loop for clients.
class SocketFixture : public ::testing::Test {
 protected:
  void start(std::shared_ptr<const TlsContext> tls = nullptr, HttpServerOptions options = {}) {
    _serverLoop.start();
    _clientLoop.start();
    _server = std::make_unique<HttpServer>(std::vector<EventLoop*>{&_serverLoop}, options);
    _server->routeUpgrade("/socket", [this](const HttpRequest&, const PathParameters&) {
      UpgradeAccept accept;
      accept.handler = _atServer;
      accept.subprotocol = _subprotocol;
      accept.maxMessage = 32 * 1024 * 1024;
      return std::variant<HttpResponse, UpgradeAccept>(std::move(accept));
    });
    _server->route("GET", "/", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, "plain"));
    });
    const auto bound = _server->listen(*ListenAddress::parse("127.0.0.1:0"), std::move(tls));
    ASSERT_TRUE(bound.ok()) << bound.error();
    _port = bound->port;
  }

  void TearDown() override {
    _clientLoop.runSync([&] { _attempt.reset(); });
    _server.reset();
    _clientLoop.stop();
    _serverLoop.stop();
  }

  WebSocketConnect options(const std::string& scheme = "ws", const std::string& host = "127.0.0.1") const {
    WebSocketConnect connect;
    connect.url = *Url::parse(scheme + "://" + host + ":" + std::to_string(_port) + "/socket");
    connect.maxMessage = 32 * 1024 * 1024;
    return connect;
  }

  void open(const WebSocketConnect& connect) {
    _clientLoop.runSync([&] {
      _attempt = WebSocketConnector::open(_clientLoop, connect, _atClient, [this](const WebSocketRefusal& refusal) {
        const std::lock_guard lock(_mutex);
        _refusals.push_back(refusal);
        _changed.notify_all();
      });
    });
  }

  // Waits for the one refusal.
  WebSocketRefusal refusal() {
    std::unique_lock lock(_mutex);
    EXPECT_TRUE(_changed.wait_for(lock, test::HANG_GUARD, [&] { return !_refusals.empty(); }));
    EXPECT_EQ(_refusals.size(), 1u);
    return _refusals.empty() ? WebSocketRefusal{} : _refusals.front();
  }

  EventLoop _serverLoop{"server"}, _clientLoop{"client"};
  std::unique_ptr<HttpServer> _server;
  uint16_t _port = 0;
  std::string _subprotocol;
  std::shared_ptr<NotingHandler> _atServer = std::make_shared<NotingHandler>();
  std::shared_ptr<NotingHandler> _atClient = std::make_shared<NotingHandler>();
  std::unique_ptr<WebSocketConnector::Attempt> _attempt;
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<WebSocketRefusal> _refusals;
};

}  // namespace tsunagi::net
