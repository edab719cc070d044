#include "line/JsonRead.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "line/JsonRepair.h"
#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;

constexpr size_t MAX_DEPTH = 32;

}  // namespace

const json& memberOf(const json& parent, const char* name) {
  static const json NONE;
  if (!parent.is_object()) return NONE;
  const auto found = parent.find(name);
  return found == parent.end() ? NONE : *found;
}

std::string stringOf(const json& parent, const char* name, size_t maxBytes) {
  const json& value = memberOf(parent, name);
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  return text.size() > maxBytes ? std::string() : text;
}

std::string textOf(const json& parent, const char* name, size_t maxBytes) {
  const json& value = memberOf(parent, name);
  if (!value.is_string()) return {};
  return std::string(cutUtf8(value.get_ref<const std::string&>(), maxBytes));
}

bool boolOf(const json& parent, const char* name) {
  const json& value = memberOf(parent, name);
  return value.is_boolean() && value.get<bool>();
}

int64_t integerOf(const json& parent, const char* name) {
  const json& value = memberOf(parent, name);
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    return number > INT64_MAX ? 0 : static_cast<int64_t>(number);
  }
  return value.is_number_integer() ? value.get<int64_t>() : 0;
}

std::optional<double> numberOf(const json& parent, const char* name) {
  const json& value = memberOf(parent, name);
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::string compactJson(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json parseJson(const std::string& text) {
  const auto repaired = repairJson(text, MAX_DEPTH);
  return repaired ? json::parse(*repaired, nullptr, false) : json(json::value_t::discarded);
}

}  // namespace tsunagi::line
