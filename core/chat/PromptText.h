#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "chat/Phrases.h"

namespace tsunagi::chat {

// The system prompt and its variables (J29, S24).

struct CivilTime {
  int64_t year = 1970;
  int month = 1, day = 1;  // from 1
  int weekday = 4;         // 0 = Sunday
  int hour = 0, minute = 0;
};
CivilTime civilTime(int64_t wallMs, int offsetMinutes);  // minutes east of UTC

std::string_view defaultPrompt(Language language);

// What the model is told when somebody wants the rest of an answer that ended at its length limit.
std::string_view continueRequest(Language language);

struct PromptFacts {
  Language language = Language::Japanese;
  int64_t wallMs = 0;
  int offsetMinutes = 0;
  std::string userName;   // as LINE shows it, unchecked; empty: not known
  std::string groupName;  // empty in 1:1
};

struct Prompt {
  std::string system;
  // One line of JSON, {"user":"…","group":"…"}, with the names that the prompt speaks of; empty when it speaks of none.
  // It belongs before the question, in the user's role: names are what strangers chose (S24).
  std::string data;
};

// Replaces {date} {weekday} {time} by the local time, and {user} {group} by a reference to `data`; unknown {x} and lone
// braces stay as they are. What was put in is not looked at again. An empty text is the language's default prompt.
Prompt makePrompt(std::string_view text, const PromptFacts& facts);

// A name that strangers chose, fit for JSON data: at most maxSigns characters, control, bidirectional and invisible
// characters and line separators taken out, bytes that are not UTF-8 become U+FFFD.
std::string cleanName(std::string_view name, size_t maxSigns = 64);

}  // namespace tsunagi::chat
