#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::linesim {

// One fault in a request, as LINE's error body lists it.
struct RuleViolation {
  std::string property;  // "messages[0].text"
  std::string message;
};

// What may stand in one member of an object.
struct FieldRule {
  enum class Form : uint8_t {
    Units,    // a string of least to most UTF-16 units
    Signs,    // a string of least to most grapheme clusters
    Url,      // https://…, at most `most` characters
    Link,     // a URI action's: http, https, line or tel, at most `most` characters
    Whole,    // an integer from least to most
    Number,   // any number
    Flag,     // true or false
    List,     // an array of least to most elements
    Object,   // an object
    Unlooked  // anything
  };
  const char* name;
  Form form;
  bool required = false;
  int64_t least = 0;
  int64_t most = INT64_MAX;
};

// Collects the violations of one request body.
class FieldChecker {
 public:
  // Checks each member of object by its rule; one without a rule is a violation. where is the object's own path, empty
  // for the body. False when it is no object at all.
  bool check(const nlohmann::json& object, const std::string& where, std::initializer_list<FieldRule> rules,
             std::initializer_list<FieldRule> more = {});
  void complain(std::string property, std::string message) {
    found.push_back({std::move(property), std::move(message)});
  }
  std::vector<RuleViolation> found;

 private:
  void checkValue(const nlohmann::json& value, const std::string& where, const FieldRule& rule);
};

// The path of a member or of an element.
std::string memberPath(const std::string& where, std::string_view name);
std::string elementPath(const std::string& where, size_t index);
// The string member name; empty when there is none.
std::string stringMember(const nlohmann::json& object, const char* name);

}  // namespace tsunagi::linesim
