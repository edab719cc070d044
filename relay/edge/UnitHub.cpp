#include "relay/edge/UnitHub.h"

#include <Poco/Logger.h>

#include <algorithm>

#include "relay/edge/SessionList.h"
#include "relay/edge/UnitSession.h"

namespace tsunagi::relay {

namespace {

Poco::Logger& log() {
  static Poco::Logger& logger = Poco::Logger::get("relay.edge");
  return logger;
}

}  // namespace

UnitHub::UnitHub(std::vector<net::EventLoop*> loops, Spool& spool, UnitRegistry& units, const Clock& clock,
                 HubOptions options)
    : _loops(std::move(loops)), _spool(spool), _units(units), _clock(clock), _options(std::move(options)) {
  _sessionOptions.node = _options.node;
  _sessionOptions.windowEvents = std::clamp<uint64_t>(_options.windowEvents, 1, link::MAX_WINDOW_EVENTS);
  _sessionOptions.windowBytes = std::clamp<uint64_t>(_options.windowBytes, 1, link::MAX_WINDOW_BYTES);
  _sessionOptions.pingS = std::clamp<int64_t>(_options.pingS, link::MIN_PING_S, link::MAX_PING_S);
  for (net::EventLoop* loop : _loops) _lists.push_back(std::make_shared<SessionList>(*loop));
}

UnitHub::~UnitHub() = default;

void UnitHub::start() {
  _units.setListener([this](const std::string& unit, UnitChange what) { onUnitChange(unit, what); });
  for (const auto& list : _lists) list->loop().post([list] { list->start(); });
}

void UnitHub::stop() {
  _units.setListener({});
  for (const auto& list : _lists) {
    list->loop().runSync([list] {
      list->stop();
      list->each([](UnitSession& session) { session.endPlanned(link::close::RESTARTING, "the relay stops"); });
    });
  }
}

SessionList& UnitHub::listOf(net::EventLoop& loop) {
  for (const auto& list : _lists) {
    if (&list->loop() == &loop) return *list;
  }
  return *_lists.front();
}

void UnitHub::wake(const std::string& unit) {
  std::shared_ptr<UnitSession> session;
  {
    std::lock_guard lock(_mutex);
    auto found = _current.find(unit);
    if (found == _current.end()) return;
    session = found->second.session;
  }
  session->wake();
}

void UnitHub::goaway(const std::string& reason, int64_t waveMs, std::function<void()> done) {
  auto left = std::make_shared<std::atomic<size_t>>(_lists.size());
  auto one = [left, done = std::move(done)] {
    if (left->fetch_sub(1) == 1) done();
  };
  for (const auto& list : _lists) {
    list->loop().post(
        [list, reason, waveMs, jitter = _options.goawayJitterMs, one] { list->goaway(reason, waveMs, jitter, one); });
  }
}

bool UnitHub::takeHello(const std::string& unit) {
  const bool taken = _hellos.take(unit, _options.hellosPerMinute, _clock.steadyMs());
  (taken ? _counters.hellos : _counters.refusedHellos).fetch_add(1, std::memory_order_relaxed);
  return taken;
}

bool UnitHub::mayDial(const std::string& unit) const {
  return !_hellos.exhausted(unit, _options.hellosPerMinute, _clock.steadyMs());
}

void UnitHub::makeCurrent(const std::shared_ptr<UnitSession>& session, const link::Hello& hello,
                          const std::string& peer, const std::function<void()>& resume) {
  Current fresh;
  fresh.session = session;
  fresh.link.agent = hello.agent;
  fresh.link.version = hello.version;
  fresh.link.instance = hello.instance;
  fresh.link.peer = peer;
  fresh.link.sinceWallMs = _clock.wallMs();
  Current before;
  {
    std::lock_guard lock(_mutex);
    fresh.link.generation = ++_generation;
    Current& place = _current[session->unit()];
    before = std::move(place);
    place = std::move(fresh);
    resume();
  }
  if (!before.session || before.session == session) return;
  const bool sameInstance = !hello.instance.empty() && before.link.instance == hello.instance;
  if (!sameInstance) {
    _counters.replacedByOther.fetch_add(1, std::memory_order_relaxed);
    const std::string what = "Unit " + session->unit() + ": a second bridge (from " + peer +
                             ") took over from the one at " + before.link.peer +
                             "; when this repeats, two bridges run with one token";
    log().warning(what);
    // A bridge that was restarted comes from the same address, as another instance.
    if (before.link.peer != peer) tell("link_replaced", session->unit(), what);
  }
  before.session->replaced(sameInstance);
}

bool UnitHub::ifCurrent(const UnitSession& session, const std::function<void()>& act) {
  {
    std::lock_guard lock(_mutex);
    auto found = _current.find(session.unit());
    if (found != _current.end() && found->second.session.get() == &session) {
      act();
      return true;
    }
  }
  _counters.ignored.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void UnitHub::leave(const UnitSession& session) {
  std::shared_ptr<UnitSession> gone;  // released outside the lock
  std::lock_guard lock(_mutex);
  auto found = _current.find(session.unit());
  if (found == _current.end() || found->second.session.get() != &session) return;
  gone = std::move(found->second.session);
  _current.erase(found);
}

void UnitHub::setStatus(const UnitSession& session, std::string json) {
  std::lock_guard lock(_mutex);
  auto found = _current.find(session.unit());
  if (found != _current.end() && found->second.session.get() == &session) found->second.link.status = std::move(json);
}

void UnitHub::onUnitChange(const std::string& unit, UnitChange what) {
  if (what == UnitChange::Removed) _hellos.forget(unit);
  if (what == UnitChange::Added) return;
  for (const auto& list : _lists) {
    list->loop().post([list, unit, what] {
      list->each([&](UnitSession& session) {
        if (session.unit() == unit) session.recheck(what);
      });
    });
  }
}

std::optional<UnitLink> UnitHub::link(const std::string& unit) const {
  std::lock_guard lock(_mutex);
  auto found = _current.find(unit);
  if (found == _current.end()) return std::nullopt;
  return found->second.link;
}

HubStats UnitHub::stats() const {
  HubStats stats;
  stats.sessions = _counters.sessions;
  stats.hellos = _counters.hellos;
  stats.refusedHellos = _counters.refusedHellos;
  stats.replacedByOther = _counters.replacedByOther;
  stats.eventsSent = _counters.eventsSent;
  stats.acks = _counters.acks;
  stats.buried = _counters.buried;
  stats.attempts = _counters.attempts;
  stats.ignored = _counters.ignored;
  std::lock_guard lock(_mutex);
  stats.linkedUnits = _current.size();
  return stats;
}

}  // namespace tsunagi::relay
