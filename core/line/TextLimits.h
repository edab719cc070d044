#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::line {

// LINE's limit of one text message, in UTF-16 code units.
constexpr size_t MAX_TEXT_UNITS = 5000;
// Messages in one reply or push.
constexpr size_t MAX_MESSAGES = 5;

// Length of UTF-8 text in UTF-16 code units, as LINE counts. A byte that is not UTF-8 counts as one unit (U+FFFD).
size_t utf16Length(std::string_view text);

// How many signs a reader sees, by the rules splitText() cuts by: LINE counts labels and template texts so.
size_t graphemeLength(std::string_view text);

// The beginning of text with at most maxSigns signs, or at most maxUnits UTF-16 units, cut between signs. The last sign
// of a text that was cut is "…" (one unit); 0 gives "".
std::string cutSigns(std::string_view text, size_t maxSigns);
std::string cutUnits(std::string_view text, size_t maxUnits);

// Cuts text into pieces of at most maxUnits UTF-16 units (at least 16), in order. A cut prefers, in the second half of
// a piece, an empty line, then a line end, a sentence end, the end of a Chinese or Japanese clause, a space; white
// space at the cut goes. Without one of these it falls between two characters, if possible where neither a word of
// ASCII letters nor what Japanese typesetting and Thai vowels keep together is parted; never inside a surrogate pair
// and not inside a sequence that shows as one sign (marks, joiners, variation selectors, skin tones, flags) unless that
// sequence alone is longer than half a piece. No piece is empty; empty text gives none. Linear time.
std::vector<std::string> splitText(std::string_view text, size_t maxUnits = MAX_TEXT_UNITS);

}  // namespace tsunagi::line
