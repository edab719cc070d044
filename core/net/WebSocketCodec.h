#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/Utf8Stream.h"

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
// refuses them. Text is checked as it comes (fail fast within a fragment). Holds no buffer while between messages; a
// buffer grows with the bytes that came, never by an announced length. A sink must not destroy or feed the decoder.
class WebSocketDecoder {
 public:
  // maxMessage: bytes of one message over all its fragments; 1009 as soon as a header goes beyond it.
  WebSocketDecoder(WsRole role, size_t maxMessage);

  // Takes all of bytes (unmasking in place, so the caller's buffer changes) and reports to sink.
  // After a failure or a close frame nothing more is taken: closed() is true and bytes are ignored.
  std::optional<WsFailure> feed(std::span<char> bytes, WsSink& sink);
  // Between messages and holding nothing.
  bool idle() const {
    return _control.empty() && _message.empty() && !_inFragments && _headerLength == 0 && !_inPayload;
  }
  bool closed() const { return _closed; }
  // Bytes at the end of the last feed that were not taken because sink stopped wanting: offer them again.
  size_t unused() const { return _unused; }

 private:
  bool isControl() const { return static_cast<uint8_t>(_opcode) >= 8; }
  size_t headerSize() const;
  size_t takeHeader(std::span<char> bytes, std::optional<WsFailure>& failure);
  std::optional<WsFailure> checkStart() const;
  std::optional<WsFailure> openFrame();
  std::optional<WsFailure> takePayload(std::span<char> bytes, WsSink& sink);
  std::optional<WsFailure> endFrame(std::string_view whole, WsSink& sink);
  std::optional<WsFailure> endControl(std::string_view payload, WsSink& sink);
  std::optional<WsFailure> closeFrame(std::string_view payload, WsSink& sink);

  size_t _maxMessage;
  uint64_t _length = 0;  // of the current frame's payload
  uint64_t _taken = 0;
  size_t _unused = 0;
  std::string _control;  // payload of a control frame that came in pieces
  std::string _message;  // of the current message: earlier fragments, and this frame's payload when it came in pieces
  Utf8Stream _utf8;
  unsigned char _mask[4] = {};
  unsigned char _header[14] = {};
  uint8_t _headerLength = 0;
  WsRole _role;
  WsOpcode _opcode = WsOpcode::Continuation;       // of the current frame
  WsOpcode _messageKind = WsOpcode::Continuation;  // Text or Binary
  bool _final = false;
  bool _inPayload = false;
  bool _inFragments = false;
  bool _closed = false;
};

// Appends one frame to out. A client masks with four bytes from the CSPRNG. Control frames are final and carry at most
// 125 bytes (std::invalid_argument). Two pieces make one payload without a copy of the caller's (event head + body).
void encodeFrame(std::string& out, WsRole role, WsOpcode opcode, std::string_view payload, std::string_view more = {},
                 bool final = true);
// reason is cut to 123 bytes on a character, and left out when it is not UTF-8. Code 1005 makes a close frame without a
// payload; every other code that may not be sent is std::invalid_argument.
void encodeClose(std::string& out, WsRole role, uint16_t code, std::string_view reason);
bool isSendableCloseCode(uint16_t code);  // may appear on the wire: 1000-1003, 1007-1014, 3000-4999

std::string websocketAccept(std::string_view key);  // Sec-WebSocket-Accept of RFC 6455 section 4.2.2
std::string makeWebsocketKey();                     // 16 random bytes in base64

}  // namespace tsunagi::net
