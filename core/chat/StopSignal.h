#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tsunagi::chat {

// A wait that can be ended. Thread-safe.
class StopSignal {
 public:
  void stop();
  bool stopped() const;
  bool waitMs(int64_t ms);  // true: stopped

 private:
  mutable std::mutex _mutex;
  std::condition_variable _changed;
  bool _stopped = false;
};

}  // namespace tsunagi::chat
