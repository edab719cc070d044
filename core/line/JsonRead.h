#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace tsunagi::line {

// Reading JSON that came from LINE: nothing here throws, whatever the value is. A member of another type, or of a
// parent that is no object, counts as absent.

const nlohmann::json& memberOf(const nlohmann::json& parent, const char* name);         // null when absent
std::string stringOf(const nlohmann::json& parent, const char* name, size_t maxBytes);  // "" when absent or longer
std::string textOf(const nlohmann::json& parent, const char* name, size_t maxBytes);    // longer is cut on a character
bool boolOf(const nlohmann::json& parent, const char* name);                            // false when absent
int64_t integerOf(const nlohmann::json& parent, const char* name);                      // 0 when absent or out of range
std::optional<double> numberOf(const nlohmann::json& parent, const char* name);         // finite
// Compact, valid UTF-8: bytes that are not become U+FFFD.
std::string compactJson(const nlohmann::json& value);
// A discarded value when text is no JSON or nests deeper than 32 levels.
nlohmann::json parseJson(const std::string& text);

}  // namespace tsunagi::line
