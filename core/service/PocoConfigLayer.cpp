#include "service/PocoConfigLayer.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tsunagi::service {
namespace {

// Poco expands "${name}" in what a layer gives and has no way to quote it. It does not look again at what an expansion
// gave, so this property, whose value is "$", stands for a "$" that is to stay.
constexpr const char* DOLLAR = "tsunagi.dollar";

std::string quotedForPoco(const std::string& value) {
  std::string result;
  for (size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '$' && value.substr(at + 1, 1) == "{")
      result += std::string("${") + DOLLAR + "}";
    else
      result += value[at];
  }
  return result;
}

bool isSecret(const Settings& settings, const IniDocument::Entry& entry) {
  const ConfigKey* key = settings.schema().key(entry.section, entry.key);
  return key != nullptr && key->type == ConfigType::secret;
}

}  // namespace

void PocoConfigLayer::replace(std::shared_ptr<const Settings> settings) {
  const std::lock_guard lock(_lock);
  _settings = std::move(settings);
}

std::shared_ptr<const Settings> PocoConfigLayer::settings() const {
  const std::lock_guard lock(_lock);
  return _settings;
}

bool PocoConfigLayer::getRaw(const std::string& key, std::string& value) const {
  if (key == DOLLAR) {
    value = "$";
    return true;
  }
  const std::shared_ptr<const Settings> current = settings();
  // Sections and keys may both hold dots; the file says where the one ends.
  for (const IniDocument::Entry& entry : current->document().entries()) {
    if (entry.section + "." + entry.key != key || entry.value.empty() || isSecret(*current, entry)) continue;
    value = quotedForPoco(entry.value);
    return true;
  }
  return false;
}

void PocoConfigLayer::setRaw(const std::string& key, const std::string&) {
  throw Poco::InvalidAccessException("the configuration file is changed by its owner, not through Poco", key);
}

void PocoConfigLayer::enumerate(const std::string& key, Keys& range) const {
  const std::shared_ptr<const Settings> current = settings();
  const std::string prefix = key.empty() ? "" : key + ".";
  for (const IniDocument::Entry& entry : current->document().entries()) {
    const std::string full = entry.section + "." + entry.key;
    if (entry.value.empty() || isSecret(*current, entry) || full.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string next = full.substr(prefix.size(), full.find('.', prefix.size()) - prefix.size());
    if (std::find(range.begin(), range.end(), next) == range.end()) range.push_back(next);
  }
}

}  // namespace tsunagi::service
