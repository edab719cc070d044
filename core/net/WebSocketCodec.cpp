#include "net/WebSocketCodec.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/Encoding.h"
#include "base/Random.h"

namespace tsunagi::net {

namespace {

constexpr size_t MAX_CONTROL = 125;
constexpr size_t MAX_CLOSE_REASON = MAX_CONTROL - 2;

// XORs data with the mask, whose first byte belongs to position 0 of the payload; data starts at offset.
void applyMask(char* data, size_t size, const unsigned char (&mask)[4], uint64_t offset) {
  unsigned char turned[8];
  for (size_t i = 0; i < sizeof turned; ++i) turned[i] = mask[(offset + i) & 3];
  uint64_t word = 0;
  std::memcpy(&word, turned, sizeof word);
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t value = 0;
    std::memcpy(&value, data + i, sizeof value);
    value ^= word;
    std::memcpy(data + i, &value, sizeof value);
  }
  for (; i < size; ++i) data[i] = static_cast<char>(static_cast<unsigned char>(data[i]) ^ turned[i & 7]);
}

}  // namespace

bool isSendableCloseCode(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

WebSocketDecoder::WebSocketDecoder(WsRole role, size_t maxMessage) : _maxMessage(maxMessage), _role(role) {}

std::optional<WsFailure> WebSocketDecoder::feed(std::span<char> bytes, WsSink& sink) {
  _unused = 0;
  std::optional<WsFailure> failure;
  while (!bytes.empty() && !_closed && !failure) {
    if (_inPayload) {
      const auto count = static_cast<size_t>(std::min<uint64_t>(_length - _taken, bytes.size()));
      failure = takePayload(bytes.first(count), sink);
      bytes = bytes.subspan(count);
      continue;
    }
    if (_headerLength == 0 && !sink.wantsMore()) {
      _unused = bytes.size();
      break;
    }
    bytes = bytes.subspan(takeHeader(bytes, failure));
    // A frame without payload is whole with its header.
    if (!failure && _inPayload && _length == 0) failure = takePayload({}, sink);
  }
  if (failure) _closed = true;
  return failure;
}

size_t WebSocketDecoder::headerSize() const {
  if (_headerLength < 2) return 2;
  const unsigned length = _header[1] & 0x7fu;
  return 2u + (length == 126 ? 2u : length == 127 ? 8u : 0u) + (_role == WsRole::Server ? 4u : 0u);
}

size_t WebSocketDecoder::takeHeader(std::span<char> bytes, std::optional<WsFailure>& failure) {
  size_t used = 0;
  while (used < bytes.size() && _headerLength < headerSize()) {
    _header[_headerLength++] = static_cast<unsigned char>(bytes[used++]);
    if (_headerLength == 2 && (failure = checkStart())) return used;
  }
  if (_headerLength == headerSize()) failure = openFrame();
  return used;
}

// The first two bytes.
std::optional<WsFailure> WebSocketDecoder::checkStart() const {
  if (_header[0] & 0x70) return WsFailure{1002, "reserved bit set"};
  const unsigned opcode = _header[0] & 0x0fu;
  const bool final = (_header[0] & 0x80) != 0;
  const unsigned length = _header[1] & 0x7fu;
  const bool masked = (_header[1] & 0x80) != 0;
  if ((opcode > 2 && opcode < 8) || opcode > 10) return WsFailure{1002, "unknown opcode"};
  if (masked != (_role == WsRole::Server))
    return WsFailure{1002, masked ? "masked frame from a server" : "unmasked frame from a client"};
  if (opcode >= 8) {
    if (!final) return WsFailure{1002, "fragmented control frame"};
    if (length > MAX_CONTROL) return WsFailure{1002, "control frame longer than 125 bytes"};
  } else if ((opcode == 0) != _inFragments) {
    return WsFailure{1002, _inFragments ? "new message within a fragmented one" : "continuation of nothing"};
  }
  return std::nullopt;
}

// The whole header is there.
std::optional<WsFailure> WebSocketDecoder::openFrame() {
  const unsigned shortLength = _header[1] & 0x7fu;
  size_t at = 2;
  _length = shortLength;
  if (shortLength >= 126) {
    const size_t width = shortLength == 126 ? 2 : 8;
    _length = 0;
    for (size_t i = 0; i < width; ++i) _length = _length << 8 | _header[at++];
    if (_length >> 63) return WsFailure{1002, "length with its top bit set"};
    if (_length <= (shortLength == 126 ? 125u : 0xffffu)) return WsFailure{1002, "length not in its shortest form"};
  }
  if (_role == WsRole::Server) std::memcpy(_mask, _header + at, sizeof _mask);
  _opcode = static_cast<WsOpcode>(_header[0] & 0x0f);
  _final = (_header[0] & 0x80) != 0;
  _headerLength = 0;
  _taken = 0;
  if (!isControl()) {
    if (_message.size() > _maxMessage || _length > _maxMessage - _message.size())
      return WsFailure{1009, "message too big"};
    if (_opcode != WsOpcode::Continuation) {
      _messageKind = _opcode;
      _utf8.reset();
    }
  }
  _inPayload = true;
  return std::nullopt;
}

std::optional<WsFailure> WebSocketDecoder::takePayload(std::span<char> bytes, WsSink& sink) {
  if (_role == WsRole::Server) applyMask(bytes.data(), bytes.size(), _mask, _taken);
  const std::string_view piece(bytes.data(), bytes.size());
  if (!isControl() && _messageKind == WsOpcode::Text && !_utf8.take(piece))
    return WsFailure{1007, "text that is not UTF-8"};
  const bool whole = _taken == 0 && piece.size() == _length;
  _taken += piece.size();
  if (whole) return endFrame(piece, sink);
  std::string& store = isControl() ? _control : _message;
  store.append(piece);
  if (_taken < _length) return std::nullopt;
  return endFrame({}, sink);
}

// whole: the payload when all of it lay in the caller's buffer; else it is stored already.
std::optional<WsFailure> WebSocketDecoder::endFrame(std::string_view whole, WsSink& sink) {
  _inPayload = false;
  if (isControl()) {
    std::string stored;
    stored.swap(_control);
    return endControl(stored.empty() ? whole : std::string_view(stored), sink);
  }
  _inFragments = !_final;
  if (!_final) {
    _message.append(whole);
    return std::nullopt;
  }
  if (_messageKind == WsOpcode::Text && !_utf8.complete()) return WsFailure{1007, "text that ends within a character"};
  if (_message.empty()) {
    sink.onMessage(_messageKind, whole);
    return std::nullopt;
  }
  std::string message;
  message.swap(_message);
  message.append(whole);
  sink.onMessage(_messageKind, message);
  return std::nullopt;
}

std::optional<WsFailure> WebSocketDecoder::endControl(std::string_view payload, WsSink& sink) {
  switch (_opcode) {
    case WsOpcode::Ping:
      sink.onPing(payload);
      break;
    case WsOpcode::Pong:
      sink.onPong(payload);
      break;
    default:
      return closeFrame(payload, sink);
  }
  return std::nullopt;
}

std::optional<WsFailure> WebSocketDecoder::closeFrame(std::string_view payload, WsSink& sink) {
  uint16_t code = 1005;
  if (payload.size() == 1) return WsFailure{1002, "close frame of one byte"};
  if (payload.size() >= 2) {
    const unsigned high = static_cast<unsigned char>(payload[0]);
    const unsigned low = static_cast<unsigned char>(payload[1]);
    code = static_cast<uint16_t>(high << 8 | low);
    if (!isSendableCloseCode(code)) return WsFailure{1002, "close code that may not be sent"};
    payload.remove_prefix(2);
    if (!isValidUtf8(payload)) return WsFailure{1007, "close reason that is not UTF-8"};
  }
  _closed = true;
  std::string().swap(_message);
  _inFragments = false;
  sink.onClose(code, payload);
  return std::nullopt;
}

void encodeFrame(std::string& out, WsRole role, WsOpcode opcode, std::string_view payload, std::string_view more,
                 bool final) {
  const uint64_t length = static_cast<uint64_t>(payload.size()) + more.size();
  const auto code = static_cast<uint8_t>(opcode);
  if (code >= 8 && (length > MAX_CONTROL || !final))
    throw std::invalid_argument("WebSocket control frame must be final and carry at most 125 bytes");
  const uint8_t maskBit = role == WsRole::Client ? 0x80 : 0;
  out.reserve(out.size() + 14 + length);
  out.push_back(static_cast<char>(code | (final ? 0x80 : 0)));
  if (length <= 125) {
    out.push_back(static_cast<char>(maskBit | length));
  } else {
    const int width = length <= 0xffff ? 2 : 8;
    out.push_back(static_cast<char>(maskBit | (width == 2 ? 126 : 127)));
    for (int i = width - 1; i >= 0; --i) out.push_back(static_cast<char>(length >> (8 * i) & 0xff));
  }
  unsigned char mask[4] = {};
  if (role == WsRole::Client) {
    const std::string random = randomBytes(sizeof mask);
    std::memcpy(mask, random.data(), sizeof mask);
    out.append(random);
  }
  const size_t start = out.size();
  out.append(payload).append(more);
  if (role == WsRole::Client) applyMask(out.data() + start, static_cast<size_t>(length), mask, 0);
}

void encodeClose(std::string& out, WsRole role, uint16_t code, std::string_view reason) {
  if (code == 1005) return encodeFrame(out, role, WsOpcode::Close, {});
  if (!isSendableCloseCode(code)) throw std::invalid_argument("WebSocket close code that may not be sent");
  if (!isValidUtf8(reason)) reason = {};
  if (reason.size() > MAX_CLOSE_REASON) {
    size_t cut = MAX_CLOSE_REASON;
    while (cut > 0 && (static_cast<unsigned char>(reason[cut]) & 0xc0) == 0x80) --cut;
    reason = reason.substr(0, cut);
  }
  const char codeBytes[2] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  encodeFrame(out, role, WsOpcode::Close, std::string_view(codeBytes, 2), reason);
}

std::string websocketAccept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-1, which the WebSocket handshake needs");
  return toBase64(std::string_view(reinterpret_cast<const char*>(digest), length));
}

std::string makeWebsocketKey() { return toBase64(randomBytes(16)); }

}  // namespace tsunagi::net
