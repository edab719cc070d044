#include "responder/PluginRegistry.h"

#include <algorithm>
#include <utility>

#include "responder/PluginFile.h"
#include "responder/PluginLibrary.h"

namespace tsunagi::responder {

PluginRegistry::PluginRegistry(std::string folder) : _folder(std::move(folder)) {}

Result<std::shared_ptr<PluginLibrary>> PluginRegistry::load(const std::string& name) {
  const std::lock_guard lock(_mutex);
  if (const auto known = _loaded.find(name); known != _loaded.end()) return known->second;
  auto library = PluginLibrary::open(_folder, name);
  if (library) _loaded.emplace(name, *library);
  return library;
}

bool PluginRegistry::installed(std::string_view name) const {
  const auto names = installedNames();
  return std::binary_search(names.begin(), names.end(), name);
}

std::vector<std::string> PluginRegistry::installedNames() const { return pluginNamesIn(_folder); }

}  // namespace tsunagi::responder
