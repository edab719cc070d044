#include "responder/CallWatchdog.h"

#include <algorithm>
#include <chrono>

namespace tsunagi::responder {

CallWatchdog::CallWatchdog(const Clock& clock) : _clock(clock), _thread("rsp-watchdog", [this] { run(); }) {}

CallWatchdog::~CallWatchdog() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _changed.notify_all();
  }
  _thread.join();
}

CallWatchdog::Token CallWatchdog::at(int64_t steadyMs, std::function<void()> action) {
  const std::lock_guard lock(_mutex);
  const Token token(steadyMs, ++_serial);
  _waiting.emplace(token, std::move(action));
  _changed.notify_all();
  return token;
}

void CallWatchdog::drop(const Token& token) {
  const std::lock_guard lock(_mutex);
  _waiting.erase(token);
}

void CallWatchdog::run() {
  std::unique_lock lock(_mutex);
  while (!_stopping) {
    if (_waiting.empty()) {
      _changed.wait(lock);
      continue;
    }
    const auto next = _waiting.begin();
    const int64_t left = next->first.first - _clock.steadyMs();
    if (left > 0) {
      // The clock counts sleep of the machine, the wait does not: look again at least each second.
      _changed.wait_for(lock, std::chrono::milliseconds(std::min<int64_t>(left, 1000)));
      continue;
    }
    const auto action = std::move(next->second);
    _waiting.erase(next);
    lock.unlock();
    action();
    lock.lock();
  }
}

}  // namespace tsunagi::responder
