#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/linesim/FieldRules.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

// LINE's refusals. Each gives answer back with status and body.
BotAnswer refuse(BotAnswer answer, int status, const std::string& message,
                 const std::vector<RuleViolation>& details = {});
BotAnswer refuseFaults(BotAnswer answer, const std::vector<RuleViolation>& found);
// What a fault makes of an answer.
void spoil(BotAnswer& answer, const Fault& fault);

// The object of a request body; sets answer to a refusal and returns null when there is none.
nlohmann::json parseBody(const std::string& body, BotAnswer& answer);

std::string dumpJson(const nlohmann::json& value);

}  // namespace tsunagi::linesim
