// The HTTP server against peers that are slow, stall, end early or are too many: real sockets.
#include <poll.h>

#include <thread>

#include "tests/service/HttpEdge.h"

namespace tsunagi::test {
namespace {

TEST_F(HttpEdge, TakesNoMorePipelinedRequestsThanItsLimitUntilAnswersWentOut) {
  _options.maxPipelined = 4;
  start();
  RawSocket socket = connect();
  std::string requests;
  for (int i = 0; i < 10; ++i) requests += "GET /later/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  socket.send(requests);
  int next = 0;
  while (next < 10) {
    auto later = takeLater(1);
    ASSERT_LE(later.size(), 4u);
    for (const auto& [name, reply] : later) {
      reply.send(HttpResponse::text(200, name));
      EXPECT_EQ(socket.readAnswer().body, std::to_string(next++));
    }
  }
}

TEST_F(HttpEdge, AHeadThatDripsIsEndedByTheWholeHeadDeadline) {
  _options.headDeadlineMs = 300;
  start();
  const std::string head = "GET /good HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + std::string(4000, 'a');
  RawSocket socket = connect();
  // Each byte comes well within the deadline, so that one restarted by bytes would never end.
  std::string answer;
  for (const char byte : head) {
    if (!socket.trySend(std::string_view(&byte, 1))) break;
    pollfd readable{socket.fd(), POLLIN, 0};
    if (::poll(&readable, 1, 20) > 0) break;
  }
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 0);
  EXPECT_GE(_server->stats().timedOut, 1u);
}

TEST_F(HttpEdge, AnotherRequestsHeadDeadlineCountsFromItsFirstByte) {
  _options.headDeadlineMs = 300;
  start();
  RawSocket socket = connect();
  socket.send(GOOD);
  EXPECT_EQ(socket.readAnswer().status, 200);
  socket.send("GET /good HT");
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
}

TEST_F(HttpEdge, ABodyThatStallsIsEndedAndNeverHandled) {
  _options.bodyDeadlineMs = 300;
  start();
  RawSocket socket = connect();
  socket.send(post("Content-Length: 10\r\n", "half"));
  EXPECT_EQ(socket.readAnswer().status, 408);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 0);
}

TEST_F(HttpEdge, UnfinishedBodiesAreBoundedTogetherAndOrdinaryOnesStillGoThrough) {
  _options.maxBodyBytes = 64 * 1024;
  start();
  const std::string large = "POST /large HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n";
  std::vector<RawSocket> slow;
  uint64_t expected = 0;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(connect());
    slow.back().send(large + std::string(30'000, 's'));
    expected += 30'000;
    ASSERT_TRUE(eventually([&] { return _server->stats().bodyBytes == expected; }));
  }
  RawSocket refused = connect();
  refused.send(large + std::string(39'999, 's'));
  EXPECT_EQ(refused.readAnswer().status, 503);
  EXPECT_EQ(refused.readToEnd(), "");
  RawSocket ordinary = connect();
  ordinary.send(post("Content-Length: 2\r\n", "ok"));
  EXPECT_EQ(ordinary.readAnswer().body, "ok");
  slow[0].send(std::string(10'000, 's'));
  EXPECT_EQ(slow[0].readAnswer().body, "40000");
  slow[1].close();
  ASSERT_TRUE(eventually([&] { return _server->stats().bodyBytes == 0; }));
  RawSocket again = connect();
  again.send(large + std::string(40'000, 's'));
  EXPECT_EQ(again.readAnswer().body, "40000");
}

TEST_F(HttpEdge, AConnectionThatSaysNothingIsClosedWithoutAnAnswer) {
  _options.headDeadlineMs = 300;
  _options.keepAliveMs = 300;
  start();
  RawSocket silent = connect();
  EXPECT_EQ(silent.readToEnd(), "");
  RawSocket idle = connect();
  idle.send(GOOD);
  EXPECT_EQ(idle.readAnswer().status, 200);
  EXPECT_EQ(idle.readToEnd(), "");
}

TEST_F(HttpEdge, ABodyCutShortIsNoRequest) {
  start();
  for (const std::string& cut :
       {post("Content-Length: 10\r\n", "half"), post("Transfer-Encoding: chunked\r\n", "4\r\nha"),
        post("Transfer-Encoding: chunked\r\n", "4\r\nhalf\r\n"), std::string("GET /good HT")}) {
    RawSocket socket = connect();
    socket.send(cut);
    socket.shutdownWrite();
    EXPECT_EQ(socket.readToEnd(), "") << cut;
  }
  EXPECT_EQ(_handled, 0);
}

TEST_F(HttpEdge, AHalfClosedClientStillGetsItsAnswers) {
  start();
  RawSocket socket = connect();
  socket.send(std::string("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n") + GOOD);
  socket.shutdownWrite();
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "late"));
  EXPECT_EQ(socket.readAnswer().body, "late");
  EXPECT_EQ(socket.readAnswer().body, "good");
  EXPECT_EQ(socket.readToEnd(), "");
}

TEST_F(HttpEdge, ASlowReaderIsNotReadFurtherAndLosesNothing) {
  start();
  RawSocket socket = connect();
  constexpr int COUNT = 200;  // 50 MiB of answers
  std::thread writer([&] {
    std::string requests;
    for (int i = 0; i < COUNT; ++i) requests += "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.send(requests);
  });
  // Nothing is read until the server has stopped taking requests, which it must long before the last.
  uint64_t seen = 0, rounds = 0;
  ASSERT_TRUE(eventually([&] {
    const uint64_t now = _server->stats().requests;
    rounds = now == seen && now > 0 ? rounds + 1 : 0;
    seen = now;
    return rounds >= 20;
  }));
  EXPECT_LT(seen, static_cast<uint64_t>(COUNT));
  for (int i = 0; i < COUNT; ++i) {
    const RawAnswer answer = socket.readAnswer();
    ASSERT_EQ(answer.body.size(), 256u * 1024);
  }
  writer.join();
}

TEST_F(HttpEdge, ConnectionsBeyondTheCapWaitAndAreServedWhenOthersEnd) {
  _options.maxConnections = 8;
  start();
  std::vector<RawSocket> held;
  for (int i = 0; i < 8; ++i) {
    held.push_back(connect());
    held.back().send(GOOD);
    EXPECT_EQ(held.back().readAnswer().status, 200);
  }
  RawSocket waiting = connect();  // in the kernel's queue
  waiting.send(GOOD);
  ASSERT_TRUE(eventually([&] { return _server->stats().acceptPauses > 0; }));
  EXPECT_EQ(_server->stats().accepted, 8u);
  held.pop_back();
  EXPECT_EQ(waiting.readAnswer().status, 200);
  EXPECT_EQ(_server->stats().accepted, 9u);
}

}  // namespace
}  // namespace tsunagi::test
