#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/Settings.h"

namespace tsunagi::service {

// Keeps the newest good settings. Every method may be called from any thread.
class ConfigWatcher {
 public:
  // Reads everything anew; previous is what is in use.
  using Loader = std::function<SettingsLoad(const Settings* previous)>;

  struct Refresh {
    std::shared_ptr<const Settings> settings;  // never null: a bad edit keeps the good ones
    bool changed = false;                      // they are others than before this call
    std::vector<std::string> errors;           // of this edit; told once per edit, then empty until the next
    std::vector<std::string> warnings;
  };

  // first must hold settings.
  ConfigWatcher(Loader loader, SettingsLoad first);

  std::shared_ptr<const Settings> current() const;
  // Stats the files, and reads them again when one of them changed (force: in any case). Blocks for file I/O only.
  Refresh refresh(bool force = false);
  // The errors of the last edit while it is still the one on disk; empty when what is on disk is in use.
  std::vector<std::string> standingErrors() const;

 private:
  bool touched() const;

  mutable std::mutex _mutex;
  Loader _loader;
  std::shared_ptr<const Settings> _settings;
  std::vector<FileStamp> _files;
  std::vector<std::string> _standing;
};

}  // namespace tsunagi::service
