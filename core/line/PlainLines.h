#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tsunagi::line {

// What a single line of Markdown is, for plainText(). Views point into the text.

struct SourceLine {
  std::string_view text;   // the line without its end
  size_t quotes = 0;       // depth of "> " marks, at most 32: further ones are text
  std::string_view whole;  // behind the marks, without white space at its end
  std::string_view body;   // whole without its indentation
  size_t column = 0;       // of body; a tab goes to the next multiple of 4

  // The line's bytes behind at most that many quote marks and at most that many columns of white space.
  std::string_view raw(size_t maxQuotes, size_t maxColumns) const;
};
std::vector<SourceLine> linesOf(std::string_view text);

struct ListMarker {
  enum class Task : uint8_t { None, Open, Done };
  size_t bytes = 0;  // with the white space behind it and the task's box; 0 = none
  bool ordered = false;
  std::string_view digits;  // at most 9
  uint32_t number = 0;
  char delimiter = '.';
  Task task = Task::None;
};
ListMarker listMarkerAt(std::string_view body);

struct Fence {
  char sign = '`';
  size_t length = 0;  // 0 = none
};
Fence fenceAt(std::string_view body);
bool closesFence(std::string_view line, const Fence& fence);

bool isRule(std::string_view body);                 // "---", "* * *"
bool isUnderline(std::string_view body);            // "===" or "---" under a heading
std::string_view headingOf(std::string_view body);  // the text of "## text ##"; empty when it is none
// The sign that ends the LaTeX block begun here ("$$" or "\]"); empty when none begins or it ends on this line.
std::string_view mathClosing(std::string_view body);

}  // namespace tsunagi::line
