#include "tools/linesim/BotAnswers.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "line/JsonRepair.h"
#include "tools/linesim/MessageRules.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr size_t MAX_DEPTH = 64;

}  // namespace

std::string dumpJson(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

BotAnswer refuse(BotAnswer answer, int status, const std::string& message, const std::vector<RuleViolation>& details) {
  answer.status = status;
  answer.body = errorBody(message, details);
  answer.content.reset();
  return answer;
}

BotAnswer refuseFaults(BotAnswer answer, const std::vector<RuleViolation>& found) {
  return refuse(std::move(answer), 400, "The request body has " + std::to_string(found.size()) + " error(s)", found);
}

void spoil(BotAnswer& answer, const Fault& fault) {
  if (fault.action != Fault::Action::Status) {
    answer.spoiled = fault;
    return;
  }
  const char* message = "Internal Server Error (a fault that was asked for)";
  if (fault.status == 429)
    message =
        fault.quota ? "You have reached your monthly limit." : "The API rate limit has been exceeded. Try again later.";
  answer = refuse(std::move(answer), fault.status, message);
}

json parseBody(const std::string& body, BotAnswer& answer) {
  const auto text = line::repairJson(body, MAX_DEPTH);
  json request = text ? json::parse(*text, nullptr, false) : json();
  if (request.is_object()) return request;
  answer = refuse(std::move(answer), 400, "The request body could not be parsed as JSON (line: 1, column: 1)");
  return nullptr;
}

}  // namespace tsunagi::linesim
