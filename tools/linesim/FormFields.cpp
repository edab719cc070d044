#include "tools/linesim/FormFields.h"

#include <algorithm>

#include "base/Encoding.h"

namespace tsunagi::linesim {

std::string decodeForm(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      out += ' ';
    } else if (const auto byte = text[at] == '%' ? fromHex(text.substr(at + 1, 2)) : std::nullopt;
               byte && byte->size() == 1) {
      out += *byte;
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

FormFields::FormFields(std::string_view body) {
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      _values.emplace(decodeForm(pair.substr(0, equals)), decodeForm(pair.substr(equals + 1)));
  }
}

std::string FormFields::value(std::string_view name) const {
  const auto found = _values.find(name);
  return found == _values.end() ? std::string() : found->second;
}

}  // namespace tsunagi::linesim
