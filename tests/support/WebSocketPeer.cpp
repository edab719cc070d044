#include "tests/support/WebSocketPeer.h"

#include <stdexcept>

#include "net/WebSocketCodec.h"

namespace tsunagi::test {

namespace {

constexpr unsigned char MASK[4] = {0x37, 0xfa, 0x21, 0x3d};

std::string bigEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return out;
}

uint64_t fromBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

uint16_t RawFrame::closeCode() const {
  return payload.size() < 2 ? 1005 : static_cast<uint16_t>(fromBigEndian(std::string_view(payload).substr(0, 2)));
}

std::string FrameText::bytes(bool masked) const {
  const uint64_t length = claimedLength == UINT64_MAX ? payload.size() : claimedLength;
  const unsigned maskBit = masked ? 0x80 : 0;
  std::string out;
  out.push_back(static_cast<char>((final ? 0x80u : 0u) | (reserved << 4) | opcode));
  if (lengthForm == 64 || (lengthForm == 0 && length > 0xffff)) {
    out.push_back(static_cast<char>(maskBit | 127u));
    out += bigEndian(length, 8);
  } else if (lengthForm == 16 || (lengthForm == 0 && length > 125)) {
    out.push_back(static_cast<char>(maskBit | 126u));
    out += bigEndian(length, 2);
  } else {
    out.push_back(static_cast<char>(maskBit | length));
  }
  if (!masked) return out + payload;
  out.append(reinterpret_cast<const char*>(MASK), sizeof MASK);
  for (size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(payload[i]) ^ MASK[i % 4]));
  }
  return out;
}

WebSocketPeer WebSocketPeer::connect(uint16_t port, const std::string& path, const std::string& behind, SSL_CTX* tls,
                                     const std::string& fields) {
  WebSocketPeer peer(RawSocket::connect(port), true);
  if (tls != nullptr) peer._socket.startTls(tls, false);
  peer._socket.send("GET " + path +
                    " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
                    fields + "\r\n" + behind);
  const RawAnswer answer = peer._socket.readHeadAnswer();
  if (answer.status != 101 || answer.headers.at("sec-websocket-accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
    throw std::runtime_error("the server under test refused the handshake: " + std::to_string(answer.status));
  }
  if (answer.headers.count("sec-websocket-extensions") > 0)
    throw std::runtime_error("the server under test took an extension");
  return peer;
}

WebSocketPeer WebSocketPeer::accept(RawListener& listener, const std::string& behind, SSL_CTX* tls,
                                    const std::string& fields) {
  WebSocketPeer peer(listener.accept(), false);
  if (tls != nullptr) peer._socket.startTls(tls, true);
  const std::string head = peer._socket.readUntil("\r\n\r\n");
  const std::string field = "Sec-WebSocket-Key: ";
  const size_t at = head.find(field);
  if (at == std::string::npos) throw std::runtime_error("no Sec-WebSocket-Key in " + head);
  const size_t start = at + field.size();
  const std::string key = head.substr(start, head.find("\r\n", start) - start);
  peer._socket.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      net::websocketAccept(key) + "\r\n" + fields + "\r\n" + behind);
  return peer;
}

RawFrame WebSocketPeer::read() {
  const std::string head = _socket.readExactly(2);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  RawFrame frame;
  frame.final = first & 0x80;
  frame.reserved = (first >> 4) & 7u;
  frame.opcode = first & 0x0fu;
  frame.masked = second & 0x80;
  uint64_t length = second & 0x7fu;
  if (length == 126) {
    length = fromBigEndian(_socket.readExactly(2));
  } else if (length == 127) {
    length = fromBigEndian(_socket.readExactly(8));
  }
  std::string mask(4, '\0');
  if (frame.masked) mask = _socket.readExactly(4);
  frame.payload = _socket.readExactly(length);
  for (size_t i = 0; i < frame.payload.size(); ++i)
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  if (frame.masked == _client) throw std::runtime_error("a frame masked the wrong way");
  if (frame.reserved) throw std::runtime_error("a frame with reserved bits");
  return frame;
}

}  // namespace tsunagi::test
