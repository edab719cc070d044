// The HTTP server against requests that are ambiguous, malformed or not its own: real sockets, every byte as written
// here.

#include "tests/service/HttpEdge.h"

namespace tsunagi::test {
namespace {

TEST_F(HttpEdge, RefusesEveryAmbiguousFraming) {
  start();
  expectRefused(post("Content-Length: 4\r\nContent-Length: 4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 4\r\nContent-Length: 5\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: -1\r\n", ""), 400);
  expectRefused(post("Content-Length: +4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 4, 4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 0x4\r\n", "abcd"), 400);
  expectRefused(post("Content-Length: 99999999999999999999\r\n", "abcd"), 413);
  expectRefused(post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501);
  expectRefused(post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400);
  expectRefused(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
  expectRefused("POST /post HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  expectRefused(post("", "abcd"), 411);
}

TEST_F(HttpEdge, RefusesBadChunks) {
  start();
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const char* body : {"zz\r\n", "-4\r\nabcd\r\n0\r\n\r\n", "+4\r\nabcd\r\n0\r\n\r\n", "0x4\r\nabcd\r\n0\r\n\r\n",
                           "\r\nabcd\r\n", "4\nabcd\n0\n\n", "4\r\nabcdef\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"}) {
    SCOPED_TRACE(body);
    RawSocket socket = connect();
    socket.send(post(chunked, body));
    socket.trySend(GOOD);
    const RawAnswer answer = socket.readAnswer();
    EXPECT_TRUE(answer.status == 400 || answer.status == 413) << answer.status;
    EXPECT_EQ(socket.readToEnd(), "");
  }
  EXPECT_EQ(_handled, 0);
  expectRefused(post(chunked, "1001\r\n" + std::string(0x1001, 'a') + "\r\n0\r\n\r\n"), 413);
  RawSocket socket = connect();
  socket.send(post(chunked, "4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"));
  EXPECT_EQ(socket.readAnswer().body, "abcdef");
}

TEST_F(HttpEdge, RefusesBadHeads) {
  start();
  expectRefused("GET /good HTTP/1.1\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.0\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: lo cal\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400);  // obs-fold
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\x01\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a" + std::string(1, '\0') + "b\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n", 400);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n", 400);
  expectRefused("GET /go\x7fod HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("G(T /good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET  /good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET http://localhost/good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET good HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  expectRefused("GET /good HTTP/2.0\r\nHost: localhost\r\n\r\n", 505);
  expectRefused("GET /good\r\n\r\n", 400);
  expectRefused("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414);
  expectRefused("GET /good HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17000, 'a') + "\r\n\r\n", 431);
  std::string many = "GET /good HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  expectRefused(many + "\r\n", 431);
  expectRefused(post("Expect: the-unexpected\r\nContent-Length: 1\r\n", "a"), 417);
}

TEST_F(HttpEdge, ServesOnlyAllowedHostsAndChecksBeforeRouting) {
  start();
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.2", "[::2]", "relay.example.", "a:80"}) {
    expectRefused(std::string("GET /good HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 421);
    expectRefused(std::string("GET /unknown HTTP/1.1\r\nHost: ") + host + "\r\n\r\n", 421);
  }
  for (const char* host : {"localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]:80", "[::1]", "Relay.Example"}) {
    RawSocket socket = connect();
    socket.send(std::string("GET /good HTTP/1.1\r\nHost: ") + host + "\r\n\r\n");
    EXPECT_EQ(socket.readAnswer().status, 200) << host;
  }
}

TEST_F(HttpEdge, ASmuggledRequestInABodyStaysABody) {
  start();
  const std::string smuggled = "GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n";
  RawSocket socket = connect();
  socket.send(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled) +
              post("Content-Length: 2\r\n", "ok"));
  EXPECT_EQ(socket.readAnswer().body, smuggled);
  EXPECT_EQ(socket.readAnswer().body, "ok");
  EXPECT_EQ(_handled, 2);
  // Refused with the body still to come: neither the body nor what follows is taken for a request.
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/nowhere"), 404);
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/good"), 405);
  expectRefused(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled, "/checked"), 429);
}

TEST_F(HttpEdge, RequestsBehindARefusedOneAreNeverExecutedButThoseBeforeAreAnswered) {
  start();
  RawSocket socket = connect();
  socket.send(std::string("GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n") + GOOD +
              "GET /good HTTP/1.1\r\nHost: evil\r\n\r\n" + GOOD + GOOD);
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "first"));
  EXPECT_EQ(socket.readAnswer().body, "first");
  EXPECT_EQ(socket.readAnswer().body, "good");
  EXPECT_EQ(socket.readAnswer().status, 421);
  EXPECT_EQ(socket.readToEnd(), "");
  EXPECT_EQ(_handled, 1);
}

TEST_F(HttpEdge, UpgradesAreCheckedAndRefusalsReadable) {
  start();
  const std::string base = "GET /socket HTTP/1.1\r\nHost: localhost\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const auto ask = [&](const std::string& request) {
    RawSocket socket = connect();
    socket.send(request);
    RawAnswer answer = socket.readAnswer();
    EXPECT_EQ(socket.readToEnd(), "");
    return answer;
  };
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key +
                "\r\n")
                .status,
            401);
  const RawAnswer plain = ask(base + "\r\n");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.headers.at("sec-websocket-version"), "13");
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n" + key + "\r\n").status,
      426);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n").status, 400);
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key + key + "\r\n")
          .status,
      400);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                "Sec-WebSocket-Key: c2hvcnQ=\r\n\r\n")
                .status,
            400);
  EXPECT_EQ(
      ask(base + "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n" + key + "\r\n").status,
      400);
  EXPECT_EQ(ask(base + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + key +
                "Content-Length: 3\r\n\r\nabc")
                .status,
            400);
}

TEST_F(HttpEdge, ContinueIsSentOnlyAfterTheHeadPassed) {
  start();
  RawSocket refused = connect();
  refused.send("POST /checked HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(refused.readAnswer().status, 429);
  EXPECT_EQ(refused.readToEnd(), "");
  RawSocket tooBig = connect();
  tooBig.send("POST /post HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4097\r\n\r\n");
  EXPECT_EQ(tooBig.readAnswer().status, 413);
  // Behind an answer that is still missing it waits for its turn.
  RawSocket socket = connect();
  socket.send(
      "GET /later/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /checked HTTP/1.1\r\nHost: localhost\r\nX-Pass: 1\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  const auto later = takeLater(1);
  later[0].second.send(HttpResponse::text(200, "before"));
  EXPECT_EQ(socket.readAnswer().body, "before");
  EXPECT_EQ(socket.readAnswer().status, 100);
  socket.send("abc");
  EXPECT_EQ(socket.readAnswer().body, "checked");
}

}  // namespace
}  // namespace tsunagi::test
