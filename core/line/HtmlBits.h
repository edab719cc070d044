#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tsunagi::line {

// The little HTML that stands in Markdown.

// The character reference at position at (an '&') becomes UTF-8 text in out; returns the bytes it took, 0 when it is
// none of those known (numeric ones and the common names) or names a control character.
size_t readEntity(std::string_view text, size_t at, std::string& out);

struct HtmlTag {
  size_t bytes = 0;       // taken, 0 = this is no tag of the known names
  std::string_view name;  // as written
  bool closing = false;
  std::string_view href;  // attributes that matter here, still with entities
  std::string_view src;
  std::string_view alt;

  bool is(std::string_view lowerName) const;
};

// Reads the tag at position at (a '<') when it is one of HTML's common formatting tags in strict form: "<T>" of a
// program or "a <b and c> d" are none. Looks at most 2500 bytes ahead and not beyond the line.
HtmlTag readTag(std::string_view text, size_t at);

}  // namespace tsunagi::line
