#pragma once
#include <Poco/Exception.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpServer.h"
#include "tests/support/Eventually.h"
#include "tests/support/RawSocket.h"

namespace tsunagi::test {

using namespace tsunagi::net;

inline constexpr const char* GOOD = "GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n";

inline std::string post(const std::string& fields, const std::string& body, const std::string& path = "/post") {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
}

// A server on two loops with routes that answer, fail, wait and refuse, for peers that write every byte themselves.
class HttpEdge : public ::testing::Test {
 protected:
  HttpEdge() { _options.allowedHosts = {"localhost", "127.0.0.1", "::1", "relay.example"}; }

  void start() {
    _first.start();
    _second.start();
    _server = std::make_unique<HttpServer>(std::vector<EventLoop*>{&_first, &_second}, _options);
    _server->route("GET", "/good", [this](HttpRequest, const PathParameters&, const HttpReply& reply) {
      ++_handled;
      reply.send(HttpResponse::text(200, "good"));
    });
    _server->route(
        "POST", "/post",
        [this](HttpRequest request, const PathParameters&, const HttpReply& reply) {
          ++_handled;
          reply.send(HttpResponse::text(200, std::move(request.body)));
        },
        {}, 4096);
    _server->route("POST", "/large", [](HttpRequest request, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, std::to_string(request.body.size())));
    });
    _server->route("GET", "/item/{name}/part/{number}",
                   [](HttpRequest, const PathParameters& parameters, const HttpReply& reply) {
                     reply.send(HttpResponse::text(200, std::string(parameters[0]) + "+" + std::string(parameters[1])));
                   });
    _server->route("GET", "/std", [](HttpRequest, const PathParameters&, const HttpReply&) {
      throw std::runtime_error("handler fault");
    });
    _server->route("GET", "/poco", [](HttpRequest, const PathParameters&, const HttpReply&) {
      throw Poco::NotFoundException("handler fault");
    });
    _server->route("GET", "/silent", [](HttpRequest, const PathParameters&, const HttpReply&) {});
    _server->route("GET", "/badheader", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      HttpResponse response = HttpResponse::text(200, "x");
      response.headers.add("X-Injected", "a\r\nSet-Cookie: b");
      reply.send(std::move(response));
    });
    _server->route("GET", "/later/{n}", [this](HttpRequest, const PathParameters& parameters, const HttpReply& reply) {
      const std::lock_guard lock(_mutex);
      _later.emplace_back(std::string(parameters[0]), reply);
      _changed.notify_all();
    });
    _server->route("GET", "/big", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, std::string(256 * 1024, 'b')));
    });
    _server->route(
        "POST", "/checked",
        [this](HttpRequest, const PathParameters&, const HttpReply& reply) {
          ++_handled;
          reply.send(HttpResponse::text(200, "checked"));
        },
        [](const HttpRequest& head, const PathParameters&) -> std::optional<HttpResponse> {
          if (head.headers.find("X-Pass")) return std::nullopt;
          return HttpResponse::text(429, "no");
        });
    _server->routeUpgrade("/socket", [](const HttpRequest&, const PathParameters&) {
      return std::variant<HttpResponse, UpgradeAccept>(HttpResponse::text(401, "who are you"));
    });
    const auto bound = _server->listen(*ListenAddress::parse("127.0.0.1:0"));
    ASSERT_TRUE(bound.ok()) << bound.error();
    _port = bound->port;
  }

  void TearDown() override {
    _server.reset();
    _second.stop();
    _first.stop();
  }

  RawSocket connect() const { return RawSocket::connect(_port); }

  // Sends the bytes, expects the status and that the server closes behind it, answering nothing more.
  void expectRefused(const std::string& bytes, int status) {
    SCOPED_TRACE(bytes.substr(0, 200));
    const int before = _handled;
    RawSocket socket = connect();
    socket.send(bytes);
    // What stands behind a refused request must not be executed.
    socket.trySend(GOOD);
    const RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(socket.readToEnd(), "");
    EXPECT_EQ(_handled, before);
  }

  // Waits for count requests of /later/{n} and gives them in their order of arrival.
  std::vector<std::pair<std::string, HttpReply>> takeLater(size_t count) {
    std::unique_lock lock(_mutex);
    EXPECT_TRUE(_changed.wait_for(lock, HANG_GUARD, [&] { return _later.size() >= count; }));
    return std::exchange(_later, {});
  }

  HttpServerOptions _options;
  EventLoop _first{"edge-0"}, _second{"edge-1"};
  std::unique_ptr<HttpServer> _server;
  uint16_t _port = 0;
  std::atomic<int> _handled{0};
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<std::pair<std::string, HttpReply>> _later;
};

}  // namespace tsunagi::test
