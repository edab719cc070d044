#include "link/BridgeSession.h"

#include <algorithm>
#include <limits>

namespace tsunagi::link {

BridgeSession::BridgeSession(BridgeSessionOptions options, LinkPosition committed, int64_t nowMs)
    : _options(std::move(options)),
      _position(std::move(committed)),
      _committed(_position.lastSeq),
      _committedEpoch(_position.epoch),
      _windowEvents(_options.windowEvents),
      _windowBytes(_options.windowBytes),
      _lastHeardMs(nowMs),
      _openedMs(nowMs) {}

void BridgeSession::noteHandedOver(const std::string& epoch, uint64_t seq) {
  if (_stage == Stage::Live || _stage == Stage::Closed) return;
  _handedOverEpoch = epoch;
  _handedOver = seq;
}

void BridgeSession::end(uint16_t code, std::string reason, Outputs& out) {
  if (_stage == Stage::Closed) return;
  _stage = Stage::Closed;
  out.push_back(Close{code, std::move(reason)});
}

void BridgeSession::onOpen(int64_t nowMs, Outputs& out) {
  if (_stage != Stage::Opening) return;
  _stage = Stage::AwaitWelcome;
  _openedMs = _lastHeardMs = nowMs;
  Hello hello;
  hello.agent = _options.agent;
  hello.version = _options.version;
  hello.instance = _options.instance;
  hello.position = {_position.epoch, _position.lastSeq, _position.lastId};
  hello.windowEvents = _options.windowEvents;
  hello.windowBytes = _options.windowBytes;
  hello.features = _options.features;
  out.push_back(SendText{encode(hello)});
}

void BridgeSession::onText(std::string_view text, int64_t nowMs, int64_t wallMs, Outputs& out) {
  if (_stage == Stage::Closed) return;
  onHeard(nowMs);
  auto message = decode(text);
  if (!message) return end(close::BAD_MESSAGE, message.error(), out);
  if (auto* welcome = std::get_if<Welcome>(&*message)) {
    if (_stage != Stage::AwaitWelcome) return end(close::BAD_MESSAGE, "second welcome", out);
    onWelcome(std::move(*welcome), nowMs, wallMs, out);
  } else if (auto* goaway = std::get_if<Goaway>(&*message)) {
    out.push_back(DialAnew{std::move(*goaway)});
  } else if (auto* gap = std::get_if<Gap>(&*message)) {
    if (_stage != Stage::Live) return end(close::BAD_MESSAGE, "gap before welcome", out);
    onGap(gap->range, out);
  } else if (std::holds_alternative<Resync>(*message)) {
    // The welcome's epoch said so already; from here on gaps count in the new queue.
    if (_stage != Stage::Live) return end(close::BAD_MESSAGE, "resync before welcome", out);
    _beforeResync = false;
  } else if (!std::holds_alternative<UnknownMessage>(*message)) {
    end(close::BAD_MESSAGE, "a message of the bridge came from the relay", out);
  }
}

void BridgeSession::onWelcome(Welcome welcome, int64_t nowMs, int64_t wallMs, Outputs& out) {
  _stage = Stage::Live;
  _epoch = welcome.epoch;
  _windowEvents = std::min(_windowEvents, welcome.windowEvents);
  _windowBytes = std::min(_windowBytes, welcome.windowBytes);
  _pingMs = welcome.pingS * 1'000;
  _nextPingMs = nowMs + _pingMs;
  const uint64_t resumeSeq = welcome.resumeSeq;
  const int64_t skew = welcome.nowMs > 0 ? wallMs - welcome.nowMs : 0;
  const bool continues = _handedOverEpoch.empty() || _handedOverEpoch == _epoch;
  out.push_back(Welcomed{std::move(welcome), skew, continues});

  if (_committedEpoch != _epoch) _committed = 0;
  _committedEpoch = _epoch;
  if (!_position.epoch.empty() && _position.epoch != _epoch) {
    _beforeResync = true;
    out.push_back(QueueReset{_epoch});
  }
  // What was committed since the hello counts too: another connection may have delivered it and be gone by now.
  uint64_t known = std::max(_position.epoch == _epoch ? _position.lastSeq : 0, _committed);
  if (_handedOverEpoch == _epoch) known = std::max(known, _handedOver);
  _acknowledged = _seen = resumeSeq - 1;
  _delivered = known;
  // What lies between was handed over before and is about to come again, or is gone. Only beyond `known` it is gone.
  if (resumeSeq > known + 1) {
    _delivered = resumeSeq - 1;
    out.push_back(EventsGone{{known + 1, resumeSeq - 1}});
  }
  const std::string& epoch = _epoch;
  auto ofOtherQueue = [&epoch](const Refusal& refusal) { return refusal.epoch != epoch; };
  _refusals.erase(std::remove_if(_refusals.begin(), _refusals.end(), ofOtherQueue), _refusals.end());
  sendRefusals(out);
}

void BridgeSession::onGap(const SeqRange& range, Outputs& out) {
  if (_beforeResync) {
    out.push_back(EventsGone{range});
    return;
  }
  if (range.to <= _delivered) return;  // told by the welcome, or known here
  out.push_back(EventsGone{{std::max(range.from, _delivered + 1), range.to}});
  _delivered = range.to;
}

bool BridgeSession::accountFor(uint64_t seq, uint64_t bytes, uint64_t bodyBytes, Outputs& out) {
  if (seq <= _seen) {
    end(close::BAD_MESSAGE, "event out of order", out);
    return false;
  }
  const bool alone = _unacknowledged.empty();
  if (!alone && (_unacknowledged.size() >= _windowEvents || _unacknowledgedBytes + bodyBytes > _windowBytes)) {
    end(close::BAD_MESSAGE, "more events in flight than the window allows", out);
    return false;
  }
  _seen = seq;
  _unacknowledged.push_back({seq, bytes});
  _unacknowledgedBytes += bytes;
  return true;
}

void BridgeSession::onBinary(std::string_view message, int64_t nowMs, Outputs& out) {
  if (_stage == Stage::Closed) return;
  onHeard(nowMs);
  if (_stage != Stage::Live) return end(close::BAD_MESSAGE, "event before welcome", out);
  if (message.size() > MAX_EVENT_HEAD_BYTES + MAX_EVENT_BODY_BYTES) {
    return end(close::TOO_BIG, "event larger than this bridge takes", out);
  }
  auto event = decodeEvent(message);
  if (!event) return end(close::BAD_MESSAGE, event.error(), out);
  EventHead& head = event->head;
  _beforeResync = false;
  if (!accountFor(head.seq, message.size(), event->body.size(), out)) return;
  if (head.seq <= _delivered) {
    // Handed over on the connection before; only its acknowledgement or refusal is missing here.
    sendRefusals(out);
    if (ackable() > _acknowledged && _ackDueMs < 0) _ackDueMs = nowMs + ACK_DELAY_MS;
    return;
  }
  if (head.seq > _delivered + 1) out.push_back(EventsGone{{_delivered + 1, head.seq - 1}});
  _delivered = head.seq;
  ReceivedEvent received;
  received.epoch = _epoch;
  received.seq = head.seq;
  received.id = std::move(head.id);
  received.ageMs = head.ageMs;
  received.attempt = static_cast<int>(head.attempt);
  received.path = std::move(head.path);
  received.headers = std::move(head.headers);
  received.body = std::string(event->body);
  received.replay = std::move(head.replay);
  received.receivedSteadyMs = nowMs;
  out.push_back(Deliver{std::move(received)});
}

void BridgeSession::onHeard(int64_t atMs) {
  if (atMs < _lastHeardMs) return;
  _lastHeardMs = atMs;
  if (_probeMs >= 0 && atMs > _probeMs) _probeMs = -1;
}

uint64_t BridgeSession::ackable() const {
  uint64_t limit = std::min(_committed, _seen);
  for (const Refusal& refusal : _refusals) {
    if (refusal.seq <= limit) limit = refusal.seq - 1;
  }
  return limit;
}

void BridgeSession::settle(uint64_t seq) {
  while (!_unacknowledged.empty() && _unacknowledged.front().seq <= seq) {
    _unacknowledgedBytes -= _unacknowledged.front().bytes;
    _unacknowledged.pop_front();
  }
}

void BridgeSession::acknowledge(Outputs& out) {
  _ackDueMs = -1;
  uint64_t seq = ackable();
  if (_stage != Stage::Live || seq <= _acknowledged) return;
  _acknowledged = seq;
  settle(seq);
  out.push_back(SendText{encode(Ack{seq})});
}

void BridgeSession::committed(const std::string& epoch, uint64_t seq, int64_t nowMs, Outputs& out) {
  if (_stage == Stage::Closed) return;
  if (_stage != Stage::Live) {
    // Not yet known which epoch the relay goes on with: welcome compares.
    _committed = epoch == _committedEpoch ? std::max(_committed, seq) : seq;
    _committedEpoch = epoch;
    return;
  }
  if (epoch != _epoch || seq <= _committed) return;
  _committed = seq;
  const uint64_t until = ackable();
  if (until <= _acknowledged) return;
  uint64_t events = 0;
  uint64_t bytes = 0;
  for (const Pending& pending : _unacknowledged) {
    if (pending.seq > until) break;
    ++events;
    bytes += pending.bytes;
  }
  if (events * 2 >= _windowEvents || bytes * 2 >= _windowBytes) {
    acknowledge(out);
  } else if (_ackDueMs < 0) {
    _ackDueMs = nowMs + ACK_DELAY_MS;
  }
}

void BridgeSession::refuse(const std::string& epoch, uint64_t seq, NackCode code, const std::string& reason,
                           Outputs& out) {
  if (_stage == Stage::Closed) return;
  if (_stage == Stage::Live && epoch != _epoch) return;
  if (_stage == Stage::Live && seq <= _acknowledged) return;
  _refusals.push_back({epoch, seq, code, reason});
  if (_stage == Stage::Live) sendRefusals(out);
}

void BridgeSession::sendRefusals(Outputs& out) {
  auto due = [&](const Refusal& refusal) {
    if (refusal.seq > _seen) return false;
    if (refusal.seq <= _acknowledged) return true;
    auto found = std::find_if(_unacknowledged.begin(), _unacknowledged.end(),
                              [&](const Pending& pending) { return pending.seq == refusal.seq; });
    if (found != _unacknowledged.end()) {
      _unacknowledgedBytes -= found->bytes;
      _unacknowledged.erase(found);
      out.push_back(SendText{encode(Nack{refusal.seq, refusal.code, refusal.reason})});
    }
    return true;
  };
  _refusals.erase(std::remove_if(_refusals.begin(), _refusals.end(), due), _refusals.end());
}

void BridgeSession::status(const std::string& json, Outputs& out) {
  if (_stage != Stage::Live) return;
  std::string text = encode(StatusMessage{json});
  if (!text.empty() && text.size() <= MAX_CONTROL_BYTES) out.push_back(SendText{std::move(text)});
}

void BridgeSession::flush(int64_t, Outputs& out) { acknowledge(out); }

void BridgeSession::probe(int64_t nowMs, Outputs& out) {
  if (_stage != Stage::Live || _probeMs >= 0) return;
  _probeMs = nowMs;
  out.push_back(SendPing{});
}

void BridgeSession::tick(int64_t nowMs, Outputs& out) {
  if (_stage == Stage::Closed || _stage == Stage::Opening) return;
  auto abort = [&](const char* reason) {
    _stage = Stage::Closed;
    out.push_back(Abort{reason});
  };
  if (_stage == Stage::AwaitWelcome) {
    if (nowMs - _openedMs >= WELCOME_DEADLINE_MS) abort("no welcome from the relay");
    return;
  }
  if (nowMs - _lastHeardMs >= _pingMs * 5 / 2) return abort("the relay went silent");
  if (_probeMs >= 0 && nowMs - _probeMs >= PROBE_DEADLINE_MS) return abort("no answer to a ping");
  if (_ackDueMs >= 0 && nowMs >= _ackDueMs) acknowledge(out);
  if (nowMs >= _nextPingMs) {
    _nextPingMs = nowMs + _pingMs;
    out.push_back(SendPing{});
  }
}

int64_t BridgeSession::nextDeadlineMs() const {
  if (_stage == Stage::Closed || _stage == Stage::Opening) return std::numeric_limits<int64_t>::max();
  if (_stage == Stage::AwaitWelcome) return _openedMs + WELCOME_DEADLINE_MS;
  int64_t next = std::min(_nextPingMs, _lastHeardMs + _pingMs * 5 / 2);
  if (_probeMs >= 0) next = std::min(next, _probeMs + PROBE_DEADLINE_MS);
  if (_ackDueMs >= 0) next = std::min(next, _ackDueMs);
  return next;
}

}  // namespace tsunagi::link
