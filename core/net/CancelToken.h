#pragma once
#include "base/UniqueFd.h"

namespace tsunagi::net {

// Ends a blocking call from another thread. Thread-safe; one token may serve many calls, one after another or at once.
// After cancel() every call that uses it ends at once with Outcome::Cancelled, also those begun later.
class CancelToken {
 public:
  CancelToken();  // throws std::runtime_error when the process is out of descriptors
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;
  void cancel();
  bool isCancelled() const;
  int waitFd() const { return _eventFd.get(); }  // readable once cancelled; never read from it

 private:
  UniqueFd _eventFd;
};

}  // namespace tsunagi::net
