// RFC 6455 as conformance suites test it, against ws-echo as a real process in both roles. The test is the raw peer.
// The numbers in the names are those of the well-known case list: 1 framing, 2 pings, 3 reserved bits, 4 opcodes, 5
// fragmentation, 6 UTF-8, 7 closing, 9 limits, 10 auto-fragmentation.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "net/WebSocketCodec.h"
#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"
#include "tests/support/WebSocketPeer.h"

namespace tsunagi::test {
namespace {

constexpr unsigned TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

std::string closePayload(uint16_t code, const std::string& reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + reason;
}

// What the program under test is, and over what.
struct Role {
  bool server = true;
  bool tls = false;
};

std::string roleName(const ::testing::TestParamInfo<Role>& info) {
  return std::string(info.param.server ? "Server" : "Client") + (info.param.tls ? "OverTls" : "");
}

// OpenSSL's own end of a TLS connection, made without our code.
class PeerTls {
 public:
  PeerTls() : _leaf(_ca.issue({.ips = {"127.0.0.1"}})) {
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(_server.get(), _leaf.certificateFile.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(_server.get(), _leaf.keyFile.c_str(), SSL_FILETYPE_PEM), 1);
    EXPECT_EQ(SSL_CTX_load_verify_file(_client.get(), _ca.caFile().c_str()), 1);
    SSL_CTX_set_verify(_client.get(), SSL_VERIFY_PEER, nullptr);
    for (const auto& context : {_server, _client})
      SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  SSL_CTX* server() const { return _server.get(); }
  SSL_CTX* client() const { return _client.get(); }
  const TestCa::Leaf& leaf() const { return _leaf; }
  const std::string& caFile() const { return _ca.caFile(); }

 private:
  TempFolder _folder;
  TestCa _ca{_folder.path()};
  TestCa::Leaf _leaf;
  std::shared_ptr<SSL_CTX> _server{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  std::shared_ptr<SSL_CTX> _client{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
};

class WebSocketConformance : public ::testing::TestWithParam<Role> {
 protected:
  static void SetUpTestSuite() {
    _tls = std::make_unique<PeerTls>();
    const TestCa::Leaf& leaf = _tls->leaf();
    _servers.emplace_back(programPath("ws-echo"), Process::Options{{"server"}});
    _servers.emplace_back(programPath("ws-echo"), Process::Options{{"server", "--tls-certificate", leaf.certificateFile,
                                                                    "--tls-key", leaf.keyFile}});
    for (Process& server : _servers) {
      const std::string line = server.waitForLine("listening on ");
      _ports.push_back(static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1))));
    }
  }
  static void TearDownTestSuite() {
    for (Process& server : _servers) EXPECT_EQ(server.stop().code, 0) << server.standardError();
    _servers.clear();
    _ports.clear();
    _tls.reset();
  }

  bool testsServer() const { return GetParam().server; }
  bool overTls() const { return GetParam().tls; }

  // A fresh WebSocket to the program under test; a client under test is another process each time, the one before ends.
  // behind: bytes right after the handshake.
  WebSocketPeer open(const FrameText* behind = nullptr) {
    if (testsServer()) return connect(behind ? behind->bytes(true) : "");
    return openWith(_client, behind ? behind->bytes(false) : "");
  }
  WebSocketPeer connect(const std::string& behind, const std::string& fields = {}) {
    return WebSocketPeer::connect(_ports[overTls()], "/echo", behind, overTls() ? _tls->client() : nullptr, fields);
  }
  WebSocketPeer openWith(std::optional<Process>& client, const std::string& behind) {
    client.reset();
    std::vector<std::string> arguments{
        "client", (overTls() ? "wss" : "ws") + std::string("://127.0.0.1:") + std::to_string(_listener.port()) + "/"};
    if (overTls()) arguments.insert(arguments.end(), {"--ca-file", _tls->caFile()});
    client.emplace(programPath("ws-echo"), Process::Options{std::move(arguments)});
    return WebSocketPeer::accept(_listener, behind, overTls() ? _tls->server() : nullptr);
  }

  // The peer under test answers with this close code and ends the connection. A server closes TCP by itself, a client
  // waits for us.
  void expectClose(WebSocketPeer& peer, uint16_t code) {
    RawFrame frame;
    do {
      frame = peer.read();
    } while (frame.opcode != CLOSE);
    EXPECT_EQ(frame.closeCode(), code);
    if (!testsServer()) peer.socket().shutdownWrite();
    EXPECT_EQ(peer.socket().readToEnd(), "");
  }

  // Fails the connection with the code, whatever was sent before.
  void expectFailure(const std::vector<FrameText>& frames, uint16_t code) {
    WebSocketPeer peer = open();
    for (const FrameText& frame : frames) peer.socket().trySend(peer.bytesOf(frame));
    expectClose(peer, code);
  }

  void expectEcho(WebSocketPeer& peer, unsigned opcode, const std::string& payload) {
    const RawFrame frame = peer.read();
    EXPECT_EQ(frame.opcode, opcode);
    EXPECT_TRUE(frame.final);
    EXPECT_EQ(frame.payload, payload);
  }

  // Still alive, and nothing unexpected stands before the answer.
  void expectAlive(WebSocketPeer& peer) {
    peer.send({TEXT, "still there?"});
    expectEcho(peer, TEXT, "still there?");
  }

  void closeNormally(WebSocketPeer& peer) {
    peer.send({CLOSE, closePayload(1000)});
    expectClose(peer, 1000);
    if (!testsServer()) {
      EXPECT_NE(_client->waitForLine("closed").find("closed 1000"), std::string::npos);
    }
  }

  static std::unique_ptr<PeerTls> _tls;
  static std::list<Process> _servers;  // plain, over TLS
  static std::vector<uint16_t> _ports;
  RawListener _listener;
  std::optional<Process> _client;
};

std::unique_ptr<PeerTls> WebSocketConformance::_tls;
std::list<Process> WebSocketConformance::_servers;
std::vector<uint16_t> WebSocketConformance::_ports;

TEST_P(WebSocketConformance, Case1EveryLengthFormInTextAndBinary) {
  WebSocketPeer peer = open();
  for (const unsigned opcode : {TEXT, BINARY}) {
    for (const size_t length : {0u, 1u, 125u, 126u, 127u, 128u, 65535u, 65536u, 65537u}) {
      const std::string payload(length, opcode == TEXT ? '*' : '\xfe');
      peer.send({opcode, payload});
      expectEcho(peer, opcode, payload);
    }
  }
  closeNormally(peer);
}

TEST_P(WebSocketConformance, Case1FramesCutIntoSingleBytes) {
  WebSocketPeer peer = open();
  const std::string bytes = peer.bytesOf({TEXT, std::string(300, 'x')});
  for (const char byte : bytes) peer.sendRaw(std::string_view(&byte, 1));
  expectEcho(peer, TEXT, std::string(300, 'x'));
  const std::string two = peer.bytesOf({TEXT, "a"}) + peer.bytesOf({BINARY, "b"});
  peer.sendRaw(two);
  expectEcho(peer, TEXT, "a");
  expectEcho(peer, BINARY, "b");
}

TEST_P(WebSocketConformance, Case2PingsArePongedWithTheirPayload) {
  WebSocketPeer peer = open();
  for (const std::string& payload :
       {std::string(), std::string("Hello"), std::string("\x00\xff\xfe\xfd", 4), std::string(125, '\xfe')}) {
    peer.send({PING, payload});
    expectEcho(peer, PONG, payload);
  }
  expectAlive(peer);
}

TEST_P(WebSocketConformance, Case2APingInSingleBytesIsPongedOnce) {
  WebSocketPeer peer = open();
  for (const std::string& payload : {std::string(), std::string("chopped"), std::string(125, '\xfe')}) {
    const std::string bytes = peer.bytesOf({PING, payload});
    for (const char byte : bytes) {
      peer.sendRaw(std::string_view(&byte, 1));
      // Each byte is a read of its own at the other side.
      ASSERT_TRUE(eventually([&] { return peer.socket().peerHasRead(); }));
    }
    expectEcho(peer, PONG, payload);
  }
  expectAlive(peer);
}

TEST_P(WebSocketConformance, Case2APingTooLongFails) { expectFailure({{PING, std::string(126, 'a')}}, 1002); }

TEST_P(WebSocketConformance, Case2UnsolicitedPongsAreIgnored) {
  WebSocketPeer peer = open();
  peer.send({PONG, ""});
  peer.send({PONG, "unasked"});
  peer.send({PING, "asked"});
  expectEcho(peer, PONG, "asked");
}

TEST_P(WebSocketConformance, Case2TenPingsInOnePacketGiveTenPongsInOrder) {
  WebSocketPeer peer = open();
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += peer.bytesOf({PING, "payload-" + std::to_string(i)});
  peer.sendRaw(bytes);
  for (int i = 0; i < 10; ++i) expectEcho(peer, PONG, "payload-" + std::to_string(i));
}

TEST_P(WebSocketConformance, Case3ReservedBitsFail) {
  for (unsigned bits = 1; bits < 8; ++bits) {
    expectFailure({{TEXT, "bits", true, bits}}, 1002);
    expectFailure({{PING, "", true, bits}}, 1002);
  }
  WebSocketPeer peer = open();
  peer.sendRaw(peer.bytesOf({TEXT, "before"}) + peer.bytesOf({TEXT, "bad", true, 4}) + peer.bytesOf({PING, "after"}));
  expectEcho(peer, TEXT, "before");
  expectClose(peer, 1002);
}

TEST_P(WebSocketConformance, Case4ReservedOpcodesFail) {
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    SCOPED_TRACE(opcode);
    expectFailure({{opcode, ""}}, 1002);
    expectFailure({{opcode, "payload"}}, 1002);
  }
}

TEST_P(WebSocketConformance, Case5FragmentsWithControlFramesBetween) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "one ", false});
  peer.send({PING, "between"});
  peer.send({0, "two ", false});
  peer.send({PONG, "unasked"});
  peer.send({0, "", false});
  peer.send({0, "three", true});
  expectEcho(peer, PONG, "between");
  expectEcho(peer, TEXT, "one two three");
  peer.send({BINARY, "", false});
  peer.send({0, "", true});
  expectEcho(peer, BINARY, "");
  peer.send({TEXT, "in", false});
  const std::string rest = peer.bytesOf({0, " pieces", true});
  for (const char byte : rest) peer.sendRaw(std::string_view(&byte, 1));
  expectEcho(peer, TEXT, "in pieces");
}

TEST_P(WebSocketConformance, Case5BrokenFragmentationFails) {
  expectFailure({{PING, "a", false}, {0, "b"}}, 1002);
  expectFailure({{PONG, "a", false}, {0, "b"}}, 1002);
  expectFailure({{CLOSE, closePayload(1000), false}}, 1002);
  expectFailure({{0, "continuation of nothing", true}}, 1002);
  expectFailure({{0, "continuation of nothing", false}}, 1002);
  expectFailure({{TEXT, "a", false}, {TEXT, "b"}}, 1002);
  expectFailure({{TEXT, "a", false}, {BINARY, "b", false}}, 1002);
  expectFailure({{TEXT, "a"}, {0, "b"}}, 1002);
}

TEST_P(WebSocketConformance, Case6ValidUtf8OfEveryKind) {
  WebSocketPeer peer = open();
  const std::string greek = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
  for (const std::string& text :
       {greek, std::string("\x00", 1), std::string("\x7f"), std::string("\xc2\x80"), std::string("\xdf\xbf"),
        std::string("\xe0\xa0\x80"), std::string("\xed\x9f\xbf"), std::string("\xee\x80\x80"),
        std::string("\xef\xbf\xbd"), std::string("\xef\xbf\xbe"), std::string("\xef\xbf\xbf"),
        std::string("\xf0\x90\x80\x80"), std::string("\xf0\x9f\xbf\xbe"), std::string("\xf4\x8f\xbf\xbf")}) {
    peer.send({TEXT, text});
    expectEcho(peer, TEXT, text);
    // Fragments may be cut within a character.
    for (size_t cut = 0; cut < text.size(); ++cut) {
      peer.send({TEXT, text.substr(0, cut), false});
      peer.send({0, text.substr(cut), true});
      expectEcho(peer, TEXT, text);
    }
  }
}

TEST_P(WebSocketConformance, Case6InvalidUtf8Fails) {
  for (const char* text : {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64",
                           "\x80",
                           "\xbf",
                           "\x80\xbf\x80",
                           "\xc0",
                           "\xc0\xaf",
                           "\xe0\x80\xaf",
                           "\xf0\x80\x80\xaf",
                           "\xf8\x80\x80\x80\xaf",
                           "\xfc\x80\x80\x80\x80\xaf",
                           "\xc1\xbf",
                           "\xe0\x9f\xbf",
                           "\xf0\x8f\xbf\xbf",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xed\xa0\x80\xed\xb0\x80",
                           "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80",
                           "\xfe",
                           "\xff",
                           "\xfe\xfe\xff\xff",
                           "\xe2\x82",
                           "\xf0\x9f\x98"}) {
    expectFailure({{TEXT, text}}, 1007);
  }
  expectFailure({{TEXT, "fine so far \xf4", false}, {0, "\x90", false}}, 1007);
}

TEST_P(WebSocketConformance, Case6InvalidUtf8FailsWithinAnUnfinishedFrame) {
  WebSocketPeer peer = open();
  const std::string payload = std::string("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80", 15);
  const std::string bytes = peer.bytesOf({TEXT, payload + std::string(100, 'e')});
  // Not a byte behind the bad one is sent.
  peer.sendRaw(bytes.substr(0, bytes.size() - 102));
  expectClose(peer, 1007);
}

TEST_P(WebSocketConformance, Case6BinaryMayHoldAnything) {
  WebSocketPeer peer = open();
  peer.send({BINARY, "\xff\xfe\x80"});
  expectEcho(peer, BINARY, "\xff\xfe\x80");
}

TEST_P(WebSocketConformance, Case7CloseCodesAreAnsweredWithThemselves) {
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    SCOPED_TRACE(code);
    WebSocketPeer peer = open();
    peer.send({CLOSE, closePayload(static_cast<uint16_t>(code), "reason")});
    expectClose(peer, static_cast<uint16_t>(code));
  }
  WebSocketPeer empty = open();
  empty.send({CLOSE, ""});
  expectClose(empty, 1005);
  WebSocketPeer longest = open();
  longest.send({CLOSE, closePayload(1000, std::string(123, '*'))});
  expectClose(longest, 1000);
}

TEST_P(WebSocketConformance, Case7BadCloseFramesFail) {
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    SCOPED_TRACE(code);
    expectFailure({{CLOSE, closePayload(static_cast<uint16_t>(code))}}, 1002);
  }
  expectFailure({{CLOSE, "a"}}, 1002);
  expectFailure({{CLOSE, closePayload(1000, std::string(124, '*'))}}, 1002);
  expectFailure({{CLOSE, closePayload(1000, "\xce\xba\xe1\xbd\xb9\xed\xa0\x80")}}, 1007);
}

TEST_P(WebSocketConformance, Case7NothingBehindACloseIsTaken) {
  WebSocketPeer peer = open();
  peer.sendRaw(peer.bytesOf({TEXT, "before"}) + peer.bytesOf({CLOSE, closePayload(1000)}) +
               peer.bytesOf({TEXT, "behind"}) + peer.bytesOf({PING, "behind"}));
  expectEcho(peer, TEXT, "before");
  expectClose(peer, 1000);
}

TEST_P(WebSocketConformance, Case7ACloseWithinAFragmentedMessageEndsIt) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "half", false});
  peer.send({CLOSE, closePayload(1000)});
  expectClose(peer, 1000);
}

TEST_P(WebSocketConformance, Case9LargeMessagesWholeAndInPieces) {
  WebSocketPeer peer = open();
  const std::string large(4 * 1024 * 1024, 'l');
  // The echo comes while the message is still being sent, so both directions must move.
  std::thread writer([&] {
    peer.send({BINARY, large});
    peer.send({TEXT, large.substr(0, 1'000'000), false});
    for (int i = 1; i < 4; ++i) peer.send({0, large.substr(0, 1'000'000), i == 3});
  });
  expectEcho(peer, BINARY, large);
  expectEcho(peer, TEXT, large.substr(0, 4'000'000));
  const std::string bytes = peer.bytesOf({BINARY, large.substr(0, 300'000)});
  writer.join();
  for (size_t at = 0; at < bytes.size(); at += 997) peer.sendRaw(std::string_view(bytes).substr(at, 997));
  expectEcho(peer, BINARY, large.substr(0, 300'000));
}

TEST_P(WebSocketConformance, Case9SixteenMebibytesInOneMessage) {
  WebSocketPeer peer = open();
  const std::string text(16 * 1024 * 1024, 't');
  std::thread writer([&] { peer.send({TEXT, text}); });
  const RawFrame frame = peer.read();
  writer.join();
  EXPECT_EQ(frame.opcode, TEXT);
  EXPECT_TRUE(frame.payload == text) << frame.payload.size();  // not printed
  closeNormally(peer);
}

TEST_P(WebSocketConformance, Case9AMessageBeyondTheLimitIsTooBig) {
  // Known from the header alone: nothing of the payload is sent.
  WebSocketPeer huge = open();
  const std::string frame = huge.bytesOf({BINARY, "", true, 0, 64, 2'000'000'000});
  huge.sendRaw(frame);
  expectClose(huge, 1009);
  WebSocketPeer impossible = open();
  impossible.sendRaw(impossible.bytesOf({BINARY, "", true, 0, 64, 0x8000000000000000}));
  expectClose(impossible, 1002);
}

TEST_P(WebSocketConformance, Case9LengthsNotInTheirShortestFormFail) {
  expectFailure({{TEXT, "short", true, 0, 16}}, 1002);
  expectFailure({{TEXT, "short", true, 0, 64}}, 1002);
  expectFailure({{TEXT, std::string(300, 'a'), true, 0, 64}}, 1002);
}

TEST_P(WebSocketConformance, Case10AMessageOfManyFragments) {
  WebSocketPeer peer = open();
  const std::string whole(65536, 'f');
  std::string bytes;
  for (size_t at = 0; at < whole.size(); at += 1300) {
    const std::string piece = whole.substr(at, 1300);
    bytes += peer.bytesOf({at == 0 ? TEXT : 0u, piece, at + 1300 >= whole.size()});
  }
  peer.sendRaw(bytes);
  expectEcho(peer, TEXT, whole);
}

TEST_P(WebSocketConformance, MaskingTheWrongWayFails) {
  WebSocketPeer peer = open();
  peer.sendRaw(FrameText{TEXT, "wrong"}.bytes(!peer.client()));
  expectClose(peer, 1002);
}

TEST_P(WebSocketConformance, AFrameInThePacketOfTheHandshakeIsRead) {
  const FrameText behind{TEXT, "behind"};
  WebSocketPeer peer = open(&behind);
  expectEcho(peer, TEXT, "behind");
}

TEST_P(WebSocketConformance, AnEmptyMessageAndAnEmptyPingAreNoEndOfStream) {
  WebSocketPeer peer = open();
  peer.send({PING, ""});
  expectEcho(peer, PONG, "");
  peer.send({TEXT, ""});
  expectEcho(peer, TEXT, "");
  expectAlive(peer);
}

TEST_P(WebSocketConformance, SilenceWithinAFrameLosesNothing) {
  WebSocketPeer silent = open();
  const std::string bytes = silent.bytesOf({TEXT, std::string(1000, 's')});
  silent.sendRaw(bytes.substr(0, 500));
  // The first half was read and is all there is, while others are served: on each loop of the server, or by a client of
  // its own.
  ASSERT_TRUE(eventually([&] { return silent.socket().peerHasRead(); }));
  std::optional<Process> other;
  for (int i = 0; i < 2; ++i) {
    WebSocketPeer meanwhile = testsServer() ? open() : openWith(other, "");
    expectAlive(meanwhile);
  }
  silent.sendRaw(bytes.substr(500));
  expectEcho(silent, TEXT, std::string(1000, 's'));
}

TEST_P(WebSocketConformance, AnEndWithoutACloseIsNoticed) {
  WebSocketPeer peer = open();
  peer.send({TEXT, "half", false});
  peer.socket().shutdownWrite();
  EXPECT_EQ(peer.socket().readToEnd(), "");
  if (!testsServer()) {
    EXPECT_NE(_client->waitForLine("closed").find("closed 1006"), std::string::npos);
  }
}

TEST_P(WebSocketConformance, AResetIsNoticed) {
  WebSocketPeer peer = open();
  expectAlive(peer);
  peer.socket().reset();
  if (!testsServer()) {
    EXPECT_NE(_client->waitForLine("closed").find("closed 1006"), std::string::npos);
  }
  WebSocketPeer next = open();
  expectAlive(next);
}

INSTANTIATE_TEST_SUITE_P(Roles, WebSocketConformance,
                         ::testing::Values(Role{true, false}, Role{false, false}, Role{true, true}, Role{false, true}),
                         roleName);

// What only a server can get wrong: its answer to the handshake.
class WebSocketServerHandshake : public WebSocketConformance {};

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
