// The opening handshake (RFC 6455 section 4) as real processes give it, in both roles.
#include <gtest/gtest.h>

#include "net/WebSocketCodec.h"
#include "tests/service/WebSocketBench.h"

namespace tsunagi::test {
namespace {

// What only a server can get wrong: its answer to the handshake.
class WebSocketServerHandshake : public WebSocketBench {};

TEST_P(WebSocketServerHandshake, ACompressionThatIsOfferedIsNotTaken) {
  for (const char* offer :
       {"permessage-deflate", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"}) {
    WebSocketPeer peer = connect("", "Sec-WebSocket-Extensions: " + std::string(offer) + "\r\n");
    expectAlive(peer);
    peer.send({TEXT, "compressed?", true, 4});
    expectClose(peer, 1002);
  }
}

TEST_P(WebSocketServerHandshake, WhatIsNoHandshakeIsRefused) {
  const auto status = [&](const std::string& version, const std::string& fields) {
    RawSocket socket = RawSocket::connect(_ports[overTls()]);
    if (overTls()) socket.startTls(_tls->client(), false);
    socket.send("GET /echo HTTP/" + version + "\r\nHost: localhost\r\nUpgrade: websocket\r\n" + fields + "\r\n");
    return socket.readAnswer().status;
  };
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string upgrade = "Connection: Upgrade\r\n", version = "Sec-WebSocket-Version: 13\r\n";
  EXPECT_EQ(status("1.1", upgrade + key + version), 101);
  EXPECT_EQ(status("1.0", upgrade + key + version), 400);
  EXPECT_EQ(status("1.1", key + version), 400);
  EXPECT_EQ(status("1.1", upgrade + version), 400);
  EXPECT_EQ(status("1.1", upgrade + key + key + version), 400);
  EXPECT_EQ(status("1.1", upgrade + "Sec-WebSocket-Key: c2hvcnQ=\r\n" + version), 400);
  EXPECT_EQ(status("1.1", upgrade + key), 426);
  EXPECT_EQ(status("1.1", upgrade + key + "Sec-WebSocket-Version: 8\r\n"), 426);
  EXPECT_EQ(status("1.1", upgrade + key + version + "Content-Length: 3\r\n\r\nabc"), 400);
}

INSTANTIATE_TEST_SUITE_P(Roles, WebSocketServerHandshake, ::testing::Values(Role{true, false}, Role{true, true}),
                         roleName);

// What only a client can get wrong: the answer to its handshake.
class WebSocketClientHandshake : public ::testing::Test {
 protected:
  // Starts the client, answers its request with this head (with the accept value put in for @), returns its verdict.
  std::string verdict(std::string head) {
    Process client(programPath("ws-echo"),
                   Process::Options{{"client", "ws://127.0.0.1:" + std::to_string(_listener.port()) + "/x?y=1",
                                     "--subprotocols", "one,two"}});
    RawSocket socket = _listener.accept();
    const std::string request = socket.readUntil("\r\n\r\n");
    EXPECT_EQ(request.rfind("GET /x?y=1 HTTP/1.1\r\n", 0), 0u) << request;
    EXPECT_NE(request.find("\r\nHost: 127.0.0.1:" + std::to_string(_listener.port()) + "\r\n"), std::string::npos);
    EXPECT_NE(request.find("\r\nSec-WebSocket-Protocol: one, two\r\n"), std::string::npos);
    const std::string field = "Sec-WebSocket-Key: ";
    const size_t start = request.find(field) + field.size();
    const std::string key = request.substr(start, request.find("\r\n", start) - start);
    if (const size_t at = head.find('@'); at != std::string::npos) head.replace(at, 1, net::websocketAccept(key));
    if (!head.empty()) socket.send(head);
    socket.shutdownWrite();
    const ExitStatus status = client.wait();
    const std::string output = client.standardOutput();
    EXPECT_EQ(status.code, output.rfind("open", 0) == 0 ? 0 : 1) << output;
    return output.substr(0, output.find('\n'));
  }

  RawListener _listener;
};

TEST_F(WebSocketClientHandshake, AcceptsWhatTheRfcAllows) {
  const std::string head = "HTTP/1.1 101 Switching\r\n";
  EXPECT_EQ(verdict(head + "upgrade: WebSocket\r\nconnection: keep-alive, UPGRADE\r\nsec-websocket-accept: @\r\n\r\n"),
            "open ");
  EXPECT_EQ(verdict(head + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n"
                           "Sec-WebSocket-Protocol: two\r\n\r\n"),
            "open two");
  EXPECT_EQ(verdict("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + head +
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n"),
            "open ");
}

TEST_F(WebSocketClientHandshake, RefusesWhatIsNoProperAnswer) {
  const std::string head = "HTTP/1.1 101 Switching\r\n";
  const std::string good = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  for (const std::string& answer :
       {head + "Connection: Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n",
        head + "Upgrade: websocket\r\nSec-WebSocket-Accept: @\r\n\r\n",
        head + "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n", head + good + "\r\n",
        head + good + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        head + good + "Sec-WebSocket-Accept: @\r\nSec-WebSocket-Accept: other\r\n\r\n",
        head + good + "Sec-WebSocket-Accept: @\r\nSec-WebSocket-Protocol: three\r\n\r\n",
        head + good + "Sec-WebSocket-Accept: @\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        std::string("SSH-2.0-OpenSSH_9.2\r\n")}) {
    EXPECT_EQ(verdict(answer).rfind("refused protocol", 0), 0u) << answer;
  }
  EXPECT_EQ(verdict("").rfind("refused connect", 0), 0u);
  EXPECT_EQ(verdict("HTTP/1.1 101 Swit").rfind("refused connect", 0), 0u);
}

TEST_F(WebSocketClientHandshake, TellsStatusAndRetryAfter) {
  EXPECT_EQ(verdict("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").rfind("refused http 401 0 ", 0), 0u);
  EXPECT_EQ(
      verdict("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\n").rfind("refused http 429 7000 ", 0),
      0u);
  EXPECT_EQ(verdict("HTTP/1.1 503 Later\r\nRetry-After: 999999999\r\n\r\n").rfind("refused http 503 86400000 ", 0), 0u);
  EXPECT_EQ(verdict("HTTP/1.1 503 Later\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n")
                .rfind("refused http 503 0 ", 0),
            0u);
  EXPECT_EQ(verdict("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1/\r\n\r\n").rfind("refused http 302 0 ", 0), 0u);
}

}  // namespace
}  // namespace tsunagi::test
