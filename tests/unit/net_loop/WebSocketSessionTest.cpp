#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "net/SocketAddress.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"
#include "tests/support/WebSocketPeer.h"
#include "tests/unit/net_loop/SocketFixture.h"

namespace tsunagi::net {
namespace {

using test::RawFrame;
using test::WebSocketPeer;

class WebSocketSessionTest : public SocketFixture {
 protected:
  // Opens the client's end to the server's; both are open on return.
  void openBoth() {
    open(options());
    ASSERT_TRUE(_atClient->waitOpen());
    ASSERT_TRUE(_atServer->waitOpen());
  }
};

TEST_F(WebSocketSessionTest, BothEndsTalkAndTheCloseHandshakeGoesBothWays) {
  _subprotocol = "tsunagi.v1";
  start();
  auto connect = options();
  connect.subprotocols = {"tsunagi.v1"};
  std::string selected, peer;
  _atClient->opened = [&](WebSocket& socket) {
    selected = socket.subprotocol();
    peer = socket.peer();
    socket.sendText("hello");
    socket.sendBinary("head\n", "body");
    socket.sendPing("p");
  };
  open(connect);
  ASSERT_TRUE(_atServer->waitMessages(2));
  ASSERT_TRUE(_atClient->waitPongs(1));
  EXPECT_EQ(_atServer->messages(), (std::vector<std::string>{"hello", "head\nbody"}));
  EXPECT_EQ(_atClient->pongs(), std::vector<std::string>{"p"});
  EXPECT_EQ(selected, "tsunagi.v1");
  EXPECT_EQ(peer, "127.0.0.1");
  EXPECT_EQ(_server->stats().openWebSockets, 1u);
  _clientLoop.runSync([&] { _atClient->socket()->close(4409, "replaced"); });
  ASSERT_TRUE(_atServer->waitClosed());
  ASSERT_TRUE(_atClient->waitClosed());
  EXPECT_EQ(_atServer->code(), 4409);
  EXPECT_EQ(_atServer->reason(), "replaced");
  EXPECT_EQ(_atClient->code(), 4409);
  EXPECT_TRUE(test::eventually([&] { return _server->stats().openWebSockets == 0 && _server->stats().open == 0; }));
}

TEST_F(WebSocketSessionTest, TheServerMayCloseFirstAndNothingIsCalledAfterwards) {
  start();
  openBoth();
  _serverLoop.runSync([&] {
    WebSocket& socket = *_atServer->socket();
    socket.sendText("last");
    socket.close(1012, "restarting");
    socket.sendText("not any more");
    socket.close(1000, "nor a second close");
  });
  ASSERT_TRUE(_atClient->waitClosed());
  ASSERT_TRUE(_atServer->waitClosed());
  EXPECT_EQ(_atClient->messages(), std::vector<std::string>{"last"});
  EXPECT_EQ(_atClient->code(), 1012);
  EXPECT_EQ(_atServer->code(), 1012);
  const std::weak_ptr<NotingHandler> released = _atServer;
  _atServer = std::make_shared<NotingHandler>();
  EXPECT_TRUE(test::eventually([&] { return released.expired(); }));
}

TEST_F(WebSocketSessionTest, AbortEndsWithoutAHandshakeAndNeverInline) {
  start();
  openBoth();
  bool inlineCall = true;
  _clientLoop.runSync([&] {
    _atClient->socket()->abort();
    inlineCall = _atClient->closedCalls() > 0;
  });
  EXPECT_FALSE(inlineCall);
  ASSERT_TRUE(_atClient->waitClosed());
  ASSERT_TRUE(_atServer->waitClosed());
  EXPECT_EQ(_atClient->code(), 1006);
  EXPECT_EQ(_atServer->code(), 1006);
}

TEST_F(WebSocketSessionTest, AHandlerThatThrowsClosesItsSocketOnly) {
  _atServer->message = [](WebSocket&, WsOpcode, std::string_view) { throw std::runtime_error("fault"); };
  _atClient->opened = [](WebSocket& socket) { socket.sendText("x"); };
  start();
  open(options());
  ASSERT_TRUE(_atClient->waitClosed());
  EXPECT_EQ(_atClient->code(), 1011);
  _atClient = std::make_shared<NotingHandler>();
  _atServer = std::make_shared<NotingHandler>();
  openBoth();
}

TEST_F(WebSocketSessionTest, DrainedIsToldAfterEachRoundSoThatAPumpRunsToItsEnd) {
  int left = 200;
  const std::string piece(20'000, 'p');
  const auto pump = [&](WebSocket& socket) {
    if (left > 0) {
      --left;
      socket.sendBinary(piece);
    }
  };
  _atServer->opened = pump;
  _atServer->drained = pump;
  start();
  open(options());
  EXPECT_TRUE(_atClient->waitMessages(200));
  _serverLoop.runSync([&] { _atServer->opened = _atServer->drained = nullptr; });  // they refer to locals
}

TEST_F(WebSocketSessionTest, APingPassesQueuedDataAtAFrameBorder) {
  constexpr int FRAMES = 200;
  const std::string piece(100'000, 'd');
  start();
  WebSocketPeer peer = WebSocketPeer::connect(_port, "/socket");
  ASSERT_TRUE(_atServer->waitOpen());
  size_t unsent = 0;
  _serverLoop.runSync([&] {
    for (int i = 0; i < FRAMES; ++i) _atServer->socket()->sendBinary(piece);
  });
  // The peer reads nothing, so the kernel has taken what it can and the rest is blocked.
  _serverLoop.runSync([&] { unsent = _atServer->socket()->unsentBytes(); });
  ASSERT_GT(unsent, 20 * piece.size());
  _serverLoop.runSync([&] {
    _atServer->socket()->sendPing("one");
    _atServer->socket()->sendPing("two");
    _atServer->socket()->sendBinary("last");
  });
  std::vector<std::string> order;
  int data = 0, dataBeforePing = -1;
  while (true) {
    const RawFrame frame = peer.read();
    if (frame.opcode == 9) {
      order.push_back(frame.payload);
      if (dataBeforePing < 0) dataBeforePing = data;
    } else if (frame.payload == "last") {
      break;
    } else {
      ASSERT_EQ(frame.payload, piece);
      ++data;
    }
  }
  EXPECT_EQ(order, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(data, FRAMES);
  EXPECT_LT(dataBeforePing, FRAMES - 10);
}

TEST_F(WebSocketSessionTest, APeerThatPingsWithoutReadingGetsOnePongForAllThatWaited) {
  start();
  WebSocketPeer peer = WebSocketPeer::connect(_port, "/socket");
  ASSERT_TRUE(_atServer->waitOpen());
  _serverLoop.runSync([&] { _atServer->socket()->sendBinary(std::string(8'000'000, 'd')); });
  size_t before = 0, after = 0;
  _serverLoop.runSync([&] { before = _atServer->socket()->unsentBytes(); });
  ASSERT_GT(before, 0u);
  constexpr int PINGS = 5000;
  std::string pings;
  for (int i = 1; i <= PINGS; ++i) pings += peer.bytesOf({9, std::to_string(i)});
  peer.sendRaw(pings);
  peer.send({1, "seen"});
  ASSERT_TRUE(_atServer->waitMessages(1));
  _serverLoop.runSync([&] { after = _atServer->socket()->unsentBytes(); });
  EXPECT_LE(after, before + 200);
  EXPECT_EQ(peer.read().payload.size(), 8'000'000u);
  const RawFrame pong = peer.read();
  EXPECT_EQ(pong.opcode, 10u);
  EXPECT_EQ(pong.payload, std::to_string(PINGS));
}

TEST_F(WebSocketSessionTest, LifeIsSeenInEveryByte) {
  start();
  WebSocketPeer peer = WebSocketPeer::connect(_port, "/socket");
  ASSERT_TRUE(_atServer->waitOpen());
  const auto lastReceived = [&] {
    int64_t value = 0, now = 0;
    _serverLoop.runSync([&] {
      value = _atServer->socket()->lastReceivedMs();
      now = _serverLoop.nowMs();
    });
    EXPECT_LE(value, now);
    return value;
  };
  const int64_t first = lastReceived();
  const std::string frame = peer.bytesOf({1, std::string(100, 'x')});
  size_t sent = 0;
  // One byte of an unfinished frame is enough.
  ASSERT_TRUE(test::eventually([&] {
    if (sent < 90) peer.sendRaw(std::string_view(frame).substr(sent++, 1));
    return lastReceived() > first;
  }));
}

TEST_F(WebSocketSessionTest, AClosePeerWhoNeverAnswersIsGivenUp) {
  start();
  WebSocketPeer peer = WebSocketPeer::connect(_port, "/socket");
  ASSERT_TRUE(_atServer->waitOpen());
  _serverLoop.runSync([&] { _atServer->socket()->close(1000, ""); });
  EXPECT_EQ(peer.read().opcode, 8u);
  ASSERT_TRUE(_atServer->waitClosed());
  EXPECT_EQ(_atServer->code(), 1006);
  EXPECT_NE(_atServer->reason().find("timed out"), std::string::npos);
}

TEST_F(WebSocketSessionTest, StopLeavesSocketsToTheirHandlersForAWhileThenEndsThem) {
  start();
  openBoth();
  std::thread stopping([&] { _server->stop(300); });
  ASSERT_TRUE(_atClient->waitClosed());
  stopping.join();
  EXPECT_EQ(_atClient->code(), 1001);
  EXPECT_EQ(_atServer->closedCalls(), 1);
  EXPECT_EQ(_server->stats().open, 0u);
}

TEST_F(WebSocketSessionTest, ASocketStillOpenWhenItsLoopGoesIsJustClosed) {
  start();
  {
    EventLoop passing("passing");
    passing.start();
    std::unique_ptr<WebSocketConnector::Attempt> attempt;
    passing.runSync([&] {
      attempt = WebSocketConnector::open(passing, options(), _atClient, [](const WebSocketRefusal&) { FAIL(); });
    });
    ASSERT_TRUE(_atClient->waitOpen());
    passing.runSync([&] { attempt.reset(); });
  }
  ASSERT_TRUE(_atServer->waitClosed());
  EXPECT_EQ(_atServer->code(), 1006);
}

// The same over TLS, with more than the buffers of both sides hold in both directions at once.
TEST_F(WebSocketSessionTest, MuchDataBothWaysOverTlsAtOnce) {
  const test::TempFolder folder;
  const test::TestCa ca(folder.path());
  const auto leaf = ca.issue({.names = {"localhost"}});
  const auto serverTls = TlsContext::makeServer({leaf.certificateFile, leaf.keyFile});
  const auto clientTls = TlsContext::makeClient({ca.caFile()});
  ASSERT_TRUE(serverTls.ok() && clientTls.ok());
  constexpr size_t COUNT = 24;
  const std::string piece(300'000, 't');
  const auto sendAll = [&](WebSocket& socket) {
    for (size_t i = 0; i < COUNT; ++i) {
      socket.sendBinary(std::to_string(i) + ":", piece);
      if (i % 8 == 0) socket.sendPing(std::to_string(i));
    }
  };
  _atServer->opened = sendAll;
  _atClient->opened = sendAll;
  start(serverTls.value());
  auto connect = options("wss", "localhost");
  connect.tls = clientTls.value();
  open(connect);
  for (const auto& side : {_atServer, _atClient}) {
    ASSERT_TRUE(side->waitMessages(COUNT));
    // A blocked side may answer several pings with one pong, that of the latest.
    ASSERT_TRUE(side->waitPong("16"));
    const auto messages = side->messages();
    ASSERT_EQ(messages.size(), COUNT);
    for (size_t i = 0; i < COUNT; ++i) ASSERT_EQ(messages[i], std::to_string(i) + ":" + piece);
  }
  _serverLoop.runSync([&] { _atServer->socket()->close(1000, "done"); });
  ASSERT_TRUE(_atClient->waitClosed());
  ASSERT_TRUE(_atServer->waitClosed());
  EXPECT_EQ(_atClient->code(), 1000);
  EXPECT_EQ(_atServer->code(), 1000);
}

}  // namespace
}  // namespace tsunagi::net
