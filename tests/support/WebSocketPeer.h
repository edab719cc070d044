#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/RawSocket.h"

namespace tsunagi::test {

// One frame as it came.
struct RawFrame {
  bool final = false;
  unsigned reserved = 0;  // three bits
  unsigned opcode = 0;
  bool masked = false;
  std::string payload;         // unmasked
  uint16_t closeCode() const;  // of a close frame; 1005 without one
};

// Makes frames by hand, wrong ones too.
struct FrameText {
  unsigned opcode = 1;
  std::string payload = {};
  bool final = true;
  unsigned reserved = 0;
  int lengthForm = 0;                   // 0 = the shortest, 16 or 64 = that many bits
  uint64_t claimedLength = UINT64_MAX;  // UINT64_MAX = the payload's
  std::string bytes(bool masked) const;
};

// The raw side of a WebSocket whose other side is under test.
class WebSocketPeer {
 public:
  // weAreClient: our frames are masked, theirs must not be.
  WebSocketPeer(RawSocket socket, bool weAreClient) : _socket(std::move(socket)), _client(weAreClient) {}

  // The client's opening handshake against a server under test, and the server's against a client under test; over TLS
  // with a context. fields: more header lines, each with its CR LF.
  static WebSocketPeer connect(uint16_t port, const std::string& path = "/echo", const std::string& behind = {},
                               SSL_CTX* tls = nullptr, const std::string& fields = {});
  static WebSocketPeer accept(RawListener& listener, const std::string& behind = {}, SSL_CTX* tls = nullptr,
                              const std::string& fields = {});

  RawSocket& socket() { return _socket; }
  void send(const FrameText& frame) { _socket.send(frame.bytes(_client)); }
  void sendRaw(std::string_view bytes) { _socket.send(bytes); }
  std::string bytesOf(const FrameText& frame) const { return frame.bytes(_client); }
  RawFrame read();  // throws at the end of the stream; checks masking and reserved bits
  bool client() const { return _client; }

 private:
  RawSocket _socket;
  bool _client;
};

}  // namespace tsunagi::test
