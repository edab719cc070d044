#include "chat/Lanes.h"

#include <algorithm>
#include <chrono>

namespace tsunagi::chat {

namespace {
// A worker that waits for a parked lane looks again at least this often: std::condition_variable does not count the
// machine's sleep, the steady clock does.
constexpr int64_t LONGEST_WAIT_MS = 1'000;
}  // namespace

Lanes::Lanes(LaneWork& work, const Clock& clock) : _work(work), _clock(clock) {}

Lanes::~Lanes() {
  stop();
  join();
}

void Lanes::add(const std::vector<store::LaneEntry>& entries) {
  std::vector<store::LaneEntry> behind;
  {
    const std::lock_guard lock(_mutex);
    for (const auto& entry : entries) {
      const Key key{entry.channelId, entry.conversation, entry.tap};
      Lane& lane = _lanes[key];
      lane.entries.push_back(entry);
      ++_backlog;
      if (lane.inHand) behind.push_back(entry);
      if (!lane.queued && !lane.parked) makeReady(key, lane);
    }
  }
  for (const auto& entry : behind) _work.noticed(entry);
}

void Lanes::makeReady(const Key& key, Lane& lane) {
  lane.parked = false;
  lane.queued = true;
  Crew& crew = crewOf(key);
  crew.ready.push_back(key);
  crew.changed.notify_one();
}

void Lanes::start(int workers) {
  for (int i = 0; i < workers; ++i) _workers.emplace_back("lane-" + std::to_string(i), [this] { work(_talking); });
  for (int i = 0; i < TAP_WORKERS; ++i) _workers.emplace_back("tap-" + std::to_string(i), [this] { work(_tapping); });
}

void Lanes::settingsChanged() {
  const std::lock_guard lock(_mutex);
  for (const auto& [when, key] : _parked) makeReady(key, _lanes.at(key));
  _parked.clear();
}

size_t Lanes::backlog() const {
  const std::lock_guard lock(_mutex);
  return _backlog;
}

size_t Lanes::waiting() const {
  const std::lock_guard lock(_mutex);
  return _parked.size();
}

void Lanes::stop() {
  const std::lock_guard lock(_mutex);
  _stopping = true;
  for (Crew* crew : {&_talking, &_tapping}) crew->changed.notify_all();
}

bool Lanes::waitIdle(int64_t graceMs) {
  std::unique_lock lock(_mutex);
  return _idle.wait_for(lock, std::chrono::milliseconds(graceMs), [&] { return _inHand == 0; });
}

void Lanes::join() {
  for (auto& worker : _workers) worker.join();
  _workers.clear();
}

void Lanes::wakeDue(int64_t nowMs) {
  while (!_parked.empty() && _parked.begin()->first <= nowMs) {
    const Key key = _parked.begin()->second;
    _parked.erase(_parked.begin());
    makeReady(key, _lanes.at(key));
  }
}

std::optional<int64_t> Lanes::untilNextMs() const {
  if (_parked.empty()) return std::nullopt;
  return std::clamp<int64_t>(_parked.begin()->first - _clock.steadyMs(), 1, LONGEST_WAIT_MS);
}

std::optional<int64_t> Lanes::sleepMs() const {
  const std::lock_guard lock(_mutex);
  return untilNextMs();
}

bool Lanes::step(std::unique_lock<std::mutex>& lock, Crew& crew) {
  wakeDue(_clock.steadyMs());
  if (crew.ready.empty()) return false;
  const Key key = crew.ready.front();
  crew.ready.pop_front();
  const store::LaneEntry entry = _lanes.at(key).entries.front();
  const int failures = _lanes.at(key).failures;
  _lanes.at(key).inHand = true;
  ++_inHand;
  lock.unlock();
  const LaneStep result = _work.handle(entry, failures);
  lock.lock();
  if (--_inHand == 0) _idle.notify_all();
  Lane& lane = _lanes.at(key);  // a queued lane is never removed
  lane.inHand = false;
  lane.failures = failures;
  const Key own{entry.channelId, entry.conversation + " " + std::to_string(entry.inboxId), entry.tap};
  if (result.kind == LaneStep::Kind::Finished) {
    --_backlog;
    leave(key, lane);
  } else if (result.kind == LaneStep::Kind::Beside && key != own) {
    Lane& beside = _lanes[own];
    beside.entries.push_back(entry);
    beside.failures = failures;
    park(own, beside, result);
    leave(key, lane);
  } else {
    park(key, lane, result);
  }
  return true;
}

// The head is done with here; the lane goes on, or ends.
void Lanes::leave(const Key& key, Lane& lane) {
  lane.entries.pop_front();
  lane.failures = 0;
  if (lane.entries.empty())
    _lanes.erase(key);
  else
    makeReady(key, lane);
}

void Lanes::park(const Key& key, Lane& lane, const LaneStep& step) {
  lane.failures = step.kind == LaneStep::Kind::Waiting ? 0 : lane.failures + 1;
  lane.queued = false;
  lane.parked = true;
  _parked.emplace(step.atSteadyMs, key);
  crewOf(key).changed.notify_one();
}

void Lanes::work(Crew& crew) {
  std::unique_lock lock(_mutex);
  while (!_stopping) {
    if (step(lock, crew) || _stopping) continue;
    if (const auto ms = untilNextMs())
      crew.changed.wait_for(lock, std::chrono::milliseconds(*ms));
    else
      crew.changed.wait(lock);
  }
}

size_t Lanes::runReady() {
  std::unique_lock lock(_mutex);
  size_t steps = 0;
  while (!_stopping && (step(lock, _talking) || step(lock, _tapping))) ++steps;
  return steps;
}

}  // namespace tsunagi::chat
