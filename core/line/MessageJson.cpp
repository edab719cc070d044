#include "line/MessageJson.h"

#include <nlohmann/json.hpp>

#include "line/JsonRead.h"
#include "line/TextLimits.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Limits = MessageLimits;

// Nothing when LINE would refuse the message for it.
std::optional<json> actionJson(const MessageAction& action) {
  const std::string label = cutSigns(action.label, Limits::LABEL_SIGNS);
  const std::string text = cutUnits(action.text, Limits::DISPLAY_UNITS);
  if (label.empty() || utf16Length(action.data) > Limits::DATA_UNITS) return std::nullopt;
  if (action.data.empty()) {
    if (text.empty()) return std::nullopt;
    return json{{"type", "message"}, {"label", label}, {"text", text}};
  }
  json result = {{"type", "postback"}, {"label", label}, {"data", action.data}};
  if (!text.empty()) result["displayText"] = text;
  return result;
}

std::optional<json> textJson(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return json{{"type", "text"}, {"text", cutUnits(text, MAX_TEXT_UNITS)}};
}

std::optional<json> buttonsJson(const ButtonsTemplate& buttons) {
  json actions = json::array();
  for (const MessageAction& action : buttons.buttons) {
    if (actions.size() == Limits::BUTTONS) break;
    if (auto made = actionJson(action)) actions.push_back(std::move(*made));
  }
  const std::string text = cutSigns(buttons.text, Limits::TEMPLATE_SIGNS);
  if (actions.empty() || text.empty()) return textJson(buttons.text);
  const std::string& altText = buttons.altText.empty() ? buttons.text : buttons.altText;
  return json{{"type", "template"},
              {"altText", cutUnits(altText, Limits::ALT_TEXT_UNITS)},
              {"template", {{"type", "buttons"}, {"text", text}, {"actions", std::move(actions)}}}};
}

}  // namespace

std::string messagesJson(const std::vector<OutgoingMessage>& messages, const MessageExtras& extras) {
  json list = json::array();
  for (const OutgoingMessage& message : messages) {
    if (list.size() == MAX_MESSAGES) break;
    if (auto made = message.buttons ? buttonsJson(*message.buttons) : textJson(message.text))
      list.push_back(std::move(*made));
  }
  if (list.empty()) return "[]";
  if (!extras.quoteToken.empty() && list.front()["type"] == "text") list.front()["quoteToken"] = extras.quoteToken;
  json items = json::array();
  for (const MessageAction& action : extras.quickReplies) {
    if (items.size() == Limits::QUICK_REPLIES) break;
    if (auto made = actionJson(action)) items.push_back({{"type", "action"}, {"action", std::move(*made)}});
  }
  if (!items.empty()) list.back()["quickReply"] = {{"items", std::move(items)}};
  return compactJson(list);
}

std::string textMessagesJson(const std::vector<std::string>& texts, const MessageExtras& extras) {
  std::vector<OutgoingMessage> messages;
  messages.reserve(texts.size());
  for (const auto& text : texts) messages.push_back({text, std::nullopt});
  return messagesJson(messages, extras);
}

}  // namespace tsunagi::line
