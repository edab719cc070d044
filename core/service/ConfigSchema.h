#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"

namespace tsunagi::service {

enum class ConfigType {
  text,
  integer,   // minimum..maximum
  boolean,   // yes | no (also true, false, on, off)
  duration,  // "250ms", "90s", "10m", "24h", "3d" or plain seconds; minimum..maximum in milliseconds
  bytes,     // "4096", "64KiB", "1MiB", "2GiB"; minimum..maximum in bytes
  list,      // items between commas, trimmed
  path,      // a file or folder; a relative one starts at the folder of the configuration file
  url,       // absolute; choices = the schemes allowed
  listen,    // "127.0.0.1:8080", "[::1]:8080", "unix:/path"; port 0 = the kernel chooses
  secret,    // in the file as <key>_file (a path, preferred) or <key>; else in the environment variable
};

// One key of a section. Everything has a default, so that a declaration names only what it means.
struct ConfigKey {
  std::string name;
  ConfigType type = ConfigType::text;
  std::string fallback = {};              // default, as it would be written in the file; empty = none
  std::string doc = {};                   // one line
  std::vector<std::string> choices = {};  // allowed values of text and of list items; schemes of url
  int64_t minimum = 0;
  int64_t maximum = INT64_MAX;
  std::string environment = {};  // secret: variable that serves where the file has none (plain sections only)
  bool wanted = false;           // --check says "unset" while it has no value
  bool atStart = false;          // read at the start only; a changed value draws a warning in a running program
};

enum class SectionForm {
  plain,          // [name]
  family,         // [name.<instance>]
  plainOrFamily,  // both
};

struct ConfigSection {
  std::string name;
  std::string doc = {};
  SectionForm form = SectionForm::plain;
  bool open = false;  // keys that are not declared are passed on raw (Settings::freeKeys)
  std::vector<ConfigKey> keys = {};
};

// What a configuration file may hold: declared once per program, before anything is read.
class ConfigSchema {
 public:
  ConfigSchema& add(ConfigSection section);  // declared twice: the keys are joined
  const std::vector<ConfigSection>& sections() const { return _sections; }

  // The declaration for a section as it is named in the file ("line", "line.shop"); null when there is none.
  const ConfigSection* section(std::string_view name) const;
  // Null when undeclared. "<key>_file" of a secret is found by its own name, as a path.
  const ConfigKey* key(std::string_view section, std::string_view name) const;

  // "unknown key [relay] ulr; did you mean url?" without file and line.
  std::string unknownSection(std::string_view name) const;
  std::string unknownKey(std::string_view section, std::string_view name) const;

  // Says what is wrong with a value ("must be a number from 1 to 65535"), never quoting a secret.
  static Status check(const ConfigKey& key, std::string_view value);

 private:
  std::vector<ConfigSection> _sections;
};

// The value types on their own, for other sources than a file.
std::optional<bool> parseBoolean(std::string_view text);
std::optional<int64_t> parseDurationMs(std::string_view text);
std::optional<int64_t> parseBytes(std::string_view text);
std::vector<std::string> parseList(std::string_view text);

// The candidate nearest to a mistyped word, or empty when none is near.
std::string nearestWord(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tsunagi::service
