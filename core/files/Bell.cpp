#include "files/Bell.h"

#include <chrono>

namespace tsunagi::files {

void Bell::ring() {
  const std::lock_guard lock(_mutex);
  ++_rings;
  _changed.notify_all();
}

void Bell::stop() {
  const std::lock_guard lock(_mutex);
  _stopped = true;
  _changed.notify_all();
}

bool Bell::stopped() const {
  const std::lock_guard lock(_mutex);
  return _stopped;
}

uint64_t Bell::rings() const {
  const std::lock_guard lock(_mutex);
  return _rings;
}

void Bell::wait(uint64_t seen, int64_t ms) {
  std::unique_lock lock(_mutex);
  _changed.wait_for(lock, std::chrono::milliseconds(ms), [&] { return _stopped || _rings > seen; });
}

}  // namespace tsunagi::files
