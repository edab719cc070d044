#pragma once
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"
#include "tests/support/WebSocketPeer.h"

namespace tsunagi::test {

constexpr unsigned TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

inline std::string closePayload(uint16_t code, const std::string& reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + reason;
}

// What the program under test is, and over what.
struct Role {
  bool server = true;
  bool tls = false;
};

inline std::string roleName(const ::testing::TestParamInfo<Role>& info) {
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

// A WebSocket to ws-echo as a real process, whose raw peer is the test.
class WebSocketBench : public ::testing::TestWithParam<Role> {
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

  inline static std::unique_ptr<PeerTls> _tls;
  inline static std::list<Process> _servers;  // plain, over TLS
  inline static std::vector<uint16_t> _ports;
  RawListener _listener;
  std::optional<Process> _client;
};

}  // namespace tsunagi::test
