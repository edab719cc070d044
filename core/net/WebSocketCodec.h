#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tsunagi::net {

enum class WsRole : uint8_t { Server, Client };
enum class WsOpcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

// The connection must be closed with this code (RFC 6455 section 7.4.1: 1002, 1007, 1009).
struct WsFailure {
  uint16_t closeCode;
  const char* reason;
};

class WsSink {
 public:
  virtual ~WsSink() = default;
  // Whole messages: Text (valid UTF-8) or Binary. Views are good for the call only.
  virtual void onMessage(WsOpcode kind, std::string_view payload) = 0;
  virtual void onPing(std::string_view payload) = 0;
  virtual void onPong(std::string_view payload) = 0;
  // code 1005 when the peer sent none. Nothing is delivered after it.
  virtual void onClose(uint16_t code, std::string_view reason) = 0;
  // Asked between frames; false stops decoding before the next frame (the caller closed or wants no more for now).
  virtual bool wantsMore() const { return true; }
};

// Sans-IO decoder of RFC 6455 frames in one direction. A Server-role decoder requires masked frames, a Client-role one
// refuses them. Text is checked as it comes (fail fast within a fragment). Holds no buffer while between messages.
class WebSocketDecoder {
 public:
  WebSocketDecoder(WsRole role, size_t maxMessage);

  // Takes all of bytes (unmasking in place, so the caller's buffer changes) and reports to sink.
  // After a failure or a close frame nothing more is taken.
  std::optional<WsFailure> feed(std::span<char> bytes, WsSink& sink);
  // Between messages and holding nothing.
  bool idle() const { return _partial.empty() && _message.empty() && !_inFragments && _headerLength == 0 && !_inPayload; }
  bool closed() const { return _closed; }
  // Bytes that were not taken because sink stopped wanting: offer them again.
  size_t unused() const { return _unused; }

 private:
  std::optional<WsFailure> parseHeader();
  std::optional<WsFailure> endFrame(std::string_view payload, WsSink& sink);
  std::optional<WsFailure> closeFrame(std::string_view payload, WsSink& sink);

  size_t _maxMessage;
  uint64_t _frameLength = 0;
  uint64_t _frameTaken = 0;
  size_t _unused = 0;
  std::string _partial;  // payload of the current frame when it came in pieces
  std::string _message;  // fragments before it
  uint32_t _utf8State = 0;
  uint32_t _mask = 0;
  unsigned char _header[14] = {};
  uint8_t _headerLength = 0;
  WsRole _role;
  WsOpcode _frameOpcode = WsOpcode::Continuation;
  WsOpcode _messageOpcode = WsOpcode::Continuation;
  bool _final = false;
  bool _inPayload = false;
  bool _inFragments = false;
  bool _closed = false;
};

// Appends one frame to out. A client masks with four bytes from the CSPRNG. Control payloads are at most 125 bytes
// (std::invalid_argument). Two pieces make one payload without a copy of the caller's (event head + body).
void encodeFrame(std::string& out, WsRole role, WsOpcode opcode, std::string_view payload, std::string_view more = {},
                 bool final = true);
void encodeClose(std::string& out, WsRole role, uint16_t code, std::string_view reason);  // reason is cut to 123 bytes on a character
bool isSendableCloseCode(uint16_t code);  // may appear on the wire: 1000-1003, 1007-1014, 3000-4999

std::string websocketAccept(std::string_view key);  // Sec-WebSocket-Accept of RFC 6455 section 4.2.2
std::string makeWebsocketKey();                     // 16 random bytes in base64

}  // namespace tsunagi::net
