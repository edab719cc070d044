#include "line/TextRanges.h"

#include <algorithm>

#include "line/CharacterClasses.h"
#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

constexpr std::string_view WIDE_SPACE = "\xE3\x80\x80";  // U+3000

// Bytes of the white space the text ends with; 0 for none.
size_t trailingSpace(std::string_view text) {
  if (!text.empty() && isSpace(static_cast<unsigned char>(text.back()))) return 1;
  const bool wide = text.size() >= WIDE_SPACE.size() && text.substr(text.size() - WIDE_SPACE.size()) == WIDE_SPACE;
  return wide ? WIDE_SPACE.size() : 0;
}

bool endsWithSpace(std::string_view text) { return text.empty() || trailingSpace(text) > 0; }

void dropTrailingSpace(std::string& text) {
  std::string_view rest = text;
  while (const size_t length = trailingSpace(rest)) rest.remove_suffix(length);
  text.erase(rest.size());
}

}  // namespace

std::string withoutRanges(std::string_view text, std::vector<TextRange> ranges) {
  ranges.erase(
      std::remove_if(ranges.begin(), ranges.end(), [](const TextRange& r) { return r.index < 0 || r.length <= 0; }),
      ranges.end());
  std::sort(ranges.begin(), ranges.end(), [](const TextRange& a, const TextRange& b) { return a.index < b.index; });
  std::string kept;
  kept.reserve(text.size());
  int64_t unit = 0;
  int64_t removedUpTo = 0;  // the end of the ranges begun so far
  auto next = ranges.begin();
  bool justRemoved = false;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decodeUtf8(text, at);
    const int64_t units = static_cast<int64_t>(point.utf16Units());
    for (; next != ranges.end() && next->index < unit + units; ++next)
      removedUpTo =
          std::max(removedUpTo, next->length > INT64_MAX - next->index ? INT64_MAX : next->index + next->length);
    if (unit < removedUpTo) {
      justRemoved = true;
    } else if (!justRemoved || !isSpace(point.value) || !endsWithSpace(kept)) {
      kept += text.substr(at, point.bytes);
      justRemoved = false;
    }
    unit += units;
    at += point.bytes;
  }
  if (justRemoved) dropTrailingSpace(kept);
  return kept;
}

}  // namespace tsunagi::line
