#include "tools/linesim/MessageRules.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "line/TextLimits.h"
#include "line/Utf8.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

constexpr int64_t MAX_URL = 2000;
constexpr int64_t MAX_ALT_TEXT = 1500;
constexpr int64_t MAX_TRACKING_ID = 100;
constexpr size_t MAX_EMOJIS = 20;
constexpr size_t MAX_SUBSTITUTIONS = 100;
constexpr size_t MAX_MENTIONS = 20;

void check(FieldChecker& checker, const json& message, const std::string& where,
           std::initializer_list<FieldRule> rules) {
  checker.check(message, where, rules,
                {{"type", Form::Units, true}, {"quickReply", Form::Object}, {"sender", Form::Object}});
}

// Is the UTF-16 unit number index of text a dollar sign?
bool isPlaceholder(std::string_view text, int64_t index) {
  int64_t units = 0;
  for (size_t at = 0; at < text.size();) {
    const line::CodePoint point = line::decodeUtf8(text, at);
    if (units == index) return point.value == '$';
    units += static_cast<int64_t>(point.utf16Units());
    at += point.bytes;
  }
  return false;
}

void checkEmojis(FieldChecker& checker, const json& message, const std::string& where) {
  const auto emojis = message.find("emojis");
  if (emojis == message.end() || !emojis->is_array()) return;
  const std::string text = stringMember(message, "text");
  for (size_t i = 0; i < emojis->size(); ++i) {
    const std::string path = elementPath(memberPath(where, "emojis"), i);
    const json& emoji = (*emojis)[i];
    const bool good = checker.check(
        emoji, path,
        {{"index", Form::Whole, true}, {"productId", Form::Units, true, 1}, {"emojiId", Form::Units, true, 1}});
    if (good && emoji.contains("index") && emoji["index"].is_number_integer() &&
        !isPlaceholder(text, emoji["index"].get<int64_t>()))
      checker.complain(memberPath(path, "index"), "There is no $ in the text at this place");
  }
}

void checkText(FieldChecker& checker, const json& message, const std::string& where) {
  check(checker, message, where,
        {{"text", Form::Units, true, 1, line::MAX_TEXT_UNITS},
         {"emojis", Form::List, false, 0, MAX_EMOJIS},
         {"quoteToken", Form::Units}});
  checkEmojis(checker, message, where);
}

bool isKey(std::string_view key) {
  return !key.empty() && key.size() <= 20 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

// The names between single braces; a complaint when the braces do not match.
std::vector<std::string> placeholders(FieldChecker& checker, std::string_view text, const std::string& path) {
  std::vector<std::string> names;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{' && text[at] != '}') continue;
    if (at + 1 < text.size() && text[at + 1] == text[at]) {
      ++at;
      continue;
    }
    const size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
    if (end == std::string_view::npos || !isKey(text.substr(at + 1, end - at - 1))) {
      checker.complain(path, "Invalid placeholder: braces that stand for themselves are doubled");
      return names;
    }
    names.emplace_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

void checkSubstitution(FieldChecker& checker, const json& item, const std::string& path, size_t& mentions) {
  const std::string type = stringMember(item, "type");
  if (type == "emoji") {
    checker.check(
        item, path,
        {{"type", Form::Units, true}, {"productId", Form::Units, true, 1}, {"emojiId", Form::Units, true, 1}});
  } else if (type == "mention") {
    ++mentions;
    if (!checker.check(item, path, {{"type", Form::Units, true}, {"mentionee", Form::Object, true}})) return;
    const json mentionee = item.value("mentionee", json::object());
    const bool all = stringMember(mentionee, "type") == "all";
    if (!all && stringMember(mentionee, "type") != "user")
      checker.complain(memberPath(path, "mentionee.type"), "Must be user or all");
    checker.check(mentionee, memberPath(path, "mentionee"),
                  {{"type", Form::Units, true}, {"userId", Form::Units, !all, 1}});
  } else {
    checker.complain(memberPath(path, "type"), "Must be mention or emoji");
  }
}

void checkTextV2(FieldChecker& checker, const json& message, const std::string& where) {
  check(checker, message, where,
        {{"text", Form::Units, true, 1, line::MAX_TEXT_UNITS},
         {"substitution", Form::Object},
         {"quoteToken", Form::Units}});
  const json given = message.value("substitution", json::object());
  if (!given.is_object()) return;
  const std::string path = memberPath(where, "substitution");
  if (given.size() > MAX_SUBSTITUTIONS) checker.complain(path, "Size must be between 0 and 100");
  size_t mentions = 0;
  for (const auto& [key, item] : given.items()) {
    if (!isKey(key)) checker.complain(memberPath(path, key), "Invalid key");
    checkSubstitution(checker, item, memberPath(path, key), mentions);
  }
  if (mentions > MAX_MENTIONS) checker.complain(path, "At most 20 mentions");
  const std::string textPath = memberPath(where, "text");
  for (const std::string& name : placeholders(checker, stringMember(message, "text"), textPath))
    if (!given.contains(name)) checker.complain(textPath, "There is no substitution for {" + name + "}");
}

void checkQuickReply(FieldChecker& checker, const json& quickReply, const std::string& where) {
  if (!checker.check(quickReply, where, {{"items", Form::List, true, 1, 13}})) return;
  const json items = quickReply.value("items", json::array());
  for (size_t i = 0; items.is_array() && i < items.size(); ++i) {
    const std::string path = elementPath(memberPath(where, "items"), i);
    const bool good = checker.check(
        items[i], path,
        {{"type", Form::Units, true}, {"imageUrl", Form::Url, false, 1, MAX_URL}, {"action", Form::Object, true}});
    if (good && stringMember(items[i], "type") != "action")
      checker.complain(memberPath(path, "type"), "Must be action");
    if (good && items[i].contains("action"))
      checkAction(checker, items[i]["action"], memberPath(path, "action"), ActionPlace::QuickReply);
  }
}

void checkSender(FieldChecker& checker, const json& sender, const std::string& where) {
  checker.check(sender, where, {{"name", Form::Signs, false, 1, 20}, {"iconUrl", Form::Url, false, 1, MAX_URL}});
  if (stringMember(sender, "name") == "LINE") checker.complain(memberPath(where, "name"), "May not be LINE");
}

// False when the type is none of these.
bool checkMedia(FieldChecker& checker, const std::string& type, const json& message, const std::string& where) {
  const FieldRule original{"originalContentUrl", Form::Url, true, 1, MAX_URL};
  const FieldRule preview{"previewImageUrl", Form::Url, true, 1, MAX_URL};
  if (type == "image")
    check(checker, message, where, {original, preview});
  else if (type == "video")
    check(checker, message, where, {original, preview, {"trackingId", Form::Units, false, 1, MAX_TRACKING_ID}});
  else if (type == "audio")
    check(checker, message, where, {original, {"duration", Form::Whole, true, 1}});
  else if (type == "sticker")
    check(checker, message, where,
          {{"packageId", Form::Units, true, 1}, {"stickerId", Form::Units, true, 1}, {"quoteToken", Form::Units}});
  else if (type == "location")
    check(checker, message, where,
          {{"title", Form::Signs, true, 1, 100},
           {"address", Form::Signs, true, 1, 100},
           {"latitude", Form::Number, true},
           {"longitude", Form::Number, true}});
  else
    return false;
  return true;
}

// False when the type is none of these.
bool checkRich(FieldChecker& checker, const std::string& type, const json& message, const std::string& where) {
  const FieldRule altText{"altText", Form::Units, true, 1, MAX_ALT_TEXT};
  if (type == "template") {
    check(checker, message, where, {altText, {"template", Form::Object, true}});
    if (message.contains("template")) checkTemplate(checker, message["template"], memberPath(where, "template"));
  } else if (type == "flex") {
    check(checker, message, where, {altText, {"contents", Form::Object, true}});
    if (message.contains("contents")) checkFlex(checker, message["contents"], memberPath(where, "contents"));
  } else if (type == "imagemap") {
    check(checker, message, where,
          {altText,
           {"baseUrl", Form::Url, true, 1, MAX_URL},
           {"baseSize", Form::Object, true},
           {"video", Form::Object},
           {"actions", Form::List, true, 1, 50}});
  } else if (type == "coupon") {
    check(checker, message, where, {{"couponId", Form::Units, true, 1}, {"deliveryTag", Form::Units, false, 0, 30}});
  } else {
    return false;
  }
  return true;
}

void checkMessage(FieldChecker& checker, const json& message, const std::string& where) {
  const std::string type = stringMember(message, "type");
  if (type.empty()) return checker.complain(memberPath(where, "type"), "Must be specified");
  if (type == "text")
    checkText(checker, message, where);
  else if (type == "textV2")
    checkTextV2(checker, message, where);
  else if (!checkMedia(checker, type, message, where) && !checkRich(checker, type, message, where))
    return checker.complain(memberPath(where, "type"), "Must be one of the message types");
  if (message.contains("quickReply")) checkQuickReply(checker, message["quickReply"], memberPath(where, "quickReply"));
  if (message.contains("sender")) checkSender(checker, message["sender"], memberPath(where, "sender"));
}

}  // namespace

std::vector<RuleViolation> checkMessages(const json& request) {
  const auto messages = request.find("messages");
  if (messages == request.end() || !messages->is_array()) return {{"messages", "May not be empty"}};
  if (messages->empty() || messages->size() > line::MAX_MESSAGES) return {{"messages", "Size must be between 1 and 5"}};
  FieldChecker checker;
  for (size_t i = 0; i < messages->size(); ++i) checkMessage(checker, (*messages)[i], elementPath("messages", i));
  return std::move(checker.found);
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
