// Answers that go out in parts or end in a reset, as a client sees them on the wire.
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "net/EventLoop.h"
#include "net/HttpServer.h"
#include "tests/support/RawSocket.h"

namespace tsunagi::test {
namespace {

using net::HttpReply;
using net::HttpResponse;

constexpr const char* ASK = "GET /parts HTTP/1.1\r\nHost: localhost\r\n\r\n";

class HttpAnswerParts : public testing::Test {
 protected:
  HttpAnswerParts() {
    _server.route("GET", "/parts", [this](const net::HttpRequest&, const net::PathParameters&, HttpReply reply) {
      _replies.push_back(std::move(reply));
    });
    _server.route("GET", "/good", [](const net::HttpRequest&, const net::PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, "good"));
    });
    _loop.start();
    _port = _server.listen({"127.0.0.1", 0, ""}).value().port;
  }
  ~HttpAnswerParts() override {
    _loop.runSync([this] { _replies.clear(); });
    _server.stop(0);
    _loop.stop();
  }

  // The reply to the request that was sent last; the test's own copy.
  HttpReply takeReply() {
    std::optional<HttpReply> taken;
    EXPECT_TRUE(eventually([&] {
      _loop.runSync([&] {
        if (_replies.empty()) return;
        taken = _replies.front();
        _replies.erase(_replies.begin());
      });
      return taken.has_value();
    }));
    return *taken;
  }

  net::EventLoop _loop{"parts"};
  net::HttpServer _server{{&_loop}, {}};
  std::vector<HttpReply> _replies;  // touched on the loop
  uint16_t _port = 0;
};

TEST_F(HttpAnswerParts, EachPartGoesOutAsItComesAndTheConnectionGoesOn) {
  RawSocket socket = RawSocket::connect(_port);
  socket.send(ASK);
  const HttpReply reply = takeReply();
  reply.begin(HttpResponse::text(200, "not looked at"), 6);
  const std::string head = socket.readUntil("\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 6\r\n"), std::string::npos) << head;
  reply.more("abc");
  EXPECT_EQ(socket.readExactly(3), "abc");
  reply.more("defgh");
  EXPECT_EQ(socket.readExactly(3), "def") << "what is beyond the announced length is dropped";
  reply.send(HttpResponse::text(500, "too late"));
  socket.send("GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(socket.readAnswer().body, "good");
}

TEST_F(HttpAnswerParts, PartsWaitForTheAnswerBefore) {
  RawSocket socket = RawSocket::connect(_port);
  socket.send(std::string(ASK) + ASK);
  const HttpReply first = takeReply();
  const HttpReply second = takeReply();
  second.begin(HttpResponse::text(200, ""), 2);
  second.more("2");
  first.begin(HttpResponse::text(200, ""), 1);
  first.more("1");
  EXPECT_EQ(socket.readAnswer().body, "1");
  socket.readUntil("\r\n\r\n");
  EXPECT_EQ(socket.readExactly(1), "2");
  second.more("!");
  EXPECT_EQ(socket.readExactly(1), "!");
}

TEST_F(HttpAnswerParts, HeadGetsTheLengthAlone) {
  RawSocket socket = RawSocket::connect(_port);
  socket.send("HEAD /parts HTTP/1.1\r\nHost: localhost\r\n\r\nGET /good HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const HttpReply reply = takeReply();
  reply.begin(HttpResponse::text(200, ""), 6);
  reply.more("abcdef");
  EXPECT_EQ(socket.readHeadAnswer().headers.at("content-length"), "6");
  EXPECT_EQ(socket.readAnswer().body, "good");
}

TEST_F(HttpAnswerParts, AResetBeforeOrWithinAnAnswerIsSeenAsOne) {
  RawSocket before = RawSocket::connect(_port);
  before.send(ASK);
  takeReply().reset();
  EXPECT_EQ(before.readToEnd(), "");
  EXPECT_TRUE(before.sawReset());

  RawSocket within = RawSocket::connect(_port);
  within.send(ASK);
  const HttpReply reply = takeReply();
  reply.begin(HttpResponse::text(200, ""), 6);
  reply.more("abc");
  within.readUntil("\r\n\r\nabc");
  reply.reset();
  EXPECT_EQ(within.readToEnd(), "");
  EXPECT_TRUE(within.sawReset());
}

TEST_F(HttpAnswerParts, AnAnswerNobodyFinishesEndsInAReset) {
  RawSocket socket = RawSocket::connect(_port);
  socket.send(ASK);
  {
    const HttpReply reply = takeReply();
    reply.begin(HttpResponse::text(200, ""), 6);
    reply.more("abc");
    socket.readUntil("\r\n\r\nabc");
  }
  socket.readToEnd();
  EXPECT_TRUE(socket.sawReset());
}

TEST_F(HttpAnswerParts, AResetAfterTheAnswerChangesNothing) {
  RawSocket socket = RawSocket::connect(_port);
  socket.send(ASK);
  const HttpReply reply = takeReply();
  reply.send(HttpResponse::text(200, "whole"));
  reply.reset();
  EXPECT_EQ(socket.readAnswer().body, "whole");
  socket.send("GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(socket.readAnswer().body, "good");
}

}  // namespace
}  // namespace tsunagi::test
