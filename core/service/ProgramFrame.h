#pragma once
#include <Poco/AutoPtr.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/EndpointsFile.h"
#include "service/LogChannel.h"
#include "service/PocoConfigLayer.h"
#include "service/ProcessSetup.h"
#include "service/Program.h"
#include "service/ServiceNotify.h"
#include "service/SignalThread.h"

namespace tsunagi::service {

// What a Program keeps of its own. Included by the sources of Program only.
struct Program::Frame {
  CommandLineSpec spec;
  CommandLine line;
  ConfigSchema schema;
  Environment environment;
  std::string configFile, pidPath, endpointsPath;

  std::optional<Background> background;
  std::unique_ptr<ConfigWatcher> watcher;
  Poco::AutoPtr<PocoConfigLayer> layer;
  std::unique_ptr<SignalThread> signals;
  ServiceNotify notify;
  EndpointsFile endpoints;
  PidFile pidFile;
  bool started = false;
  std::mutex logging;  // one applyLogging() at a time

  std::mutex mutex;  // guards the wishes
  std::condition_variable wake;
  bool stopWanted = false, reloadWanted = false, userWanted = false;

  void post(bool Frame::*wish) {
    const std::lock_guard lock(mutex);
    this->*wish = true;
    wake.notify_all();
  }
};

// [log], which every program has.
ConfigSection logSection();

}  // namespace tsunagi::service
