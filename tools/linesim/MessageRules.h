#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/linesim/FieldRules.h"

namespace tsunagi::linesim {

// Checks the "messages" of a request against the documented limits (line-api.md section 4): 1 to 5 objects of known
// types, their members and lengths; members LINE does not know are violations too.
std::vector<RuleViolation> checkMessages(const nlohmann::json& request);

// The parts of it, each appending to checker.found.
// An action: of a quick reply, a template's button, a picture to tap.
enum class ActionPlace { QuickReply, Template, ImageCarousel, Flex };
void checkAction(FieldChecker& checker, const nlohmann::json& action, const std::string& where, ActionPlace place);
void checkTemplate(FieldChecker& checker, const nlohmann::json& content, const std::string& where);
void checkFlex(FieldChecker& checker, const nlohmann::json& container, const std::string& where);

// {"message": …, "details": […]}; no details when the list is empty.
std::string errorBody(const std::string& message, const std::vector<RuleViolation>& details = {});

// Is text a UUID in hexadecimal with four hyphens?
bool isUuid(const std::string& text);

}  // namespace tsunagi::linesim
