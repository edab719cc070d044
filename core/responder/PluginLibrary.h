#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "abi/responder.h"
#include "base/Result.h"
#include "responder/ConfigSchema.h"

namespace tsunagi::responder {

// A plugin's code in this process. Never unloaded: one object per file for the life of the process, whoever asks for
// it. Immutable after open(), except for the control turn. Thread-safe.
class PluginLibrary {
 public:
  // Checks file and folder (PluginFile.h), loads (RTLD_NOW|RTLD_LOCAL) and checks the plugin's table. Errors, each one
  // line: the file rules, not a shared library, cannot be loaded, no responder plugin, another ABI major or too old a
  // minor, incomplete table (says what is missing), unreadable schema.
  static Result<std::shared_ptr<PluginLibrary>> open(const std::string& folder, const std::string& name);

  const std::string& path() const { return _path; }
  // As this program knows it: what a plugin built with an older header lacks is NULL or 0.
  const rsp_plugin& table() const { return _table; }
  const ConfigSchema& schema() const { return _schema; }
  std::string describe() const { return std::string(_table.id) + " " + _table.version; }

  // The right to call create() or destroy(), which never overlap for one plugin. False after timeoutMs of real time;
  // negative: waits without bound.
  bool takeControlTurn(int64_t timeoutMs);
  void endControlTurn();

 private:
  PluginLibrary() = default;
  static Result<std::shared_ptr<PluginLibrary>> inspect(void* handle, const std::string& path);

  std::string _path;
  rsp_plugin _table{};
  ConfigSchema _schema;
  std::mutex _mutex;
  std::condition_variable _turnEnded;
  bool _inControl = false;
};

}  // namespace tsunagi::responder
