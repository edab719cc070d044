#pragma once
#include <optional>
#include <string_view>

namespace tsunagi::chat {

// The languages in which the bridge itself speaks to LINE users.
enum class Language { Japanese, ChineseTraditional, Thai, English };
std::optional<Language> parseLanguage(std::string_view code);  // "ja", "zh-TW", "th", "en"

// What it says. One sentence each, without internals, with what to do next.
enum class Phrase {
  NoAnswer,  // the responder failed
  TooSlow,   // its time was up
  Empty,     // it answered nothing
  GaveUp,    // the message could not be handled after several tries
  CutMark    // at the end of an answer that is longer than LINE takes
};
std::string_view phrase(Phrase what, Language language);

}  // namespace tsunagi::chat
