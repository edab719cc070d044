#include "responder/ResponderHost.h"

#include <Poco/Logger.h>

#include <utility>

#include "base/LogEscape.h"
#include "responder/CallWatchdog.h"
#include "responder/InstanceReaper.h"

namespace tsunagi::responder {

ResponderHost::ResponderHost(std::string pluginFolder, const Clock& clock)
    : _plugins(std::move(pluginFolder)),
      _clock(clock),
      _watchdog(std::make_unique<CallWatchdog>(clock)),
      _reaper(std::make_unique<InstanceReaper>()) {}

// The reaper first: instances that end use the watchdog.
ResponderHost::~ResponderHost() { _reaper.reset(); }

bool ResponderHost::shutdown(int64_t graceMs) {
  const auto names = _reaper->waitForAll(graceMs);
  for (const auto& name : names)
    Poco::Logger::get("responder").error("responder " + logEscape(name) + " did not end in time");
  return names.empty();
}

}  // namespace tsunagi::responder
