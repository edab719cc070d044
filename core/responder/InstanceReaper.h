#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/NamedThread.h"

namespace tsunagi::responder {

class InstanceState;

// Destroys instances that nobody uses any more, on its own thread "rsp-reaper", so that no worker is held up by a
// plugin's destroy(). Thread-safe.
class InstanceReaper {
 public:
  InstanceReaper();
  ~InstanceReaper();  // waits for every instance
  InstanceReaper(const InstanceReaper&) = delete;
  InstanceReaper& operator=(const InstanceReaper&) = delete;

  // An instance exists from here on until retire() has done its work.
  void expect(const InstanceState& instance);
  void retire(std::shared_ptr<InstanceState> instance);
  // Waits until none is left, at most timeoutMs of real time. The names of those that are.
  std::vector<std::string> waitForAll(int64_t timeoutMs);

 private:
  void run();

  std::mutex _mutex;
  std::condition_variable _changed;
  std::deque<std::shared_ptr<InstanceState>> _retired;
  std::set<const InstanceState*> _alive;
  bool _stopping = false;
  NamedThread _thread;
};

}  // namespace tsunagi::responder
