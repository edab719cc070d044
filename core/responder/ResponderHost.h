#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/Clock.h"
#include "responder/PluginRegistry.h"

namespace tsunagi::responder {

class CallWatchdog;
class InstanceReaper;

// What all responder instances of a process share: the plugin folder, the clock, the thread that ends calls at their
// deadline ("rsp-watchdog") and the thread that destroys instances nobody uses any more ("rsp-reaper").
// One per process; must outlive everything made with it. All functions may be called on any thread.
class ResponderHost {
 public:
  explicit ResponderHost(std::string pluginFolder, const Clock& clock = Clock::system());
  // Waits for the last instance without bound: call shutdown() first, and when that says no, end by _exit().
  ~ResponderHost();
  ResponderHost(const ResponderHost&) = delete;
  ResponderHost& operator=(const ResponderHost&) = delete;

  PluginRegistry& plugins() { return _plugins; }
  const Clock& clock() const { return _clock; }
  CallWatchdog& watchdog() { return *_watchdog; }
  InstanceReaper& reaper() { return *_reaper; }

  // Waits at most graceMs of real time until every instance has been destroyed. False: a call or a plugin's destroy()
  // hangs, or somebody still holds a Responder; the log names them.
  bool shutdown(int64_t graceMs);

 private:
  PluginRegistry _plugins;
  const Clock& _clock;
  std::unique_ptr<CallWatchdog> _watchdog;
  std::unique_ptr<InstanceReaper> _reaper;
};

}  // namespace tsunagi::responder
