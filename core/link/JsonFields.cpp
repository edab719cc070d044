#include "link/JsonFields.h"

#include <algorithm>
#include <limits>

namespace tsunagi::link {

void JsonFields::fail(const char* name, const char* what) {
  if (_error.empty()) _error = std::string("field ") + name + " " + what;
}

std::optional<std::string> JsonFields::text(const char* name, size_t maxBytes) {
  auto found = _object.find(name);
  if (found == _object.end()) return std::nullopt;
  const auto* value = found->get_ptr<const std::string*>();
  if (!value) {
    fail(name, "is not a string");
    return std::nullopt;
  }
  if (value->size() > maxBytes) {
    fail(name, "is too long");
    return std::nullopt;
  }
  return *value;
}

uint64_t JsonFields::number(const char* name, uint64_t low, uint64_t high, std::optional<uint64_t> ifAbsent) {
  auto found = _object.find(name);
  if (found == _object.end()) {
    if (!ifAbsent) fail(name, "is missing");
    return ifAbsent.value_or(low);
  }
  const auto* value = found->get_ptr<const nlohmann::json::number_unsigned_t*>();
  if (!value) {
    fail(name, "is not a whole number");
    return low;
  }
  if (*value < low || *value > high) {
    fail(name, "is out of range");
    return low;
  }
  return *value;
}

int64_t JsonFields::clamped(const char* name, int64_t low, int64_t high, int64_t ifAbsent) {
  auto found = _object.find(name);
  if (found == _object.end()) return ifAbsent;
  if (!found->is_number_integer()) {
    fail(name, "is not a whole number");
    return ifAbsent;
  }
  if (found->is_number_unsigned()) {
    uint64_t value = found->get<uint64_t>();
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return high;
    return std::clamp(static_cast<int64_t>(value), low, high);
  }
  return std::clamp(found->get<int64_t>(), low, high);
}

}  // namespace tsunagi::link
