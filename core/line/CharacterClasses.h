#pragma once
#include <cstddef>
#include <string_view>

namespace tsunagi::line {

// What the text code needs to know of single characters.

bool isAsciiPunctuation(char32_t c);  // as CommonMark names it: what a backslash can escape
bool isAsciiAlnum(char32_t c);
bool isSpace(char32_t c);        // space, tab, line ends, ideographic space (U+3000)
bool isPunctuation(char32_t c);  // also wide and general punctuation, symbols and emoji

// Does c show as part of the character before it (Unicode's Grapheme_Cluster_Break Extend, SpacingMark and ZWJ)?
bool extendsGrapheme(char32_t c);

// How wide text is in half-width columns: 2 for East Asian wide and full-width characters and emoji, 0 for marks.
size_t displayWidth(std::string_view text);

}  // namespace tsunagi::line
