#include "link/RelaySession.h"

#include <algorithm>
#include <deque>

namespace tsunagi::link {

namespace {

constexpr size_t PAGE_EVENTS = 64;
constexpr size_t PAGE_BYTES = 256 * 1024;
constexpr int64_t FETCH_RETRY_MS = 1'000;

}  // namespace

struct RelaySession::Flight {
  struct Sent {
    uint64_t seq;
    uint64_t bytes;  // head and body
    int64_t sentMs;
    uint32_t attempts;
    bool nacked = false;
  };
  std::deque<Sent> sent;  // by seq, and so by time; what was nacked stays until it comes to the front
  std::deque<QueuedEvent> ready;
  uint64_t count = 0;  // of sent, without the nacked
  uint64_t bytes = 0;
  size_t unsent = 0;     // handed to the socket since it was last empty
  int64_t probeMs = -1;  // when a ping went out that has to be answered; -1 = none
  bool empty() const { return sent.empty() && ready.empty() && unsent == 0 && probeMs < 0; }

  void dropNackedFront() {
    while (!sent.empty() && sent.front().nacked) sent.pop_front();
  }
};

RelaySession::RelaySession(const RelaySessionOptions& options, int64_t nowMs)
    : _options(options), _lastHeardMs(nowMs), _startedMs(nowMs) {}

RelaySession::~RelaySession() = default;

RelaySession::Flight& RelaySession::flight() {
  if (!_flight) _flight = std::make_unique<Flight>();
  return *_flight;
}

size_t RelaySession::inFlight() const { return _flight ? _flight->count : 0; }

bool RelaySession::busy() const {
  if (_stage == Stage::Closed) return false;
  return _stage != Stage::Live || _fetching || _retryFetchMs != 0 || _flight != nullptr;
}

void RelaySession::end(uint16_t code, std::string reason, Outputs& out) {
  if (_stage == Stage::Closed) return;
  _stage = Stage::Closed;
  out.push_back(Close{code, std::move(reason)});
}

void RelaySession::onText(std::string_view text, int64_t nowMs, Outputs& out) {
  if (_stage == Stage::Closed) return;
  onHeard(nowMs);
  auto message = decode(text);
  if (!message) return end(close::BAD_MESSAGE, message.error(), out);
  if (auto* hello = std::get_if<Hello>(&*message)) {
    if (_stage != Stage::AwaitHello) return end(close::BAD_MESSAGE, "second hello", out);
    _stage = Stage::Resuming;
    _windowEvents = static_cast<uint32_t>(std::min(hello->windowEvents, _options.windowEvents));
    _windowBytes = std::min(hello->windowBytes, _options.windowBytes);
    out.push_back(RequestResume{std::move(*hello)});
  } else if (auto* ack = std::get_if<Ack>(&*message)) {
    if (_stage != Stage::Live) return end(close::BAD_MESSAGE, "ack before welcome", out);
    onAck(ack->seq, out);
    pump(nowMs, out);
  } else if (auto* nack = std::get_if<Nack>(&*message)) {
    if (_stage != Stage::Live) return end(close::BAD_MESSAGE, "nack before welcome", out);
    onNack(*nack, out);
    pump(nowMs, out);
  } else if (auto* status = std::get_if<StatusMessage>(&*message)) {
    if (_stage == Stage::AwaitHello) return end(close::BAD_MESSAGE, "status before hello", out);
    out.push_back(StatusReceived{std::move(status->json)});
  } else if (!std::holds_alternative<UnknownMessage>(*message)) {
    end(close::BAD_MESSAGE, "a message of the relay came from the bridge", out);
  }
}

void RelaySession::onBinary(int64_t, Outputs& out) { end(close::BAD_MESSAGE, "binary message from the bridge", out); }

void RelaySession::onHeard(int64_t atMs) {
  if (atMs <= _lastHeardMs) return;
  _lastHeardMs = atMs;
  if (_flight && _flight->probeMs >= 0 && atMs >= _flight->probeMs) _flight->probeMs = -1;
}

void RelaySession::onResumed(const Resumed& resumed, int64_t nowMs, int64_t wallMs, Outputs& out) {
  if (_stage != Stage::Resuming) return;
  _stage = Stage::Live;
  _epoch = resumed.epoch;
  _acknowledged = _sentUpTo = _fetchedUpTo = resumed.resumeSeq - 1;
  Welcome welcome;
  welcome.unit = _options.unit;
  welcome.node = _options.node;
  welcome.epoch = _epoch;
  welcome.resumeSeq = resumed.resumeSeq;
  welcome.nowMs = wallMs;
  welcome.windowEvents = _options.windowEvents;
  welcome.windowBytes = _options.windowBytes;
  welcome.pingS = _options.pingS;
  out.push_back(SendText{encode(welcome)});
  // A gap before the resync counts in the queue that it ended.
  if (resumed.gap) out.push_back(SendText{encode(Gap{*resumed.gap})});
  if (resumed.reset) out.push_back(SendText{encode(Resync{_epoch})});
  _mayHaveMore = true;
  fetch(nowMs, out);
}

void RelaySession::onResumeFailed(Outputs& out) {
  end(close::RESTARTING, "the relay's store is not available, dial again", out);
}

void RelaySession::onAck(uint64_t seq, Outputs& out) {
  if (seq > _sentUpTo) return end(close::BAD_MESSAGE, "ack of an event that was not sent", out);
  if (seq <= _acknowledged) return;
  _acknowledged = seq;
  _progress = true;
  out.push_back(Acknowledge{seq});
  if (!_flight) return;
  auto& sent = _flight->sent;
  while (!sent.empty() && sent.front().seq <= seq) {
    if (!sent.front().nacked) {
      --_flight->count;
      _flight->bytes -= sent.front().bytes;
    }
    sent.pop_front();
  }
  _flight->dropNackedFront();
}

void RelaySession::onNack(const Nack& nack, Outputs& out) {
  if (nack.seq > _sentUpTo) return end(close::BAD_MESSAGE, "nack of an event that was not sent", out);
  if (nack.seq <= _acknowledged || !_flight) return;
  auto& sent = _flight->sent;
  auto found = std::lower_bound(sent.begin(), sent.end(), nack.seq,
                                [](const Flight::Sent& item, uint64_t seq) { return item.seq < seq; });
  if (found == sent.end() || found->seq != nack.seq || found->nacked) return;
  found->nacked = true;
  --_flight->count;
  _flight->bytes -= found->bytes;
  _progress = true;
  out.push_back(Bury{nack.seq, nameOf(nack.code), nack.reason});
  _flight->dropNackedFront();
}

bool RelaySession::mayGo(const QueuedEvent& event, uint64_t bytes) const {
  const Flight& now = *_flight;
  if (now.unsent >= MAX_UNSENT) return false;
  if (now.count == 0) return true;
  if (event.attempts >= ATTEMPTS_BEFORE_ALONE) return false;
  // Only the oldest can have gained attempts, so a suspect is at the front.
  if (now.sent.front().attempts >= ATTEMPTS_BEFORE_ALONE) return false;
  return now.count < _windowEvents && now.bytes + bytes <= _windowBytes;
}

void RelaySession::send(QueuedEvent& event, int64_t nowMs, Outputs& out) {
  EventHead head;
  head.seq = event.seq;
  head.id = std::move(event.id);
  head.ageMs = std::max<int64_t>(0, nowMs - event.bornMs);
  head.attempt = event.attempts;
  head.path = std::move(event.path);
  head.headers = std::move(event.headers);
  head.length = event.body.size();
  head.replay = std::move(event.replay);
  std::string line = encodeEventHead(head);
  uint64_t bytes = line.size() + event.body.size();
  _flight->sent.push_back({event.seq, bytes, nowMs, event.attempts});
  ++_flight->count;
  _flight->bytes += bytes;
  _flight->unsent += bytes;
  out.push_back(SendEvent{std::move(line), std::move(event.body)});
}

void RelaySession::pump(int64_t nowMs, Outputs& out) {
  if (_stage != Stage::Live) return;
  while (_flight && !_flight->ready.empty()) {
    QueuedEvent& event = _flight->ready.front();
    // The head is written at sending, since it tells the age: judged by the body alone, counted with its head.
    if (!mayGo(event, event.body.size())) break;
    if (event.seq > _sentUpTo + 1) out.push_back(SendText{encode(Gap{{_sentUpTo + 1, event.seq - 1}})});
    _sentUpTo = event.seq;
    send(event, nowMs, out);
    _flight->ready.pop_front();
  }
  fetch(nowMs, out);
  if (_flight && _flight->empty()) _flight.reset();
}

void RelaySession::fetch(int64_t nowMs, Outputs& out) {
  if (_stage != Stage::Live || _fetching || !_mayHaveMore || _retryFetchMs > nowMs) return;
  size_t events = PAGE_EVENTS;
  size_t bytes = PAGE_BYTES;
  if (_flight) {
    if (!_flight->ready.empty() || _flight->unsent >= MAX_UNSENT) return;
    if (_flight->count > 0) {
      if (_flight->count >= _windowEvents || _flight->bytes >= _windowBytes) return;
      if (_flight->sent.front().attempts >= ATTEMPTS_BEFORE_ALONE) return;
      bytes = std::min<uint64_t>(bytes, _windowBytes - _flight->bytes);
    }
    events = std::min<uint64_t>(events, _windowEvents - std::min<uint64_t>(_flight->count, _windowEvents - 1));
  }
  _retryFetchMs = 0;
  _fetching = true;
  _mayHaveMore = false;
  out.push_back(Fetch{_fetchedUpTo, std::min<size_t>(events, _windowEvents), bytes});
}

void RelaySession::onEvents(std::vector<QueuedEvent> events, bool more, int64_t nowMs, Outputs& out) {
  _fetching = false;
  if (_stage != Stage::Live) return;
  if (more) _mayHaveMore = true;
  for (QueuedEvent& event : events) {
    if (event.seq <= _fetchedUpTo) continue;
    _fetchedUpTo = event.seq;
    flight().ready.push_back(std::move(event));
  }
  pump(nowMs, out);
}

void RelaySession::onFetchFailed(int64_t nowMs) {
  _fetching = false;
  _mayHaveMore = true;
  _retryFetchMs = nowMs + FETCH_RETRY_MS;
}

void RelaySession::onStored(int64_t nowMs, Outputs& out) {
  _mayHaveMore = true;
  fetch(nowMs, out);
}

void RelaySession::onDrained(int64_t nowMs, Outputs& out) {
  if (!_flight) return;
  _flight->unsent = 0;
  pump(nowMs, out);
}

void RelaySession::goaway(const Goaway& message, Outputs& out) {
  if (_stage != Stage::Closed) out.push_back(SendText{encode(message)});
}

void RelaySession::tick(int64_t nowMs, Outputs& out) {
  if (_stage == Stage::Closed) return;
  if (_stage == Stage::AwaitHello && nowMs - _startedMs >= HELLO_DEADLINE_MS) {
    return end(close::BAD_MESSAGE, "no hello within 10 s", out);
  }
  const int64_t deadMs = _options.pingS * 2'500;
  const bool unanswered = _flight && _flight->probeMs >= 0 && nowMs - _flight->probeMs >= PROBE_DEADLINE_MS;
  if (nowMs - _lastHeardMs >= deadMs || unanswered) {
    _stage = Stage::Closed;
    out.push_back(Abort{unanswered ? "no answer to a ping with an event unacknowledged" : "the bridge went silent"});
    return;
  }
  if (_flight && _flight->probeMs < 0) {
    // Sent since the last byte came: nothing shows yet that the bridge is still there.
    for (const Flight::Sent& sent : _flight->sent) {
      if (nowMs - sent.sentMs < PROBE_AFTER_MS) break;
      if (sent.nacked || sent.sentMs < _lastHeardMs) continue;
      _flight->probeMs = nowMs;
      out.push_back(SendPing{});
      break;
    }
  }
  if (_retryFetchMs != 0 && nowMs >= _retryFetchMs) fetch(nowMs, out);
}

void RelaySession::onEnded(Ending ending, Outputs& out) {
  _stage = Stage::Closed;
  if (!_flight || _flight->sent.empty()) return;
  _flight->dropNackedFront();
  if (ending != Ending::Broken || _progress || _flight->sent.empty()) return;
  const Flight::Sent& oldest = _flight->sent.front();
  if (_lastHeardMs - oldest.sentMs >= SURVIVED_MS) return;
  const bool last = oldest.attempts + 1 >= ATTEMPTS_BEFORE_ALONE + ATTEMPTS_ALONE_BEFORE_BURIAL;
  if (last) {
    out.push_back(Bury{oldest.seq, "poison", "alone in flight when the connection broke, again and again"});
  } else {
    out.push_back(AddAttempt{oldest.seq});
  }
}

}  // namespace tsunagi::link
