#include "link/LinkCore.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <chrono>

#include "base/LogEscape.h"
#include "base/Random.h"
#include "link/LinkEndings.h"

namespace tsunagi::link {

namespace {

constexpr int64_t WATCH_MS = 1'000;
constexpr int64_t SLEPT_MS = 5'000;
constexpr int64_t SKEW_SHOWN_MS = 5'000;
constexpr int64_t ATTEMPT_DEADLINE_MS = 15'000;
constexpr int64_t YOUNG_GOAWAY_MS = 100;

Poco::Logger& log() {
  static Poco::Logger& logger = Poco::Logger::get("link");
  return logger;
}

BridgeSessionOptions sessionOptions(const LinkOptions& options) {
  BridgeSessionOptions session;
  session.agent = options.agent;
  session.version = options.version;
  session.instance = options.instance;
  session.windowEvents = std::clamp<uint64_t>(options.windowEvents, 1, MAX_WINDOW_EVENTS);
  session.windowBytes = std::clamp<uint64_t>(options.windowBytes, 1, MAX_WINDOW_BYTES);
  return session;
}

bool sameOptions(const LinkOptions& a, const LinkOptions& b) {
  return a.url == b.url && a.unit == b.unit && a.token == b.token && a.tls == b.tls && a.agent == b.agent &&
         a.version == b.version && a.instance == b.instance && a.windowEvents == b.windowEvents &&
         a.windowBytes == b.windowBytes && a.altHosts == b.altHosts;
}

}  // namespace

LinkClient::Core::Core(net::EventLoop& loop, LinkSink& sink, const Clock& clock)
    : _loop(loop), _sink(sink), _clock(clock), _policy(randomBelow) {}

void LinkClient::Core::configure(std::optional<LinkOptions> options) {
  if (_stopping) return;
  if (options && _options && sameOptions(*options, *_options)) return;
  _options = std::move(options);
  if (_started) applyOptions();
}

void LinkClient::Core::start() {
  if (_started || _stopping) return;
  _started = true;
  _addressWatch = std::make_unique<AddressWatch>(_loop, [this] { onAddressChange(); });
  _watchedMs = _clock.steadyMs();
  watch();
  applyOptions();
}

void LinkClient::Core::applyOptions() {
  dropConnections(close::NORMAL, "the configuration changed");
  _policy.reset();
  _url.reset();
  _altUrl.reset();
  const uint64_t reconnects = _now.reconnects + (_now.connectedSteadyMs != 0 ? 1 : 0);
  _now = LinkState{};
  _now.reconnects = reconnects;
  if (_options) {
    auto url = unitSocketUrl(_options->url, _options->unit);
    if (!url) {
      _now.detail = url.error();
    } else if (url->tls() && !_options->tls) {
      _now.detail = "the relay's address is wss, but no TLS settings are there: see the errors above";
    } else {
      _url = *url;
    }
    if (!_url) log().error("The link to the relay cannot be opened: " + _now.detail);
  } else {
    _now.detail = "no relay is set; set [relay] url, unit and token_file, or [direct] listen";
  }
  if (_url) return dial();
  _now.phase = LinkState::Phase::Unconfigured;
  publish();
}

void LinkClient::Core::dropConnections(uint16_t code, const std::string& reason) {
  _loop.cancel(_dialTimer);
  _dialTimer = 0;
  _attempt.reset();
  if (_attempting) _attempting->detach();
  _attempting.reset();
  const bool wasServing = _current != nullptr;
  for (auto* connection : {&_next, &_current}) {
    if (!*connection) continue;
    (*connection)->apply([](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) {
      session.flush(nowMs, out);
    });
    (*connection)->detach();
    (*connection)->close(code, reason);
    connection->reset();
  }
  _batch.clear();
  if (wasServing) forgetHandedOver();
}

void LinkClient::Core::dialAfter(int64_t ms) {
  _loop.cancel(_dialTimer);
  std::weak_ptr<Core> weak = weak_from_this();
  _dialTimer = _loop.callAfter(ms, [weak] {
    if (auto self = weak.lock()) {
      self->_dialTimer = 0;
      self->dial();
    }
  });
}

void LinkClient::Core::dial() {
  if (_stopping || !_url || _attempt || _next) return;
  if (_current && !_current->welcomed()) return;
  _loop.cancel(_dialTimer);
  _dialTimer = 0;
  net::WebSocketConnect connect;
  connect.url = _altUrl.value_or(*_url);
  _altUrl.reset();
  connect.headers.add("Authorization", "Bearer " + std::string(_options->token.reveal()));
  connect.subprotocols = {SUBPROTOCOL};
  connect.tls = _options->tls;
  connect.deadlineMs = ATTEMPT_DEADLINE_MS;
  connect.maxMessage = MAX_EVENT_HEAD_BYTES + MAX_EVENT_BODY_BYTES;
  _attempting = std::make_shared<LinkConnection>(_loop, _clock, sessionOptions(*_options), weak_from_this());
  if (!_current) {
    _now.phase = LinkState::Phase::Connecting;
    publish();
  }
  std::weak_ptr<Core> weak = weak_from_this();
  std::weak_ptr<LinkConnection> attempting = _attempting;
  _attempt = net::WebSocketConnector::open(_loop, std::move(connect), _attempting,
                                           [weak, attempting](const net::WebSocketRefusal& refusal) {
                                             auto self = weak.lock();
                                             auto connection = attempting.lock();
                                             if (self && connection && connection == self->_attempting)
                                               self->onRefused(refusal);
                                           });
}

LinkPosition LinkClient::Core::positionForHello() {
  // The attempt has its outcome: the connection it made is known from here on.
  (_current ? _next : _current) = std::move(_attempting);
  _attempting.reset();
  _loop.post([spent = std::move(_attempt)] {});
  _attempt.reset();
  return _silent ? LinkPosition{} : _sink.position();
}

LinkPosition LinkClient::Core::handedOver(LinkConnection& connection) {
  if (&connection == _next.get() && _current && _current->session()) {
    return {_current->session()->epoch(), _current->session()->deliveredUpTo(), ""};
  }
  return &connection == _current.get() ? _mark.value_or(LinkPosition{}) : LinkPosition{};
}

void LinkClient::Core::forgetHandedOver() {
  _mark.reset();
  if (!_silent) _sink.onDisconnected();
}

void LinkClient::Core::onRefused(const net::WebSocketRefusal& refusal) {
  _attempting.reset();
  _loop.post([spent = std::move(_attempt)] {});
  _attempt.reset();
  if (_stopping) return noteClosed();
  const EndingVerdict verdict = judgeRefusal(refusal, _clock.wallMs());
  waitFor(verdict.ending, verdict.askedMs, verdict.trouble, verdict.detail);
}

void LinkClient::Core::onEnded(LinkConnection& connection, uint16_t code, const std::string& reason, bool ours) {
  const bool first = _attempting.get() == &connection;  // ended before the hello: no subprotocol
  const bool wasCurrent = _current.get() == &connection;
  if (first) {
    _attempting.reset();
    _loop.post([spent = std::move(_attempt)] {});
    _attempt.reset();
  }
  const int64_t nowMs = _clock.steadyMs();
  const bool healthy = connection.welcomed() && nowMs - connection.welcomedMs() >= ReconnectPolicy::HEALTHY_AFTER_MS;
  if (healthy) _policy.reset();
  std::shared_ptr<LinkConnection> ended;
  if (wasCurrent) {
    ended = std::move(_current);
    flushEvents();
    if (_next && connection.welcomed()) {
      // The relay closes the old connection as soon as the new one said hello: to the sink it goes on, as long as the
      // successor is welcomed to the same queue.
      _mark = LinkPosition{connection.session()->epoch(), connection.session()->deliveredUpTo(), ""};
    } else {
      forgetHandedOver();
    }
    if (_next) _current = std::move(_next);
  } else if (_next.get() == &connection) {
    ended = std::move(_next);
  }
  if (_stopping) return noteClosed();
  const EndingVerdict verdict = judgeClose(code, reason, ours, healthy);
  if (wasCurrent && (_current || _attempt)) {
    // A new connection is already being made; the wait, if it fails, is decided then.
    _now.phase = LinkState::Phase::Connecting;
    _now.trouble = verdict.trouble;
    _now.detail = verdict.detail;
    log().information("Link to the relay ended (" + verdict.detail + "); its successor is on the way");
    publish();
    return;
  }
  const bool awake = hasSlept();
  waitFor(awake ? ReconnectPolicy::Ending::Goaway : verdict.ending, verdict.askedMs, verdict.trouble, verdict.detail);
}

void LinkClient::Core::waitFor(ReconnectPolicy::Ending ending, int64_t askedMs, LinkState::Trouble trouble,
                               std::string detail) {
  const int64_t ms = _policy.next(ending, askedMs);
  const std::string text = detail + "; next attempt in " + std::to_string((ms + 999) / 1000) + " s";
  if (trouble == LinkState::Trouble::None || trouble == LinkState::Trouble::Unreachable) {
    log().information("Link to the relay: " + text);
  } else {
    log().warning("Link to the relay: " + text);
  }
  if (!_current) {
    _now.phase = LinkState::Phase::Waiting;
    _now.trouble = trouble;
    _now.detail = std::move(detail);
    _now.retryAtSteadyMs = _clock.steadyMs() + ms;
    publish();
  }
  dialAfter(ms);
}

void LinkClient::Core::onOutput(LinkConnection& connection, BridgeSession::Output output) {
  if (auto* event = std::get_if<BridgeSession::Deliver>(&output)) {
    if (&connection == _current.get()) deliver(std::move(event->event));
  } else if (auto* welcomed = std::get_if<BridgeSession::Welcomed>(&output)) {
    onWelcomed(connection, *welcomed);
  } else if (auto* reset = std::get_if<BridgeSession::QueueReset>(&output)) {
    log().warning(
        "The relay began a new queue for this unit (its store or this one went back in time): everything "
        "unacknowledged comes again, duplicates are dropped by their webhook id");
    if (!_silent) _sink.onResync(reset->epoch);
  } else if (auto* gone = std::get_if<BridgeSession::EventsGone>(&output)) {
    std::pair<std::string, SeqRange> gap{connection.session()->epoch(), gone->range};
    if (_lastGap == gap) return;
    _lastGap = gap;
    log().warning("Events " + std::to_string(gone->range.from) + " to " + std::to_string(gone->range.to) +
                  " of this unit are gone: the relay no longer has them and this store never saw them");
    flushEvents();
    if (!_silent) _sink.onGap(gone->range.from, gone->range.to);
  } else if (auto* anew = std::get_if<BridgeSession::DialAnew>(&output)) {
    if (&connection == _current.get()) onGoaway(anew->goaway);
  }
}

void LinkClient::Core::onWelcomed(LinkConnection& connection, const BridgeSession::Welcomed& welcomed) {
  flushEvents();
  if (_next.get() == &connection) {
    // Make before break: from here on only the new connection counts.
    auto old = std::move(_current);
    _current = std::move(_next);
    old->detach();
    old->close(close::NORMAL, "replaced by a newer connection of the same bridge");
  }
  if (!welcomed.continuesQueue) forgetHandedOver();
  _mark.reset();
  _loop.cancel(_dialTimer);
  _dialTimer = 0;
  const uint64_t events = _now.eventsReceived;
  const uint64_t reconnects = _now.reconnects + (_now.connectedSteadyMs != 0 ? 1 : 0);
  _now = LinkState{};
  _now.phase = LinkState::Phase::Connected;
  _now.node = welcomed.welcome.node;
  _now.epoch = welcomed.welcome.epoch;
  _now.connectedSteadyMs = _clock.steadyMs();
  _now.eventsReceived = events;
  _now.reconnects = reconnects;
  _now.detail = "connected";
  if (std::abs(welcomed.clockSkewMs) > SKEW_SHOWN_MS) {
    _now.clockSkewMs = welcomed.clockSkewMs;
    _now.detail = "connected; this machine's clock is " + std::to_string(std::abs(welcomed.clockSkewMs) / 1000) +
                  " s " + (welcomed.clockSkewMs > 0 ? "ahead of" : "behind") +
                  " the relay's: replies are not affected, times shown are; check time synchronisation";
    log().warning("Link to the relay: " + _now.detail);
  } else {
    log().information("Link to the relay is up, node " + welcomed.welcome.node);
  }
  publish();
  if (!_status.empty()) {
    connection.apply(
        [this](BridgeSession& session, int64_t, BridgeSession::Outputs& out) { session.status(_status, out); });
  }
}

void LinkClient::Core::onGoaway(const Goaway& goaway) {
  log().information("The relay asks to dial anew: " + goaway.reason);
  if (_attempt || _next || _dialTimer != 0 || !_options || !_url) return;
  if (!goaway.alt.empty()) {
    _altUrl = allowedAlternative(goaway.alt, *_url, _options->altHosts);
    if (!_altUrl) log().warning("The relay named another relay that is not in alt_hosts: ignored");
  }
  _policy.reset();
  // A relay that sends everybody away as soon as they come must not make its bridges spin.
  const bool young = _clock.steadyMs() - _current->welcomedMs() < ReconnectPolicy::HEALTHY_AFTER_MS;
  dialAfter(std::max(_policy.next(ReconnectPolicy::Ending::Goaway, goaway.jitterMs), young ? YOUNG_GOAWAY_MS : 0));
}

void LinkClient::Core::watch() {
  const bool slept = hasSlept();
  _watchedMs = _clock.steadyMs();
  if (slept && !_stopping) {
    log().information("This machine slept or stood still: dialling the relay anew");
    dial();
  }
  std::weak_ptr<Core> weak = weak_from_this();
  _watchTimer = _loop.callAfter(WATCH_MS, [weak] {
    if (auto self = weak.lock()) self->watch();
  });
}

bool LinkClient::Core::hasSlept() const { return _clock.steadyMs() - _watchedMs >= WATCH_MS + SLEPT_MS; }

void LinkClient::Core::onAddressChange() {
  if (_stopping || !_url) return;
  if (_current && _current->welcomed()) {
    // The connection may well have survived: ask it, rather than drop it for an address it does not use.
    auto current = _current;
    current->apply(
        [](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) { session.probe(nowMs, out); });
    return;
  }
  const auto trouble = _now.trouble;
  if (trouble == LinkState::Trouble::None || trouble == LinkState::Trouble::Unreachable) dial();
}

void LinkClient::Core::beginStop() {
  if (_stopping) return;
  _stopping = true;
  _loop.cancel(_dialTimer);
  _loop.cancel(_watchTimer);
  _addressWatch.reset();
  flushEvents();
  eachSession([](BridgeSession& session, int64_t nowMs, BridgeSession::Outputs& out) { session.flush(nowMs, out); });
  if (_attempting) _attempting->detach();
  _attempting.reset();
  _attempt.reset();
  for (const auto& connection : {_next, _current}) {
    if (connection) connection->close(close::NORMAL, "the bridge stops");
  }
  noteClosed();
}

void LinkClient::Core::noteClosed() {
  if (_current || _next) return;
  _now.phase = LinkState::Phase::Stopped;
  _now.trouble = LinkState::Trouble::None;
  _now.detail = "stopped";
  publish();
  std::lock_guard lock(_mutex);
  _allClosed = true;
  _changed.notify_all();
}

void LinkClient::Core::endStop() {
  beginStop();
  _silent = true;
  for (const auto& connection : {_next, _current}) {
    if (!connection) continue;
    connection->detach();
    connection->abort();
  }
  _next.reset();
  _current.reset();
  noteClosed();
}

bool LinkClient::Core::waitClosed(int64_t ms) {
  std::unique_lock lock(_mutex);
  return _changed.wait_for(lock, std::chrono::milliseconds(ms), [this] { return _allClosed; });
}

void LinkClient::Core::publish() {
  {
    std::lock_guard lock(_mutex);
    _shown = _now;
  }
  if (!_silent) _sink.onStateChanged(_now);
}

LinkState LinkClient::Core::state() const {
  std::lock_guard lock(_mutex);
  return _shown;
}

}  // namespace tsunagi::link
