#pragma once
#include <functional>
#include <string>
#include <vector>

#include "service/Settings.h"

namespace tsunagi::service {

// Where a member of the one-file JSON configuration goes (J21).
struct JsonMapping {
  std::string member;        // of the top-level object
  std::string section, key;  // of the schema; for a secret its plain name
  bool ignored = false;      // known, without effect
};

// Reads a JSON object of strings, numbers and booleans as the same Settings an INI file gives. Unknown members, members
// given twice, nested values, wrong types and values the schema refuses are errors with file and member. A file
// readable by others is refused with the chmod to run, since it holds secrets. complete: adds or changes what follows
// from several members (a token placed into an address), before the values are checked; it may add to errors.
SettingsLoad loadJsonSettings(const std::string& file, const std::vector<JsonMapping>& mapping,
                              const ConfigSchema& schema, const Environment& environment, const Settings* previous,
                              const std::function<void(IniDocument&, std::vector<std::string>& errors)>& complete = {});

// Whether a file looks like a JSON object: its first byte that is not white space or a byte order mark is "{".
bool looksLikeJson(const std::string& file);

}  // namespace tsunagi::service
