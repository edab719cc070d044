#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"

namespace tsunagi::responder {

class PluginLibrary;

// The plugins of one folder, loaded when first asked for and then kept: a file replaced on disk is not picked up before
// the process starts anew. Thread-safe.
class PluginRegistry {
 public:
  explicit PluginRegistry(std::string folder);
  const std::string& folder() const { return _folder; }

  // The plugin <folder>/<name>.so. An error is one line for the operator; PluginLibrary::open() lists them.
  Result<std::shared_ptr<PluginLibrary>> load(const std::string& name);
  // Is there a file of that name? Says nothing about whether it loads.
  bool installed(std::string_view name) const;
  // Names of the plugins in the folder, sorted; loads nothing.
  std::vector<std::string> installedNames() const;

 private:
  const std::string _folder;
  std::mutex _mutex;
  std::map<std::string, std::shared_ptr<PluginLibrary>> _loaded;
};

}  // namespace tsunagi::responder
