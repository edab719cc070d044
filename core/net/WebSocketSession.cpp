#include "net/WebSocketSession.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

#include "base/LogEscape.h"
#include "net/LoopStreams.h"

namespace tsunagi::net {

namespace {

constexpr uint16_t ABNORMAL = 1006;
constexpr uint16_t INTERNAL_ERROR = 1011;

// Length of the whole frame that begins at bytes, which is one of ours.
size_t frameLength(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const size_t mask = byte(1) & 0x80 ? 4 : 0;
  uint64_t length = byte(1) & 0x7f;
  size_t head = 2;
  if (length >= 126) {
    const size_t width = length == 126 ? 2 : 8;
    length = 0;
    for (size_t i = 0; i < width; ++i) length = length << 8 | byte(2 + i);
    head += width;
  }
  return head + mask + static_cast<size_t>(length);
}

}  // namespace

struct WebSocketSession::Sink final : WsSink {
  explicit Sink(WebSocketSession& owner) : session(owner) {}
  WebSocketSession& session;

  bool deaf() const { return session.ended() || session.marked(CLOSE_SENT); }
  void onMessage(WsOpcode kind, std::string_view payload) override {
    if (!deaf()) session.guarded([&] { session._handler->onMessage(session, kind, payload); });
  }
  void onPing(std::string_view payload) override {
    if (deaf()) return;
    session.sendPong(payload);
    session.guarded([&] { session._handler->onPing(session, payload); });
  }
  void onPong(std::string_view payload) override {
    if (!deaf()) session.guarded([&] { session._handler->onPong(session, payload); });
  }
  void onClose(uint16_t code, std::string_view reason) override {
    if (!session.ended()) session.peerClosed(code, reason);
  }
  bool wantsMore() const override { return !session.ended(); }
};

WebSocketSession::WebSocketSession(Stream& predecessor, std::shared_ptr<WebSocketHandler> handler, WsRole role,
                                   uint16_t profile)
    : Stream(predecessor), _handler(std::move(handler)) {
  _mark = profile;
  if (role == WsRole::Client) setMark(CLIENT);
  if (StreamExtra* const rest = extraIfAny()) rest->border = rest->output.size();
}

WebSocketSession::~WebSocketSession() { streams().releaseProfile(_mark & PROFILE); }

WebSocketSession* WebSocketSession::begin(Stream& predecessor, std::shared_ptr<WebSocketHandler> handler, WsRole role,
                                          const std::string& subprotocol, size_t maxMessage, std::string behind) {
  StreamTable& table = predecessor.streamTable();
  const auto profile = table.streams().acquireProfile(subprotocol, maxMessage);
  if (!profile) return nullptr;
  std::unique_ptr<WebSocketSession> made(new WebSocketSession(predecessor, std::move(handler), role, *profile));
  WebSocketSession& session = *made;
  table.replace(predecessor, std::move(made));
  session.guarded([&] { session._handler->onOpen(session); });
  if (!behind.empty() && !session.ended()) session.onData(behind);
  return &session;
}

template <typename Call>
void WebSocketSession::guarded(Call call) {
  std::string what;
  try {
    call();
    return;
  } catch (const Poco::Exception& e) {
    what = e.displayText();
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
    what = "an exception of an unknown kind";
  }
  Poco::Logger::get("net.websocket").error("A WebSocket handler threw, the socket is closed 1011: " + logEscape(what));
  close(INTERNAL_ERROR, "");
}

const std::string& WebSocketSession::subprotocol() const { return streams().profile(_mark & PROFILE).subprotocol; }

void WebSocketSession::sendText(std::string_view payload) { sendMessage(WsOpcode::Text, payload, {}); }

void WebSocketSession::sendBinary(std::string_view head, std::string_view body) {
  sendMessage(WsOpcode::Binary, head, body);
}

void WebSocketSession::sendMessage(WsOpcode opcode, std::string_view head, std::string_view body) {
  if (ended() || marked(CLOSE_SENT)) return;
  setMark(TELL_DRAINED);
  encodeFrame(output(), role(), opcode, head, body);
}

void WebSocketSession::sendPing(std::string_view payload) {
  if (ended() || marked(CLOSE_SENT)) return;
  std::string frame;
  encodeFrame(frame, role(), WsOpcode::Ping, payload);
  insertControl(frame);
}

void WebSocketSession::sendPong(std::string_view payload) {
  std::string frame;
  encodeFrame(frame, role(), WsOpcode::Pong, payload);
  if (!blocked()) {
    insertControl(frame);
    return;
  }
  // A peer that pings but does not read gets one pong for all of them (RFC 6455 section 5.5.3).
  extra().pong = std::make_unique<std::string>(std::move(frame));
}

// Behind the frames that have begun and the control frames inserted before, ahead of the rest.
void WebSocketSession::insertControl(std::string_view frame) {
  std::string& out = output();
  passSentFrames();
  out.insert(extra().border, frame);
  extra().border += frame.size();
}

void WebSocketSession::passSentFrames() {
  StreamExtra& e = extra();
  while (e.border < e.sent + e.locked) {
    e.border += frameLength(std::string_view(e.output).substr(e.border));
  }
}

void WebSocketSession::onUnblocked() {
  if (!extra().pong) return;
  const auto pong = std::move(extra().pong);
  if (!marked(CLOSE_SENT)) insertControl(*pong);
}

void WebSocketSession::onBlocked(bool) {
  passSentFrames();
  dropSent(extra().sent);
}

void WebSocketSession::onFlushed() {
  if (marked(CLOSE_SENT)) {
    closeIfDone();
  } else if (marked(TELL_DRAINED)) {
    _mark = static_cast<uint16_t>(_mark & ~TELL_DRAINED);
    guarded([&] { _handler->onDrained(*this); });
  }
}

void WebSocketSession::onData(std::span<char> data) {
  if (marked(CLOSE_RECEIVED)) return;
  Sink sink(*this);
  const size_t maxMessage = streams().profile(_mark & PROFILE).maxMessage;
  std::optional<WsFailure> failure;
  if (extraIfAny() && extraIfAny()->decoder) {
    // Moved out for the call: the sink may drop what the stream does not need.
    auto decoder = std::move(extraIfAny()->decoder);
    failure = decoder->feed(data, sink);
    if (!ended() && !decoder->closed() && !decoder->idle()) extra().decoder = std::move(decoder);
  } else {
    WebSocketDecoder decoder(role(), maxMessage);
    failure = decoder.feed(data, sink);
    if (!ended() && !decoder.closed() && !decoder.idle()) {
      extra().decoder = std::make_unique<WebSocketDecoder>(std::move(decoder));
    }
  }
  if (failure && !ended()) failed(*failure);
  if (!ended()) trim();
}

void WebSocketSession::close(uint16_t code, std::string_view reason) {
  if (ended() || marked(CLOSE_SENT)) return;
  if (code != 1005 && !isSendableCloseCode(code)) code = INTERNAL_ERROR;
  extra().endCode = code;
  extra().endReason = reason;
  sendClose(code, reason);
}

void WebSocketSession::sendClose(uint16_t code, std::string_view reason) {
  encodeClose(output(), role(), code, reason);
  setMark(CLOSE_SENT);
  streams().closing().arm(extra().deadline);
}

void WebSocketSession::peerClosed(uint16_t code, std::string_view reason) {
  setMark(CLOSE_RECEIVED);
  if (marked(CLOSE_SENT)) {
    if (unsent() == 0) closeIfDone();
    return;
  }
  extra().endCode = code;
  extra().endReason = reason;
  sendClose(code, {});
}

void WebSocketSession::failed(const WsFailure& failure) {
  setMark(CLOSE_RECEIVED);
  if (!marked(CLOSE_SENT)) {
    extra().endCode = failure.closeCode;
    extra().endReason = failure.reason;
    sendClose(failure.closeCode, failure.reason);
  } else if (unsent() == 0) {
    closeIfDone();
  }
}

// Both directions are done with. The server closes TCP first, once the client can have read everything; the client
// waits for that (RFC 6455 section 7.1.1). The deadline of the closing handshake bounds both.
void WebSocketSession::closeIfDone() {
  if (!marked(CLOSE_RECEIVED) || marked(CLIENT)) return;
  shutdownOutput();
  discardInput();
}

void WebSocketSession::onEndOfInput() {
  if (!marked(CLOSE_RECEIVED)) {
    endWith(ABNORMAL, "the connection ended without a closing handshake");
    return;
  }
  writeNow();
  end();
}

void WebSocketSession::onBroken(const std::string& reason) {
  if (marked(CLOSE_RECEIVED)) {
    end();
  } else {
    endWith(ABNORMAL, reason);
  }
}

void WebSocketSession::onCloseDeadline() {
  if (marked(CLOSE_RECEIVED)) {
    end();
  } else {
    endWith(ABNORMAL, "timed out: no answer to our close");
  }
}

void WebSocketSession::endWith(uint16_t code, std::string_view reason) {
  if (ended()) return;
  extra().endCode = code;
  extra().endReason = reason;
  end();
}

void WebSocketSession::abort() {
  if (ended()) return;
  extra().endCode = ABNORMAL;
  extra().endReason = "aborted";
  endWithReset();
}

void WebSocketSession::endNow(std::string_view why) {
  if (ended()) return;
  if (!marked(CLOSE_SENT)) sendClose(1001, why);
  writeNow();
  if (marked(CLOSE_RECEIVED)) {
    end();
  } else {
    endWith(ABNORMAL, why);
  }
}

void WebSocketSession::onEnded() {
  const auto handler = std::move(_handler);
  guarded([&] { handler->onClosed(extra().endCode, extra().endReason); });
}

}  // namespace tsunagi::net
