#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "responder/ResponderSettings.h"

namespace tsunagi::responder {

// The keys a plugin takes, read from the JSON Schema in its descriptor: the subset that abi/responder.h names.
// Immutable.
class ConfigSchema {
 public:
  enum class Type { String, Boolean, Integer, Number, StringList };
  struct Key {
    Type type = Type::String;
    std::string description;
    std::optional<std::string> defaultValue;  // in the form values have
    std::vector<std::string> choices;         // of a string; empty: any
    std::optional<double> minimum, maximum;
    size_t minLength = 0;
    size_t maxLength = 0;  // in characters; 0: no limit
    bool required = false;
    bool secret = false;
    // A string of "format": "uri" is an address the plugin may reach by rsp.http/1: with "paths" only those below it.
    bool address = false;
    std::vector<std::string> paths;
  };

  ConfigSchema() = default;  // takes no keys
  // At most 64 KiB. The error says what is wrong with the schema; it is the plugin writer's.
  static Result<ConfigSchema> parse(std::string_view json);

  const std::map<std::string, Key, std::less<>>& keys() const { return _keys; }

  struct Checked {
    std::map<std::string, std::string, std::less<>> values;  // defaults filled in, secrets not among them
    std::vector<SetupProblem> problems;
  };
  // Converts what an INI file holds: booleans as yes/no, true/false, on/off or 1/0; lists separated by commas. Values
  // are handed on as text: "true"/"false", decimal numbers, a JSON array for lists. Messages never repeat a value.
  Checked check(const ResponderSettings& settings) const;

 private:
  std::map<std::string, Key, std::less<>> _keys;
};

}  // namespace tsunagi::responder
