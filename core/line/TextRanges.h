#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::line {

// A part of a text in UTF-16 units, as LINE counts in mentions and emoji. From outside: may lie anywhere.
struct TextRange {
  int64_t index = 0;
  int64_t length = 0;
};

// The UTF-8 text without what lies in the ranges, given in any order. A character goes when any of its units is in a
// range, so that none is ever halved; what lies outside the text, negative or overlapping ranges do no harm. With a
// range goes the white space behind it when nothing or white space is before it, and at the text's end the white space
// before it. Time: of the text's length and of sorting the ranges.
std::string withoutRanges(std::string_view text, std::vector<TextRange> ranges);

}  // namespace tsunagi::line
