// Actions and templates: buttons, confirm, carousel, image carousel.
#include <nlohmann/json.hpp>

#include "tools/linesim/MessageRules.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

constexpr int64_t MAX_URL = 2000;

int64_t labelLimit(ActionPlace place) {
  switch (place) {
    case ActionPlace::QuickReply:
    case ActionPlace::Template:
      return 20;
    case ActionPlace::ImageCarousel:
      return 12;
    case ActionPlace::Flex:
      break;
  }
  return 40;
}

void checkActions(FieldChecker& checker, const json& owner, const std::string& where, ActionPlace place) {
  const auto actions = owner.find("actions");
  if (actions == owner.end() || !actions->is_array()) return;
  for (size_t i = 0; i < actions->size(); ++i)
    checkAction(checker, (*actions)[i], elementPath(memberPath(where, "actions"), i), place);
}

// What buttons and the columns of a carousel share; a text under a title or picture may only be half as long.
void checkCard(FieldChecker& checker, const json& card, const std::string& where, int64_t longText, int64_t maxActions,
               std::initializer_list<FieldRule> more) {
  const bool hasTop = card.is_object() && (card.contains("title") || card.contains("thumbnailImageUrl"));
  const int64_t textLimit = hasTop ? 60 : longText;
  const FieldRule rules[] = {{"text", Form::Signs, true, 1, textLimit}, {"actions", Form::List, true, 1, maxActions}};
  if (!checker.check(card, where,
                     {rules[0],
                      rules[1],
                      {"title", Form::Signs, false, 1, 40},
                      {"thumbnailImageUrl", Form::Url, false, 1, MAX_URL},
                      {"imageBackgroundColor", Form::Units},
                      {"defaultAction", Form::Object}},
                     more))
    return;
  if (card.contains("defaultAction"))
    checkAction(checker, card["defaultAction"], memberPath(where, "defaultAction"), ActionPlace::Flex);
  checkActions(checker, card, where, ActionPlace::Template);
}

}  // namespace

void checkAction(FieldChecker& checker, const json& action, const std::string& where, ActionPlace place) {
  const std::string type = stringMember(action, "type");
  const bool needsLabel = place == ActionPlace::QuickReply || place == ActionPlace::Template;
  const std::initializer_list<FieldRule> shared = {{"type", Form::Units, true},
                                                   {"label", Form::Signs, needsLabel, 1, labelLimit(place)}};
  if (type == "postback")
    checker.check(action, where,
                  {{"data", Form::Units, true, 1, 300},
                   {"displayText", Form::Units, false, 1, 300},
                   {"text", Form::Units, false, 1, 300},
                   {"inputOption", Form::Units},
                   {"fillInText", Form::Units, false, 0, 300}},
                  shared);
  else if (type == "message")
    checker.check(action, where, {{"text", Form::Units, true, 1, 300}}, shared);
  else if (type == "uri")
    checker.check(action, where, {{"uri", Form::Link, true, 1, 1000}, {"altUri", Form::Object}}, shared);
  else if (type == "datetimepicker")
    checker.check(action, where,
                  {{"data", Form::Units, true, 1, 300},
                   {"mode", Form::Units, true},
                   {"initial", Form::Units},
                   {"max", Form::Units},
                   {"min", Form::Units}},
                  shared);
  else if (type == "clipboard")
    checker.check(action, where, {{"clipboardText", Form::Units, true, 1, 1000}}, shared);
  else if (type == "richmenuswitch")
    checker.check(action, where, {{"richMenuAliasId", Form::Units, true, 1, 32}, {"data", Form::Units, true, 1, 300}},
                  shared);
  else if ((type == "camera" || type == "cameraRoll" || type == "location") && place == ActionPlace::QuickReply)
    checker.check(action, where, {}, shared);
  else
    checker.complain(memberPath(where, "type"), "Must be one of the action types");
}

void checkTemplate(FieldChecker& checker, const json& content, const std::string& where) {
  const std::string type = stringMember(content, "type");
  const FieldRule typeRule{"type", Form::Units, true};
  const FieldRule ratio{"imageAspectRatio", Form::Units};
  const FieldRule size{"imageSize", Form::Units};
  if (type == "buttons") return checkCard(checker, content, where, 160, 4, {typeRule, ratio, size});
  if (type == "confirm") {
    if (checker.check(content, where,
                      {typeRule, {"text", Form::Signs, true, 1, 240}, {"actions", Form::List, true, 2, 2}}))
      checkActions(checker, content, where, ActionPlace::Template);
    return;
  }
  if (type != "carousel" && type != "image_carousel")
    return checker.complain(memberPath(where, "type"), "Must be one of the template types");
  if (!checker.check(content, where, {typeRule, ratio, size, {"columns", Form::List, true, 1, 10}})) return;
  const json columns = content.value("columns", json::array());
  for (size_t i = 0; columns.is_array() && i < columns.size(); ++i) {
    const std::string path = elementPath(memberPath(where, "columns"), i);
    if (type == "carousel") {
      checkCard(checker, columns[i], path, 120, 3, {});
    } else if (checker.check(columns[i], path,
                             {{"imageUrl", Form::Url, true, 1, MAX_URL}, {"action", Form::Object, true}}) &&
               columns[i].contains("action")) {
      checkAction(checker, columns[i]["action"], memberPath(path, "action"), ActionPlace::ImageCarousel);
    }
  }
}

}  // namespace tsunagi::linesim
