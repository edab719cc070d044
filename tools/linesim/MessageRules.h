#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace tsunagi::linesim {

// One fault in a request, as LINE's error body lists it.
struct RuleViolation {
  std::string property;  // "messages[0].text"
  std::string message;
};

// Checks the "messages" of a reply or push against the documented limits: 1 to 5 objects of a known type; a text of 1
// to 5000 UTF-16 units. Types other than text are taken without a look inside.
std::vector<RuleViolation> checkMessages(const nlohmann::json& request);

// {"message": …, "details": […]}; no details when the list is empty.
std::string errorBody(const std::string& message, const std::vector<RuleViolation>& details = {});

// Is text a UUID in hexadecimal with four hyphens?
bool isUuid(const std::string& text);

}  // namespace tsunagi::linesim
