#include "responder/ConfigSchema.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/Encoding.h"
#include "base/LogEscape.h"
#include "responder/HttpAllowList.h"

namespace tsunagi::responder {
namespace {

using Json = nlohmann::json;
using Key = ConfigSchema::Key;
using Type = ConfigSchema::Type;

constexpr size_t kMaxSchemaBytes = size_t{64} * 1024;
constexpr size_t kMaxValueBytes = size_t{64} * 1024;

std::string inQuotes(std::string_view text) { return "\"" + logEscape(text, 64) + "\""; }

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> flag(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* yes : {"yes", "true", "on", "1"})
    if (lower == yes) return true;
  for (const char* no : {"no", "false", "off", "0"})
    if (lower == no) return false;
  return std::nullopt;
}

size_t characters(std::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string decimal(double value) {
  std::string text = Json(value).dump();
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + logEscape(word, 64);
  return text;
}

// " from 1 to 10", " of at least 1", " of at most 10" or nothing.
std::string range(const Key& key) {
  if (key.minimum && key.maximum) return " from " + decimal(*key.minimum) + " to " + decimal(*key.maximum);
  if (key.minimum) return " of at least " + decimal(*key.minimum);
  if (key.maximum) return " of at most " + decimal(*key.maximum);
  return {};
}

bool inRange(double value, const Key& key) {
  return (!key.minimum || value >= *key.minimum) && (!key.maximum || value <= *key.maximum);
}

// The value as the plugin gets it, or "must be ...".
Result<std::string> convert(std::string_view text, const Key& key) {
  switch (key.type) {
    case Type::Boolean: {
      const auto value = flag(text);
      if (!value) return Error{"must be yes or no"};
      return std::string(*value ? "true" : "false");
    }
    case Type::Integer: {
      const auto value = number<int64_t>(text);
      if (!value || !inRange(static_cast<double>(*value), key)) return Error{"must be a whole number" + range(key)};
      return std::to_string(*value);
    }
    case Type::Number: {
      const auto value = number<double>(text);
      if (!value || !std::isfinite(*value) || !inRange(*value, key)) return Error{"must be a number" + range(key)};
      return std::string(text);
    }
    case Type::StringList: {
      Json list = Json::array();
      for (std::string_view rest = text; !trimmed(rest).empty();) {
        const size_t comma = std::min(rest.find(','), rest.size());
        const auto item = trimmed(rest.substr(0, comma));
        if (item.empty()) return Error{"must be a list separated by commas, without empty items"};
        list.push_back(item);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
      return list.dump();
    }
    case Type::String:
      break;
  }
  if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), text) == key.choices.end())
    return Error{"must be one of: " + joined(key.choices)};
  if (key.address)
    if (const auto url = HttpAllowList::parseBase(text); !url) return Error{url.error()};
  const size_t length = characters(text);
  if (length < key.minLength) return Error{"must have at least " + std::to_string(key.minLength) + " characters"};
  if (key.maxLength != 0 && length > key.maxLength)
    return Error{"must have at most " + std::to_string(key.maxLength) + " characters"};
  return std::string(text);
}

Result<std::string> defaultOf(const Json& value, const Key& key) {
  const bool fits =
      (key.type == Type::String && value.is_string()) || (key.type == Type::Boolean && value.is_boolean()) ||
      (key.type == Type::Integer && value.is_number_integer()) || (key.type == Type::Number && value.is_number()) ||
      (key.type == Type::StringList && value.is_array() &&
       std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); }));
  if (!fits) return Error{"its default is of another type"};
  if (key.type == Type::StringList) return value.dump();
  auto converted = convert(value.is_string() ? value.get<std::string>() : value.dump(), key);
  if (!converted) return Error{"its default " + converted.error()};
  return converted;
}

Result<Key> parseKey(const Json& schema) {
  if (!schema.is_object()) return Error{"is no object"};
  Key key;
  const Json type = schema.value("type", Json());
  if (type == "string")
    key.type = Type::String;
  else if (type == "boolean")
    key.type = Type::Boolean;
  else if (type == "integer")
    key.type = Type::Integer;
  else if (type == "number")
    key.type = Type::Number;
  else if (type == "array" && schema.contains("items") && schema["items"].is_object() &&
           schema["items"].value("type", Json()) == "string")
    key.type = Type::StringList;
  else
    return Error{"has a type other than string, boolean, integer, number and array of string"};

  if (const auto text = schema.find("description"); text != schema.end() && text->is_string())
    key.description = text->get<std::string>();
  if (const auto mark = schema.find("writeOnly"); mark != schema.end()) key.secret = *mark == true;
  if (key.secret && key.type != Type::String) return Error{"is writeOnly and no string"};
  key.address = schema.value("format", Json()) == "uri";
  if (key.address && (key.type != Type::String || key.secret)) return Error{"is an address and no plain string"};
  if (const auto paths = schema.find("paths"); paths != schema.end()) {
    if (!key.address || !paths->is_array()) return Error{"has paths and is no address"};
    for (const Json& path : *paths) {
      if (!path.is_string() || path.get<std::string>().substr(0, 1) != "/")
        return Error{"has a path that does not begin with a slash"};
      key.paths.push_back(path.get<std::string>());
    }
  }
  const auto bound = [&](const char* name, std::optional<double>& target) {
    if (const auto limit = schema.find(name); limit != schema.end() && limit->is_number())
      target = limit->get<double>();
  };
  bound("minimum", key.minimum);
  bound("maximum", key.maximum);
  const auto length = [&](const char* name, size_t& target) {
    if (const auto limit = schema.find(name); limit != schema.end() && limit->is_number_unsigned())
      target = limit->get<size_t>();
  };
  length("minLength", key.minLength);
  length("maxLength", key.maxLength);
  if (const auto choices = schema.find("enum"); choices != schema.end()) {
    if (key.type != Type::String || !choices->is_array()) return Error{"has an enum and is no string"};
    for (const Json& choice : *choices) {
      if (!choice.is_string()) return Error{"has an enum with something that is no string"};
      key.choices.push_back(choice.get<std::string>());
    }
  }
  if (const auto value = schema.find("default"); value != schema.end()) {
    if (key.secret) return Error{"is writeOnly and has a default"};
    auto text = defaultOf(*value, key);
    if (!text) return Error{text.error()};
    key.defaultValue = std::move(text).value();
  }
  return key;
}

}  // namespace

Result<ConfigSchema> ConfigSchema::parse(std::string_view json) {
  if (json.size() > kMaxSchemaBytes) return Error{"is longer than 64 KiB"};
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return Error{"is no JSON"};
  if (!document.is_object() || document.value("type", Json()) != "object") return Error{"does not describe an object"};
  ConfigSchema schema;
  const Json properties = document.value("properties", Json::object());
  if (!properties.is_object()) return Error{"has properties that are no object"};
  for (const auto& [name, property] : properties.items()) {
    auto key = parseKey(property);
    if (!key) return Error{"key " + inQuotes(name) + " " + key.error()};
    schema._keys.emplace(name, std::move(key).value());
  }
  const Json required = document.value("required", Json::array());
  if (!required.is_array()) return Error{"has a required that is no array"};
  for (const Json& name : required) {
    const auto key = name.is_string() ? schema._keys.find(name.get<std::string>()) : schema._keys.end();
    if (key == schema._keys.end()) return Error{"requires a key it does not describe"};
    key->second.required = true;
  }
  return schema;
}

ConfigSchema::Checked ConfigSchema::check(const ResponderSettings& settings) const {
  Checked result;
  const auto problem = [&](const std::string& key, std::string message) {
    result.problems.push_back({SetupProblem::Kind::Config, settings.name, key, std::move(message)});
  };
  const auto unknown = [&](const std::string& name) {
    std::vector<std::string> taken;
    for (const auto& [known, key] : _keys) taken.push_back(key.secret ? known + "_file" : known);
    problem(name, "unknown key " + inQuotes(name) + "; plugin " + settings.plugin +
                      (taken.empty() ? " takes none" : " takes " + joined(taken)));
  };
  for (const auto& [name, text] : settings.config) {
    const auto key = _keys.find(name);
    if (key == _keys.end()) {
      unknown(name);
    } else if (key->second.secret) {
      problem(name, inQuotes(name) +
                        " is a secret and does not belong into the file: put it into a file of its own (mode "
                        "0600) and set " +
                        name + "_file to its path");
    } else if (text.size() > kMaxValueBytes || !isValidUtf8(text) || text.find('\0') != std::string::npos) {
      problem(name, inQuotes(name) + " must be UTF-8 text of at most 64 KiB");
    } else if (auto value = convert(text, key->second); value) {
      result.values.emplace(name, std::move(value).value());
    } else {
      problem(name, inQuotes(name) + " " + value.error());
    }
  }
  for (const auto& [name, secret] : settings.secrets) {
    const auto key = _keys.find(name);
    if (key == _keys.end() || !key->second.secret)
      unknown(name);
    else if (!isValidUtf8(secret.reveal()) || secret.reveal().size() > kMaxValueBytes)
      problem(name, "the content of " + inQuotes(name + "_file") + " must be UTF-8 text of at most 64 KiB");
    else if (auto value = convert(secret.reveal(), key->second); !value)
      problem(name, "the content of " + inQuotes(name + "_file") + " " + value.error());
  }
  for (const auto& [name, key] : _keys) {
    if (settings.config.count(name) != 0 || settings.secrets.count(name) != 0) continue;
    if (key.defaultValue) {
      result.values.emplace(name, *key.defaultValue);
    } else if (key.required) {
      const std::string wanted = key.secret ? name + "_file" : name;
      problem(name,
              inQuotes(wanted) + " is missing" + (key.description.empty() ? "" : ": " + logEscape(key.description)));
    }
  }
  return result;
}

}  // namespace tsunagi::responder
