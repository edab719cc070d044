#pragma once
#include <signal.h>

#include <chrono>
#include <functional>
#include <mutex>

#include "base/NamedThread.h"
#include "base/UniqueFd.h"

namespace tsunagi::service {

// The one thread that takes INT, TERM, HUP and USR1, which every thread has blocked. The first INT or TERM is a wish to
// stop and starts the deadline; the second leaves at once with 128 + its number.
class SignalThread {
 public:
  struct Actions {  // called on the signal thread; must not block
    std::function<void()> stop, reload, user;
    std::function<void()> late;  // the deadline passed: says so; the process then leaves with code 70
  };
  static sigset_t signals();

  SignalThread(Actions actions, std::chrono::milliseconds stopTimeout);
  ~SignalThread();
  // Starts the deadline without a signal. [any thread]
  void stopWasRequested();

 private:
  void run();
  void take(uint32_t number);

  Actions _actions;
  const std::chrono::milliseconds _stopTimeout;
  UniqueFd _signals, _wake;
  std::mutex _mutex;
  bool _ending = false;    // guarded
  bool _stopping = false;  // guarded
  std::chrono::steady_clock::time_point _deadline;
  bool _armed = false;  // signal thread only, like _deadline
  bool _signalled = false;
  NamedThread _thread;
};

}  // namespace tsunagi::service
