#pragma once
#include <map>
#include <string>
#include <string_view>

namespace tsunagi::linesim {

// Fields of an application/x-www-form-urlencoded body. A name given twice keeps its first value.
class FormFields {
 public:
  explicit FormFields(std::string_view body);
  std::string value(std::string_view name) const;  // empty when there is none

 private:
  std::map<std::string, std::string, std::less<>> _values;
};

// "+" and %XX decoded; a broken escape stays as it is.
std::string decodeForm(std::string_view text);

}  // namespace tsunagi::linesim
