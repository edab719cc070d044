#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "base/Clock.h"
#include "base/NamedThread.h"

namespace tsunagi::responder {

// Runs actions at a time of the clock on one thread, "rsp-watchdog": the deadlines of all calls of a process. Actions
// must not block and must not throw; one may still run while or just after it is dropped. Thread-safe.
class CallWatchdog {
 public:
  using Token = std::pair<int64_t, uint64_t>;

  explicit CallWatchdog(const Clock& clock);
  ~CallWatchdog();  // drops what is waiting
  CallWatchdog(const CallWatchdog&) = delete;
  CallWatchdog& operator=(const CallWatchdog&) = delete;

  Token at(int64_t steadyMs, std::function<void()> action);
  // A no-op for a token that has run.
  void drop(const Token& token);

 private:
  void run();

  const Clock& _clock;
  std::mutex _mutex;
  std::condition_variable _changed;
  std::map<Token, std::function<void()>> _waiting;
  uint64_t _serial = 0;
  bool _stopping = false;
  NamedThread _thread;
};

}  // namespace tsunagi::responder
