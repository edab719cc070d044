#include "line/PlainLines.h"

#include <algorithm>
#include <utility>

namespace tsunagi::line {
namespace {

constexpr size_t NONE = std::string_view::npos;
constexpr size_t MAX_QUOTES = 32;
constexpr size_t TAB = 4;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isBlank(char c) { return c == ' ' || c == '\t'; }

size_t runOf(std::string_view text, size_t at, char c) {
  return std::min(text.find_first_not_of(c, at), text.size()) - at;
}

std::string_view withoutTrailingBlanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Takes quote marks off the front of text; returns how many. A run of '>' counts only before white space or the end,
// for ">_<" is none.
size_t takeQuotes(std::string_view& text, size_t most) {
  size_t depth = 0;
  while (depth < most) {
    const size_t begin = runOf(text, 0, ' ');
    const size_t run = runOf(text, begin, '>');
    const size_t end = begin + run;
    if (begin > 3 || run == 0 || (end < text.size() && !isBlank(text[end]))) break;
    const size_t taken = std::min(run, most - depth);
    depth += taken;
    text.remove_prefix(begin + taken);
    if (taken == run && !text.empty()) text.remove_prefix(1);
  }
  return depth;
}

}  // namespace

std::string_view SourceLine::raw(size_t maxQuotes, size_t maxColumns) const {
  std::string_view rest = text;
  takeQuotes(rest, maxQuotes);
  size_t columns = 0;
  while (!rest.empty() && isBlank(rest.front()) && columns < maxColumns) {
    columns += rest.front() == '\t' ? TAB - columns % TAB : 1;
    rest.remove_prefix(1);
  }
  return rest;
}

std::vector<SourceLine> linesOf(std::string_view text) {
  std::vector<SourceLine> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    SourceLine line;
    line.text = text.substr(begin, end - begin);
    if (!line.text.empty() && line.text.back() == '\r') line.text.remove_suffix(1);
    std::string_view rest = line.text;
    line.quotes = takeQuotes(rest, MAX_QUOTES);
    line.whole = withoutTrailingBlanks(rest);
    line.body = line.whole;
    while (!line.body.empty() && isBlank(line.body.front())) {
      line.column += line.body.front() == '\t' ? TAB - line.column % TAB : 1;
      line.body.remove_prefix(1);
    }
    lines.push_back(line);
    begin = end + 1;
  }
  return lines;
}

ListMarker listMarkerAt(std::string_view body) {
  ListMarker marker;
  if (body.empty()) return marker;
  size_t end = 0;
  if (body[0] == '-' || body[0] == '*' || body[0] == '+') {
    end = 1;
  } else {
    while (end < body.size() && end < 9 && isDigit(body[end])) {
      marker.number = marker.number * 10 + static_cast<uint32_t>(body[end] - '0');
      ++end;
    }
    if (end == 0 || end == body.size() || (body[end] != '.' && body[end] != ')')) return {};
    marker.ordered = true;
    marker.digits = body.substr(0, end);
    marker.delimiter = body[end++];
  }
  if (end < body.size() && !isBlank(body[end])) return {};
  while (end < body.size() && isBlank(body[end])) ++end;
  marker.bytes = end;
  const std::string_view box = body.substr(end, 4);
  if (box.size() < 4 || box[0] != '[' || box[2] != ']' || !isBlank(box[3])) return marker;
  if (box[1] == ' ')
    marker.task = ListMarker::Task::Open;
  else if (box[1] == 'x' || box[1] == 'X')
    marker.task = ListMarker::Task::Done;
  else
    return marker;
  marker.bytes = end + 4;
  while (marker.bytes < body.size() && isBlank(body[marker.bytes])) ++marker.bytes;
  return marker;
}

Fence fenceAt(std::string_view body) {
  if (body.empty() || (body[0] != '`' && body[0] != '~')) return {};
  const size_t length = runOf(body, 0, body[0]);
  if (length < 3 || (body[0] == '`' && body.find('`', length) != NONE)) return {};
  return {body[0], length};
}

bool closesFence(std::string_view line, const Fence& fence) {
  const size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  const size_t length = runOf(line, begin, fence.sign);
  return length >= fence.length && line.find_first_not_of(" \t", begin + length) == NONE;
}

bool isRule(std::string_view body) {
  if (body.empty() || (body[0] != '-' && body[0] != '*' && body[0] != '_')) return false;
  size_t signs = 0;
  for (const char c : body) {
    if (c == body[0])
      ++signs;
    else if (!isBlank(c))
      return false;
  }
  return signs >= 3;
}

bool isUnderline(std::string_view body) {
  return body.size() >= 2 && (body[0] == '=' || body[0] == '-') && runOf(body, 0, body[0]) == body.size();
}

std::string_view headingOf(std::string_view body) {
  const size_t level = runOf(body, 0, '#');
  if (level == 0 || level > 6 || level == body.size() || !isBlank(body[level])) return {};
  std::string_view title = body.substr(level);
  title.remove_prefix(std::min(title.find_first_not_of(" \t"), title.size()));
  const size_t last = title.find_last_not_of('#');
  if (last != NONE && isBlank(title[last])) title = withoutTrailingBlanks(title.substr(0, last + 1));
  return title;
}

std::string_view mathClosing(std::string_view body) {
  for (const auto& [opening, closing] : {std::pair<std::string_view, std::string_view>{"$$", "$$"}, {"\\[", "\\]"}})
    if (body.substr(0, 2) == opening && body.find(closing, 2) == NONE) return closing;
  return {};
}

}  // namespace tsunagi::line
