#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "service/ConfigSchema.h"

namespace tsunagi::test {

// The keys of a program's configuration as parameters of tests: what can change in a running program must have a case
// that shows its effect from outside, so that nobody adds a key without deciding when it holds.
struct ReloadKey {
  std::string section;  // as the schema names it: "responder"
  service::ConfigKey key;
  std::string name() const { return section + "." + key.name; }
};

inline std::vector<ReloadKey> keysOf(const service::ConfigSchema& schema, bool (*wantSection)(const std::string&)) {
  std::vector<ReloadKey> keys;
  for (const service::ConfigSection& section : schema.sections())
    for (const service::ConfigKey& key : section.keys)
      if (wantSection(section.name)) keys.push_back({section.name, key});
  return keys;
}

// Those that hold at once.
inline std::vector<std::string> changeable(const std::vector<ReloadKey>& keys) {
  std::vector<std::string> names;
  for (const ReloadKey& key : keys)
    if (!key.key.atStart) names.push_back(key.name());
  return names;
}

// A value no program may take; empty when the key takes any.
inline std::string wrongValue(const ReloadKey& key, const std::map<std::string, std::string>& special) {
  if (const auto found = special.find(key.name()); found != special.end()) return found->second;
  switch (key.key.type) {
    case service::ConfigType::text:
    case service::ConfigType::list:
      return key.key.choices.empty() ? "" : "nonsense";
    case service::ConfigType::path:
    case service::ConfigType::secret:
      return "";
    default:
      return "nonsense";
  }
}

// For the name of a test: "reply_late_max".
inline std::string testName(const testing::TestParamInfo<std::string>& key) {
  std::string name = key.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

template <typename Given>
using ReloadCases = std::map<std::string, void (*)(Given&)>;

template <typename Given>
void runReloadCase(const ReloadCases<Given>& cases, const std::string& key, Given& given) {
  const auto found = cases.find(key);
  ASSERT_NE(found, cases.end()) << "there is no case that shows what a change of " << key
                                << " does in a running program: add one here, or mark the key atStart in the schema";
  found->second(given);
}

template <typename Given>
void expectNoCaseLeftOver(const ReloadCases<Given>& cases, const std::vector<std::string>& keys) {
  for (const auto& [key, show] : cases)
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key << " is no key that holds at once";
}

}  // namespace tsunagi::test
