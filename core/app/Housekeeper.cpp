#include "app/Housekeeper.h"

#include <chrono>
#include <utility>

namespace tsunagi::app {

Housekeeper::Housekeeper(std::function<void()> everyTwoSeconds, std::function<void()> everyTenMinutes)
    : _often(std::move(everyTwoSeconds)), _seldom(std::move(everyTenMinutes)) {}

Housekeeper::~Housekeeper() { stop(); }

void Housekeeper::start() {
  _thread = NamedThread("keeper", [this] { run(); });
}

void Housekeeper::stop() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _changed.notify_all();
  }
  _thread.join();
}

bool Housekeeper::post(std::function<void()> task) {
  const std::lock_guard lock(_mutex);
  if (_stopping || _tasks.size() >= MAX_TASKS) return false;
  _tasks.push_back(std::move(task));
  _changed.notify_all();
  return true;
}

void Housekeeper::run() {
  using Clock = std::chrono::steady_clock;
  auto often = Clock::now();
  auto seldom = often;
  std::unique_lock lock(_mutex);
  for (;;) {
    while (!_tasks.empty()) {
      const auto task = std::move(_tasks.front());
      _tasks.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
    if (_stopping) return;
    const auto now = Clock::now();
    if (now >= often || now >= seldom) {
      lock.unlock();
      if (now >= often) {
        _often();
        often = Clock::now() + std::chrono::seconds(2);
      }
      if (now >= seldom) {
        _seldom();
        seldom = Clock::now() + std::chrono::minutes(10);
      }
      lock.lock();
      continue;
    }
    _changed.wait_until(lock, often, [&] { return _stopping || !_tasks.empty(); });
  }
}

}  // namespace tsunagi::app
