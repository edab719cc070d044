// The part of LinkClient::Core about events: up to the sink, and what became of them down to the sessions.
#include <utility>

#include "link/LinkCore.h"

namespace tsunagi::link {

void LinkClient::Core::deliver(ReceivedEvent event) {
  ++_now.eventsReceived;
  _batch.push_back(std::move(event));
  if (_flushQueued) return;
  _flushQueued = true;
  std::weak_ptr<Core> weak = weak_from_this();
  _loop.atTurnEnd([weak] {
    if (auto self = weak.lock()) {
      self->_flushQueued = false;
      self->flushEvents();
    }
  });
}

void LinkClient::Core::flushEvents() {
  if (_batch.empty()) return;
  std::vector<ReceivedEvent> events;
  events.swap(_batch);
  if (_silent) return;
  _sink.onEvents(std::move(events));
  std::lock_guard lock(_mutex);
  _shown.eventsReceived = _now.eventsReceived;
}

void LinkClient::Core::eachSession(const std::function<void(BridgeSession&, int64_t, BridgeSession::Outputs&)>& input) {
  auto current = _current;
  auto next = _next;
  if (current) current->apply(input);
  if (next) next->apply(input);
}

void LinkClient::Core::committed(const std::string& epoch, uint64_t seq) {
  eachSession([&](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) {
    session.committed(epoch, seq, nowMs, out);
  });
}

void LinkClient::Core::refuse(const std::string& epoch, uint64_t seq, NackCode code, const std::string& reason) {
  eachSession([&](BridgeSession& session, int64_t, BridgeSession::Outputs& out) {
    session.refuse(epoch, seq, code, reason, out);
  });
}

void LinkClient::Core::sendStatus(std::string json) {
  _status = std::move(json);
  if (!_current) return;
  _current->apply(
      [this](BridgeSession& session, int64_t, BridgeSession::Outputs& out) { session.status(_status, out); });
}

}  // namespace tsunagi::link
