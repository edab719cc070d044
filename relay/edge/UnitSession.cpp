#include "relay/edge/UnitSession.h"

#include <Poco/Logger.h>

#include "base/LogEscape.h"
#include "relay/edge/SessionList.h"
#include "relay/edge/UnitHub.h"

namespace tsunagi::relay {

using link::RelaySession;

namespace {

Poco::Logger& log() {
  static Poco::Logger& logger = Poco::Logger::get("relay.edge");
  return logger;
}

}  // namespace

UnitSession::UnitSession(UnitHub& hub, std::shared_ptr<const UnitRecord> unit, uint32_t serial)
    : _hub(hub), _unitId(unit->id), _expiresWallMs(tokenExpiry(*unit, serial)), _serial(serial) {}

UnitSession::~UnitSession() = default;

void UnitSession::onOpen(net::WebSocket& socket) {
  _socket = &socket;
  _loop = &socket.loop();
  _list = &_hub.listOf(socket.loop());
  _session.emplace(_hub._sessionOptions, socket.loop().nowMs());
  _list->add(shared_from_this());
  _list->noteBusy(*this);
  _hub._counters.sessions.fetch_add(1, std::memory_order_relaxed);
  // A change between the upgrade's check and now was told to a list that did not hold this session yet.
  recheck(UnitChange::Edited);
}

void UnitSession::onMessage(net::WebSocket&, net::WsOpcode kind, std::string_view payload) {
  apply([&](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) {
    if (kind == net::WsOpcode::Text) {
      session.onText(payload, nowMs, out);
    } else {
      session.onBinary(nowMs, out);
    }
  });
}

void UnitSession::onPing(net::WebSocket& socket, std::string_view) {
  if (_session) _session->onHeard(socket.loop().nowMs());
}

void UnitSession::onPong(net::WebSocket& socket, std::string_view) {
  if (_session) _session->onHeard(socket.loop().nowMs());
}

void UnitSession::onDrained(net::WebSocket&) {
  apply([](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) { session.onDrained(nowMs, out); });
}

void UnitSession::onClosed(uint16_t code, std::string_view reason) {
  auto self = shared_from_this();
  _socket = nullptr;
  if (_session) {
    const bool clean = code == link::close::NORMAL || code == 1001;
    RelaySession::Outputs outputs;
    _session->onEnded(_planned ? RelaySession::Ending::Planned
                      : clean  ? RelaySession::Ending::Clean
                               : RelaySession::Ending::Broken,
                      outputs);
    perform(outputs);
    _hub._counters.sessions.fetch_sub(1, std::memory_order_relaxed);
  }
  _hub.leave(*this);
  if (_list) _list->remove(*this);
  if (log().debug()) {
    log().debug("link of unit " + _unitId + " ended, code " + std::to_string(code) + " " + logEscape(reason));
  }
}

void UnitSession::apply(const Input& input) {
  if (!_socket || !_session) return;
  auto self = shared_from_this();
  RelaySession::Outputs outputs;
  input(*_session, _socket->loop().nowMs(), outputs);
  perform(outputs);
  if (_socket && _session->busy()) _list->noteBusy(*this);
}

void UnitSession::perform(RelaySession::Outputs& outputs) {
  for (RelaySession::Output& output : outputs) {
    if (auto* ack = std::get_if<RelaySession::Acknowledge>(&output)) {
      perform(*ack);
    } else if (auto* bury = std::get_if<RelaySession::Bury>(&output)) {
      perform(*bury);
    } else if (auto* attempt = std::get_if<RelaySession::AddAttempt>(&output)) {
      perform(*attempt);
    } else if (!_socket) {
      continue;
    } else if (auto* event = std::get_if<RelaySession::SendEvent>(&output)) {
      _hub._counters.eventsSent.fetch_add(1, std::memory_order_relaxed);
      _socket->sendBinary(event->head, event->body);
    } else if (auto* text = std::get_if<RelaySession::SendText>(&output)) {
      _socket->sendText(text->text);
    } else if (std::holds_alternative<RelaySession::SendPing>(output)) {
      _socket->sendPing();
    } else if (auto* fetch = std::get_if<RelaySession::Fetch>(&output)) {
      perform(*fetch);
    } else if (auto* resume = std::get_if<RelaySession::RequestResume>(&output)) {
      perform(*resume);
    } else if (auto* status = std::get_if<RelaySession::StatusReceived>(&output)) {
      _hub.setStatus(*this, std::move(status->json));
    } else if (auto* close = std::get_if<RelaySession::Close>(&output)) {
      if (close->code == link::close::BAD_MESSAGE) {
        log().warning("Link of unit " + _unitId + " closed, the bridge broke the protocol: " + close->reason);
      }
      _socket->close(close->code, close->reason);
    } else if (auto* abort = std::get_if<RelaySession::Abort>(&output)) {
      log().information("Link of unit " + _unitId + " given up: " + abort->reason);
      _socket->abort();
    }
  }
}

void UnitSession::perform(const RelaySession::Acknowledge& ack) {
  if (_hub.ifCurrent(*this, [&] { _hub._spool.acknowledge(_unitId, _session->epoch(), ack.seq); }))
    _hub._counters.acks.fetch_add(1, std::memory_order_relaxed);
}

void UnitSession::perform(const RelaySession::Bury& bury) {
  if (!_hub.ifCurrent(*this, [&] { _hub._spool.bury(_unitId, _session->epoch(), bury.seq, bury.reason); })) return;
  _hub._counters.buried.fetch_add(1, std::memory_order_relaxed);
  const std::string what = "Event " + std::to_string(bury.seq) + " of unit " + _unitId +
                           " goes to the dead letters: " + bury.reason + " (" + bury.detail + ")";
  log().warning(what);
  _hub.tell("events_buried", _unitId, what);
}

void UnitSession::perform(const RelaySession::AddAttempt& attempt) {
  if (_hub.ifCurrent(*this, [&] { _hub._spool.addAttempt(_unitId, _session->epoch(), attempt.seq); }))
    _hub._counters.attempts.fetch_add(1, std::memory_order_relaxed);
}

template <typename Answer>
std::function<void(Answer)> UnitSession::onLoop(void (UnitSession::*method)(Answer)) {
  return [self = shared_from_this(), method](Answer answer) {
    auto held = std::make_shared<Answer>(std::move(answer));
    self->_loop.load()->post([self, method, held] { ((*self).*method)(std::move(*held)); });
  };
}

void UnitSession::perform(RelaySession::RequestResume& request) {
  if (!_hub.takeHello(_unitId)) return endPlanned(link::close::SLOW_DOWN, "too many connections in this minute");
  _hub.makeCurrent(shared_from_this(), request.hello, _socket->peer(),
                   [&] { _hub._spool.resume(_unitId, request.hello.position, onLoop(&UnitSession::onResumed)); });
}

void UnitSession::onResumed(ResumeOutcome outcome) {
  if (outcome.kind == ResumeOutcome::Kind::UnknownUnit) return endPlanned(link::close::REVOKED, "the unit was removed");
  apply([&](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) {
    if (outcome.kind == ResumeOutcome::Kind::Failed) {
      _planned = true;
      return session.onResumeFailed(out);
    }
    RelaySession::Resumed resumed;
    resumed.epoch = outcome.epoch;
    resumed.reset = outcome.kind == ResumeOutcome::Kind::Reset;
    resumed.resumeSeq = outcome.resumeSeq;
    if (outcome.gap) resumed.gap = link::SeqRange{outcome.gap->first, outcome.gap->second};
    if (resumed.reset)
      log().warning("The queue of unit " + _unitId + " began anew: its store or the bridge's is older");
    if (resumed.gap) {
      log().warning("The bridge of unit " + _unitId + " lacks events " + std::to_string(resumed.gap->from) + " to " +
                    std::to_string(resumed.gap->to) + ", acknowledged earlier: its store is older");
    }
    session.onResumed(resumed, nowMs, _hub._clock.wallMs(), out);
  });
}

void UnitSession::perform(const RelaySession::Fetch& request) {
  _hub._spool.read(_unitId, _session->epoch(), request.afterSeq, request.maxEvents, request.maxBytes,
                   onLoop(&UnitSession::onPage));
}

void UnitSession::onPage(Page page) {
  if (page.outcome == Page::Outcome::NewEpoch) {
    // Only a hello can begin a new epoch, and that connection is current now; should it be this one, it dials again.
    return endPlanned(link::close::RESTARTING, "the queue was reset");
  }
  apply([&](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) {
    if (page.outcome == Page::Outcome::Failed) return session.onFetchFailed(nowMs);
    std::vector<link::QueuedEvent> events;
    events.reserve(page.events.size());
    for (StoredEvent& stored : page.events) {
      link::QueuedEvent event;
      event.seq = stored.seq;
      event.id = std::move(stored.id);
      event.bornMs = nowMs - stored.ageMs;
      event.attempts = stored.attempts;
      event.path = std::move(stored.path);
      event.headers = std::move(stored.headers);
      event.body = std::move(stored.body);
      event.replay = std::move(stored.replay);
      events.push_back(std::move(event));
    }
    session.onEvents(std::move(events), page.more, nowMs, out);
  });
}

void UnitSession::wake() {
  if (_wakeQueued.exchange(true)) return;
  _loop.load()->post([self = shared_from_this()] {
    self->_wakeQueued = false;
    self->apply([](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) { session.onStored(nowMs, out); });
  });
}

void UnitSession::replaced(bool sameInstance) {
  _loop.load()->post([self = shared_from_this(), sameInstance] {
    if (sameInstance) {
      self->endPlanned(link::close::NORMAL, "replaced by a newer connection of the same bridge");
    } else {
      self->endPlanned(link::close::REPLACED, "another bridge took over this unit");
    }
  });
}

void UnitSession::recheck(UnitChange what) {
  if (!_socket) return;
  auto record = _hub._units.find(_unitId);
  if (!record) return endPlanned(link::close::REVOKED, "the unit was removed");
  if (record->suspended) return endPlanned(link::close::REVOKED, "the unit is suspended");
  if (!tokenIsLive(*record, _serial, _hub._clock.wallMs())) {
    if (what == UnitChange::Revoked) return endPlanned(link::close::REVOKED, "the token was revoked");
    return endPlanned(link::close::TOKEN_EXPIRED, "the token has expired");
  }
  _expiresWallMs = tokenExpiry(*record, _serial);
}

void UnitSession::goaway(const std::string& reason, int64_t jitterMs) {
  _planned = true;
  apply([&](RelaySession& session, int64_t, RelaySession::Outputs& out) {
    session.goaway(link::Goaway{reason, jitterMs, ""}, out);
  });
}

void UnitSession::endPlanned(uint16_t code, const std::string& reason) {
  _planned = true;
  if (!_socket) return;
  RelaySession::Outputs outputs;
  if (_session) _session->onEnded(RelaySession::Ending::Planned, outputs);
  _socket->close(code, reason);
}

void UnitSession::tick() {
  if (!_socket || !_session) return;
  if (_expiresWallMs != 0 && _hub._clock.wallMs() >= _expiresWallMs) {
    return endPlanned(link::close::TOKEN_EXPIRED, "the token has expired");
  }
  _session->onHeard(_socket->lastReceivedMs());
  apply([](RelaySession& session, int64_t nowMs, RelaySession::Outputs& out) { session.tick(nowMs, out); });
}

}  // namespace tsunagi::relay
