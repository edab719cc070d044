// Flex messages: their sizes, the kinds of their components and the members of each.
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/linesim/MessageRules.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr size_t MAX_BUBBLE = 30 * 1024;
constexpr size_t MAX_CAROUSEL = 50 * 1024;
constexpr size_t MAX_BUBBLES = 12;
constexpr int MAX_DEPTH = 20;

// Members by name, between spaces.
struct Component {
  std::string_view type;
  std::string_view needed;
  std::string_view others;
};
constexpr Component COMPONENTS[] = {
    {"bubble", "", " direction styles header hero body footer size action "},
    {"box", " layout contents ",
     " flex spacing margin position offsetTop offsetBottom offsetStart offsetEnd backgroundColor borderColor "
     "borderWidth cornerRadius width maxWidth height maxHeight paddingAll paddingTop paddingBottom paddingStart "
     "paddingEnd action justifyContent alignItems background "},
    {"button", " action ",
     " flex color style gravity margin position offsetTop offsetBottom offsetStart offsetEnd height adjustMode "
     "scaling "},
    {"image", " url ",
     " flex margin position offsetTop offsetBottom offsetStart offsetEnd align gravity size aspectRatio aspectMode "
     "backgroundColor action animated "},
    {"video", " url previewUrl altContent ", " aspectRatio action "},
    {"icon", " url ", " size aspectRatio margin position offsetTop offsetBottom offsetStart offsetEnd scaling "},
    {"text", "",
     " flex text size align gravity color weight style decoration wrap lineSpacing margin position offsetTop "
     "offsetBottom offsetStart offsetEnd action maxLines contents adjustMode scaling "},
    {"span", "", " text size color weight style decoration "},
    {"separator", "", " margin color "},
    {"filler", "", " flex "},
};

bool lists(std::string_view names, const std::string& name) {
  return names.find(" " + name + " ") != std::string_view::npos;
}

void checkComponent(FieldChecker& checker, const json& item, const std::string& where, int depth) {
  const std::string type = stringMember(item, "type");
  const auto* known =
      std::find_if(std::begin(COMPONENTS), std::end(COMPONENTS), [&](const Component& c) { return c.type == type; });
  if (known == std::end(COMPONENTS)) return checker.complain(memberPath(where, "type"), "Must be a component type");
  if (depth > MAX_DEPTH) return checker.complain(where, "Nested too deeply");
  for (size_t at = 1; at < known->needed.size();) {
    const size_t end = known->needed.find(' ', at);
    const std::string name(known->needed.substr(at, end - at));
    if (!item.contains(name)) checker.complain(memberPath(where, name), "Must be specified");
    at = end + 1;
  }
  if (type == "text" && !item.contains("text") && !item.contains("contents"))
    checker.complain(memberPath(where, "text"), "Must be specified");
  for (const auto& [name, value] : item.items()) {
    const std::string path = memberPath(where, name);
    if (name == "type") continue;
    if (!lists(known->needed, name) && !lists(known->others, name)) {
      checker.complain(path, "Unknown property");
    } else if (name == "action") {
      checkAction(checker, value, path, ActionPlace::Flex);
    } else if (name == "contents") {
      if (!value.is_array()) checker.complain(path, "Must be specified as an array");
      for (size_t i = 0; value.is_array() && i < value.size(); ++i)
        checkComponent(checker, value[i], elementPath(path, i), depth + 1);
    } else if (name == "header" || name == "hero" || name == "body" || name == "footer" || name == "altContent") {
      checkComponent(checker, value, path, depth + 1);
    } else if (name == "url" || name == "previewUrl") {
      if (!value.is_string() || value.get_ref<const std::string&>().rfind("https://", 0) != 0)
        checker.complain(path, "Invalid uri");
    }
  }
}

}  // namespace

void checkFlex(FieldChecker& checker, const json& container, const std::string& where) {
  const std::string type = stringMember(container, "type");
  const size_t bytes = container.dump(-1, ' ', false, json::error_handler_t::replace).size();
  if (type == "bubble") {
    if (bytes > MAX_BUBBLE) checker.complain(where, "At most 30 KB");
    return checkComponent(checker, container, where, 0);
  }
  if (type != "carousel") return checker.complain(memberPath(where, "type"), "Must be bubble or carousel");
  if (bytes > MAX_CAROUSEL) checker.complain(where, "At most 50 KB");
  if (!checker.check(container, where,
                     {{"type", FieldRule::Form::Units, true},
                      {"contents", FieldRule::Form::List, true, 1, static_cast<int64_t>(MAX_BUBBLES)}}))
    return;
  const json bubbles = container.value("contents", json::array());
  for (size_t i = 0; bubbles.is_array() && i < bubbles.size(); ++i) {
    const std::string path = elementPath(memberPath(where, "contents"), i);
    if (stringMember(bubbles[i], "type") != "bubble")
      checker.complain(memberPath(path, "type"), "Must be bubble");
    else
      checkComponent(checker, bubbles[i], path, 0);
  }
}

}  // namespace tsunagi::linesim
