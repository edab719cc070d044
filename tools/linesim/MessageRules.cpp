#include "tools/linesim/MessageRules.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "line/TextLimits.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr const char* TYPES[] = {"text",     "textV2",   "sticker",  "image", "video", "audio",
                                 "location", "imagemap", "template", "flex",  "coupon"};

void checkText(const json& message, const std::string& where, std::vector<RuleViolation>& found) {
  const auto text = message.find("text");
  if (text == message.end() || !text->is_string()) {
    found.push_back({where + ".text", "Must be specified as a string"});
    return;
  }
  const size_t units = line::utf16Length(text->get_ref<const std::string&>());
  if (units == 0) found.push_back({where + ".text", "May not be empty"});
  if (units > line::MAX_TEXT_UNITS) found.push_back({where + ".text", "Length must be between 0 and 5000"});
}

}  // namespace

std::vector<RuleViolation> checkMessages(const json& request) {
  const auto messages = request.find("messages");
  if (messages == request.end() || !messages->is_array()) return {{"messages", "May not be empty"}};
  if (messages->empty() || messages->size() > line::MAX_MESSAGES) return {{"messages", "Size must be between 1 and 5"}};
  std::vector<RuleViolation> found;
  for (size_t i = 0; i < messages->size(); ++i) {
    const json& message = (*messages)[i];
    const std::string where = "messages[" + std::to_string(i) + "]";
    const auto type = message.is_object() ? message.find("type") : message.end();
    if (!message.is_object() || type == message.end() || !type->is_string()) {
      found.push_back({where + ".type", "Must be specified"});
      continue;
    }
    const auto& name = type->get_ref<const std::string&>();
    if (std::find(std::begin(TYPES), std::end(TYPES), name) == std::end(TYPES))
      found.push_back({where + ".type", "Must be one of the message types"});
    else if (name == "text")
      checkText(message, where, found);
  }
  return found;
}

std::string errorBody(const std::string& message, const std::vector<RuleViolation>& details) {
  json body{{"message", message}};
  for (const auto& detail : details)
    body["details"].push_back({{"message", detail.message}, {"property", detail.property}});
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool isUuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace tsunagi::linesim
