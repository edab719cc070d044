#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "base/NamedThread.h"

namespace tsunagi::app {

// One thread for what must happen now and then, and for what the event loop must not do itself.
class Housekeeper {
 public:
  static constexpr size_t MAX_TASKS = 64;

  // everyTwoSeconds and everyTenMinutes run on the thread, also right after start().
  Housekeeper(std::function<void()> everyTwoSeconds, std::function<void()> everyTenMinutes);
  ~Housekeeper();  // stop()
  void start();
  void stop();                            // what was posted still runs; joins
  bool post(std::function<void()> task);  // [any thread] false: too many wait, or it is stopped

 private:
  void run();
  const std::function<void()> _often, _seldom;
  std::mutex _mutex;
  std::condition_variable _changed;
  std::deque<std::function<void()>> _tasks;
  bool _stopping = false;
  NamedThread _thread;
};

}  // namespace tsunagi::app
