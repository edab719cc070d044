#include "link/LinkConnection.h"

#include <algorithm>
#include <limits>

namespace tsunagi::link {

LinkConnection::LinkConnection(net::EventLoop& loop, const Clock& clock, BridgeSessionOptions options,
                               std::weak_ptr<LinkConnectionOwner> owner)
    : _loop(loop), _clock(clock), _options(std::move(options)), _owner(std::move(owner)) {}

void LinkConnection::onOpen(net::WebSocket& socket) {
  _socket = &socket;
  auto owner = _owner.lock();
  if (!owner) return socket.abort();
  if (socket.subprotocol() != SUBPROTOCOL) {
    _endedHere = true;
    _ownCode = 1002;
    _ownReason = "the relay did not select tsunagi.v1";
    return socket.close(1002, "tsunagi.v1 was not selected");
  }
  _session.emplace(_options, owner->positionForHello(), _clock.steadyMs());
  apply([](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) { session.onOpen(nowMs, out); });
}

void LinkConnection::onMessage(net::WebSocket&, net::WsOpcode kind, std::string_view payload) {
  if (!_session) return;
  if (!_welcomed) {
    if (auto owner = _owner.lock()) {
      LinkPosition mark = owner->handedOver(*this);
      _session->noteHandedOver(mark.epoch, mark.lastSeq);
    }
  }
  apply([&](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) {
    if (kind == net::WsOpcode::Text) {
      session.onText(payload, nowMs, _clock.wallMs(), out);
    } else {
      session.onBinary(payload, nowMs, out);
    }
  });
}

void LinkConnection::onPing(net::WebSocket&, std::string_view) {
  if (_session) _session->onHeard(_clock.steadyMs());
}

void LinkConnection::onPong(net::WebSocket&, std::string_view) {
  if (_session) _session->onHeard(_clock.steadyMs());
}

void LinkConnection::onClosed(uint16_t code, std::string_view reason) {
  _socket = nullptr;
  _loop.cancel(_timer);
  _timer = 0;
  if (auto owner = _owner.lock()) {
    if (_endedHere) {
      owner->onEnded(*this, _ownCode, _ownReason, true);
    } else {
      owner->onEnded(*this, code, std::string(reason), false);
    }
  }
}

void LinkConnection::apply(const std::function<void(BridgeSession&, int64_t, BridgeSession::Outputs&)>& input) {
  if (!_socket || !_session) return;
  auto self = shared_from_this();
  BridgeSession::Outputs outputs;
  input(*_session, _clock.steadyMs(), outputs);
  perform(outputs);
  schedule();
}

void LinkConnection::perform(BridgeSession::Outputs& outputs) {
  for (BridgeSession::Output& output : outputs) {
    if (!_socket) return;
    if (auto* text = std::get_if<BridgeSession::SendText>(&output)) {
      _socket->sendText(text->text);
    } else if (std::holds_alternative<BridgeSession::SendPing>(output)) {
      _socket->sendPing();
    } else if (auto* end = std::get_if<BridgeSession::Close>(&output)) {
      _endedHere = true;
      _ownCode = end->code;
      _ownReason = end->reason;
      _socket->close(end->code, end->reason);
    } else if (auto* broken = std::get_if<BridgeSession::Abort>(&output)) {
      _endedHere = true;
      _ownCode = 1006;
      _ownReason = broken->reason;
      _socket->abort();
    } else {
      if (std::holds_alternative<BridgeSession::Welcomed>(output)) {
        _welcomed = true;
        _welcomedMs = _clock.steadyMs();
      }
      if (auto owner = _owner.lock()) owner->onOutput(*this, std::move(output));
    }
  }
}

void LinkConnection::schedule() {
  if (!_socket || !_session || _session->closed()) return;
  const int64_t at = _session->nextDeadlineMs();
  if (at == std::numeric_limits<int64_t>::max() || (_timer != 0 && _timerAtMs <= at)) return;
  _loop.cancel(_timer);
  _timerAtMs = at;
  std::weak_ptr<LinkConnection> weak = weak_from_this();
  _timer = _loop.callAfter(std::max<int64_t>(0, at - _clock.steadyMs()), [weak] {
    if (auto self = weak.lock()) self->onTimer();
  });
}

void LinkConnection::onTimer() {
  _timer = 0;
  if (!_socket || !_session) return;
  // The loop's clock may stop while the machine sleeps, the session's does not: only the distance is carried over.
  const int64_t silentMs = std::max<int64_t>(0, _loop.nowMs() - _socket->lastReceivedMs());
  _session->onHeard(_clock.steadyMs() - silentMs);
  apply([](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) { session.tick(nowMs, out); });
}

void LinkConnection::close(uint16_t code, const std::string& reason) {
  if (_socket) _socket->close(code, reason);
}

void LinkConnection::abort() {
  if (_socket) _socket->abort();
}

}  // namespace tsunagi::link
