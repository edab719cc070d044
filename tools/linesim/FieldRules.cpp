#include "tools/linesim/FieldRules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "line/TextLimits.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

const FieldRule* findRule(std::initializer_list<FieldRule> rules, const std::string& name) {
  const auto* rule = std::find_if(rules.begin(), rules.end(), [&](const FieldRule& r) { return name == r.name; });
  return rule == rules.end() ? nullptr : rule;
}

bool startsWithOneOf(std::string_view text, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view s) { return text.substr(0, s.size()) == s; });
}

bool isPlainUrl(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::string memberPath(const std::string& where, std::string_view name) {
  return where.empty() ? std::string(name) : where + "." + std::string(name);
}

std::string elementPath(const std::string& where, size_t index) { return where + "[" + std::to_string(index) + "]"; }

std::string stringMember(const json& object, const char* name) {
  const auto value = object.is_object() ? object.find(name) : object.end();
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

void FieldChecker::checkValue(const json& value, const std::string& where, const FieldRule& rule) {
  const auto wants = [&](bool fits, const char* what) {
    if (!fits) complain(where, std::string("Must be specified as ") + what);
    return fits;
  };
  const auto inLimits = [&](size_t length) {
    if (rule.least > 0 && length == 0)
      complain(where, "May not be empty");
    else if (length < static_cast<size_t>(rule.least) || length > static_cast<size_t>(rule.most))
      complain(where, "Length must be between " + std::to_string(rule.least) + " and " + std::to_string(rule.most));
  };
  switch (rule.form) {
    case Form::Units:
      if (wants(value.is_string(), "a string")) inLimits(line::utf16Length(value.get_ref<const std::string&>()));
      break;
    case Form::Signs:
      if (wants(value.is_string(), "a string")) inLimits(line::graphemeLength(value.get_ref<const std::string&>()));
      break;
    case Form::Url:
    case Form::Link:
      if (wants(value.is_string(), "a string")) {
        const auto& text = value.get_ref<const std::string&>();
        inLimits(text.size());
        const bool fits = rule.form == Form::Url ? startsWithOneOf(text, {"https://"})
                                                 : startsWithOneOf(text, {"http://", "https://", "line://", "tel:"});
        if (!fits || !isPlainUrl(text)) complain(where, "Invalid uri");
      }
      break;
    case Form::Whole:
      if (wants(value.is_number_integer(), "an integer") &&
          (value.get<int64_t>() < rule.least || value.get<int64_t>() > rule.most))
        complain(where, "Must be between " + std::to_string(rule.least) + " and " + std::to_string(rule.most));
      break;
    case Form::Number:
      wants(value.is_number(), "a number");
      break;
    case Form::Flag:
      wants(value.is_boolean(), "true or false");
      break;
    case Form::List:
      if (!wants(value.is_array(), "an array")) break;
      if (value.size() < static_cast<size_t>(rule.least) || value.size() > static_cast<size_t>(rule.most))
        complain(where, "Size must be between " + std::to_string(rule.least) + " and " + std::to_string(rule.most));
      break;
    case Form::Object:
      wants(value.is_object(), "an object");
      break;
    case Form::Unlooked:
      break;
  }
}

bool FieldChecker::check(const json& object, const std::string& where, std::initializer_list<FieldRule> rules,
                         std::initializer_list<FieldRule> more) {
  if (!object.is_object()) {
    complain(where, "Must be specified as an object");
    return false;
  }
  for (const auto list : {rules, more})
    for (const FieldRule& rule : list)
      if (rule.required && !object.contains(rule.name)) complain(memberPath(where, rule.name), "Must be specified");
  for (const auto& [name, value] : object.items()) {
    const FieldRule* rule = findRule(rules, name);
    if (!rule) rule = findRule(more, name);
    if (rule)
      checkValue(value, memberPath(where, name), *rule);
    else
      complain(memberPath(where, name), "Unknown property");
  }
  return true;
}

}  // namespace tsunagi::linesim
