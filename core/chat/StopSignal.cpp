#include "chat/StopSignal.h"

#include <chrono>

namespace tsunagi::chat {

void StopSignal::stop() {
  const std::lock_guard lock(_mutex);
  _stopped = true;
  _changed.notify_all();
}

bool StopSignal::stopped() const {
  const std::lock_guard lock(_mutex);
  return _stopped;
}

bool StopSignal::waitMs(int64_t ms) {
  std::unique_lock lock(_mutex);
  return _changed.wait_for(lock, std::chrono::milliseconds(ms), [&] { return _stopped; });
}

}  // namespace tsunagi::chat
