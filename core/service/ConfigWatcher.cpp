#include "service/ConfigWatcher.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tsunagi::service {

ConfigWatcher::ConfigWatcher(Loader loader, SettingsLoad first)
    : _loader(std::move(loader)), _settings(std::move(first.settings)), _files(std::move(first.files)) {
  if (_settings == nullptr) throw std::logic_error("a watcher begins with good settings");
}

std::shared_ptr<const Settings> ConfigWatcher::current() const {
  const std::lock_guard lock(_mutex);
  return _settings;
}

std::vector<std::string> ConfigWatcher::standingErrors() const {
  const std::lock_guard lock(_mutex);
  return _standing;
}

bool ConfigWatcher::touched() const {
  return std::any_of(_files.begin(), _files.end(),
                     [](const FileStamp& stamp) { return !FileStamp::of(stamp.path).unchangedSince(stamp); });
}

ConfigWatcher::Refresh ConfigWatcher::refresh(bool force) {
  const std::lock_guard lock(_mutex);
  Refresh result;
  result.settings = _settings;
  if (!force && !touched()) return result;

  SettingsLoad load = _loader(_settings.get());
  // A fresh stamp makes the same edit be read more than once: what was said about it is not said again.
  const auto sameEdit = [](const FileStamp& a, const FileStamp& b) {
    return a.path == b.path && a.exists == b.exists && a.inode == b.inode && a.size == b.size &&
           a.modifiedNs == b.modifiedNs && a.changedNs == b.changedNs;
  };
  const bool again = !force && std::equal(load.files.begin(), load.files.end(), _files.begin(), _files.end(), sameEdit);
  _files = std::move(load.files);
  if (load.settings == nullptr) {
    if (!again || load.errors != _standing) result.errors = load.errors;
    _standing = std::move(load.errors);
    return result;
  }
  _standing.clear();
  if (!again) result.warnings = std::move(load.warnings);
  if (load.settings->sameAs(*_settings)) return result;
  result.changed = true;
  for (const std::string& key : load.settings->changedForNextStart(*_settings))
    result.warnings.push_back(key + " takes effect at the next start");
  _settings = std::move(load.settings);
  result.settings = _settings;
  return result;
}

}  // namespace tsunagi::service
