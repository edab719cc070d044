#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tsunagi::files {

// Tells waiting threads that something changed, or that it is time to end. Thread-safe.
class Bell {
 public:
  void ring();
  void stop();  // for ever
  bool stopped() const;
  uint64_t rings() const;  // so far; to be taken before looking at what may change
  // Until there were more rings than seen, stop(), or the time is over.
  void wait(uint64_t seen, int64_t ms);

 private:
  mutable std::mutex _mutex;
  std::condition_variable _changed;
  uint64_t _rings = 0;
  bool _stopped = false;
};

}  // namespace tsunagi::files
