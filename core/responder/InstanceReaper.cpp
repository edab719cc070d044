#include "responder/InstanceReaper.h"

#include <chrono>
#include <utility>

#include "responder/InstanceState.h"

namespace tsunagi::responder {

InstanceReaper::InstanceReaper() : _thread("rsp-reaper", [this] { run(); }) {}

InstanceReaper::~InstanceReaper() {
  {
    std::unique_lock lock(_mutex);
    _changed.wait(lock, [&] { return _alive.empty(); });
    _stopping = true;
    _changed.notify_all();
  }
  _thread.join();
}

void InstanceReaper::expect(const InstanceState& instance) {
  const std::lock_guard lock(_mutex);
  _alive.insert(&instance);
}

void InstanceReaper::retire(std::shared_ptr<InstanceState> instance) {
  const std::lock_guard lock(_mutex);
  _retired.push_back(std::move(instance));
  _changed.notify_all();
}

std::vector<std::string> InstanceReaper::waitForAll(int64_t timeoutMs) {
  std::unique_lock lock(_mutex);
  _changed.wait_for(lock, std::chrono::milliseconds(timeoutMs), [&] { return _alive.empty(); });
  std::vector<std::string> names;
  for (const InstanceState* instance : _alive) names.push_back(instance->settings().name);
  return names;
}

void InstanceReaper::run() {
  std::unique_lock lock(_mutex);
  for (;;) {
    _changed.wait(lock, [&] { return _stopping || !_retired.empty(); });
    if (_retired.empty()) return;
    const std::shared_ptr<InstanceState> instance = std::move(_retired.front());
    _retired.pop_front();
    lock.unlock();
    instance->destroy();
    lock.lock();
    _alive.erase(instance.get());
    _changed.notify_all();
  }
}

}  // namespace tsunagi::responder
