#include "relay/edge/SessionList.h"

#include <algorithm>

#include "base/Random.h"
#include "relay/edge/UnitSession.h"

namespace tsunagi::relay {

namespace {

constexpr int64_t TICK_MS = 250;
constexpr size_t IDLE_TURNS = 20;  // 20 ticks of 250 ms: each idle session within 5 s
constexpr int64_t WAVE_STEP_MS = 50;

}  // namespace

void SessionList::start() {
  _running = true;
  std::weak_ptr<SessionList> weak = weak_from_this();
  _timer = _loop.callAfter(TICK_MS, [weak] {
    if (auto self = weak.lock()) self->tick();
  });
}

void SessionList::stop() {
  _running = false;
  _loop.cancel(_timer);
  _timer = 0;
}

void SessionList::add(std::shared_ptr<UnitSession> session) {
  session->listIndex = _sessions.size();
  _sessions.push_back(std::move(session));
}

void SessionList::remove(UnitSession& session) {
  const size_t index = session.listIndex;
  if (index >= _sessions.size() || _sessions[index].get() != &session) return;
  if (index + 1 != _sessions.size()) {
    _sessions[index] = std::move(_sessions.back());
    _sessions[index]->listIndex = index;
  }
  _sessions.pop_back();
}

void SessionList::noteBusy(UnitSession& session) {
  if (session.inBusyList) return;
  session.inBusyList = true;
  _busy.push_back(session.weak_from_this());
}

void SessionList::each(const std::function<void(UnitSession&)>& visit) {
  const std::vector<std::shared_ptr<UnitSession>> present = _sessions;
  for (const auto& session : present) visit(*session);
}

void SessionList::tick() {
  std::vector<std::weak_ptr<UnitSession>> busy;
  busy.swap(_busy);
  for (const auto& weak : busy) {
    auto session = weak.lock();
    if (!session) continue;
    session->inBusyList = false;
    session->tick();  // notes itself again while it is busy
  }
  const size_t share = (_sessions.size() + IDLE_TURNS - 1) / IDLE_TURNS;
  for (size_t done = 0; done < share && !_sessions.empty(); ++done) {
    if (_cursor >= _sessions.size()) _cursor = 0;
    auto session = _sessions[_cursor++];
    session->tick();
  }
  if (_running) start();
}

void SessionList::goaway(std::string reason, int64_t waveMs, int64_t jitterMs, std::function<void()> done) {
  auto waiting = std::make_shared<std::vector<std::weak_ptr<UnitSession>>>();
  for (const auto& session : _sessions) waiting->push_back(session);
  for (size_t i = waiting->size(); i > 1; --i) std::swap((*waiting)[i - 1], (*waiting)[randomBelow(i)]);
  const size_t steps = static_cast<size_t>(std::max<int64_t>(1, waveMs / WAVE_STEP_MS));
  wave(waiting, std::max<size_t>(1, (waiting->size() + steps - 1) / steps), std::move(reason), jitterMs,
       std::move(done));
}

void SessionList::wave(std::shared_ptr<std::vector<std::weak_ptr<UnitSession>>> waiting, size_t perStep,
                       std::string reason, int64_t jitterMs, std::function<void()> done) {
  for (size_t i = 0; i < perStep && !waiting->empty(); ++i) {
    auto session = waiting->back().lock();
    waiting->pop_back();
    if (session) session->goaway(reason, jitterMs);
  }
  if (waiting->empty()) return done();
  std::weak_ptr<SessionList> weak = weak_from_this();
  _loop.callAfter(WAVE_STEP_MS, [weak, waiting, perStep, reason, jitterMs, done] {
    if (auto self = weak.lock()) self->wave(waiting, perStep, reason, jitterMs, done);
  });
}

}  // namespace tsunagi::relay
