#include "chat/Phrases.h"

#include <algorithm>

#include "chat/PhraseTables.h"

namespace tsunagi::chat {
namespace {

constexpr int64_t MINUTE_MS = 60'000;
constexpr int64_t HOUR_MS = 60 * MINUTE_MS;
constexpr int64_t DAY_MS = 24 * HOUR_MS;

template <typename Values>
std::string fillFrom(std::string_view text, const Values& values) {
  std::string filled;
  filled.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    if (open == std::string_view::npos) break;
    filled.append(text, at, open - at);
    const size_t close = text.find_first_of("{}", open + 1);
    const bool named = close != std::string_view::npos && text[close] == '}';
    const PhraseValue* found = nullptr;
    if (named) {
      const std::string_view name = text.substr(open + 1, close - open - 1);
      for (const auto& value : values)
        if (value.name == name) found = &value;
    }
    // What is no place goes out as it stands, up to the next brace that may begin one.
    const size_t end = close == std::string_view::npos ? text.size() : named ? close + 1 : close;
    filled.append(found != nullptr ? found->text : text.substr(open, end - open));
    at = end;
  }
  if (at < text.size()) filled.append(text, at, std::string_view::npos);
  return filled;
}

}  // namespace

std::optional<Language> parseLanguage(std::string_view text) {
  for (const Language language : LANGUAGES)
    if (code(language) == text) return language;
  return std::nullopt;
}

std::string_view code(Language language) {
  switch (language) {
    case Language::Japanese:
      return "ja";
    case Language::ChineseTraditional:
      return "zh-TW";
    case Language::Thai:
      return "th";
    case Language::English:
      break;
  }
  return "en";
}

std::string_view phrase(Phrase what, Language language) {
  switch (language) {
    case Language::Japanese:
      return phraseInJapanese(what);
    case Language::ChineseTraditional:
      return phraseInChineseTraditional(what);
    case Language::Thai:
      return phraseInThai(what);
    case Language::English:
      break;
  }
  return phraseInEnglish(what);
}

std::string fillIn(std::string_view text, std::initializer_list<PhraseValue> values) { return fillFrom(text, values); }

std::string fillIn(std::string_view text, const std::vector<PhraseValue>& values) { return fillFrom(text, values); }

std::string say(Phrase what, Language language, std::initializer_list<PhraseValue> values) {
  return fillFrom(phrase(what, language), values);
}

PhraseUse useOf(Phrase what) {
  switch (what) {
    case Phrase::SlowText:
    case Phrase::StillWorking:
    case Phrase::ContinueText:
      return PhraseUse::ButtonText;
    case Phrase::SlowLabel:
    case Phrase::ContinueLabel:
      return PhraseUse::Label;
    default:
      return PhraseUse::Message;
  }
}

std::string sayDuration(int64_t ms, Language language) {
  const int64_t minutes = std::max<int64_t>(1, ms / MINUTE_MS + (ms % MINUTE_MS > 0 ? 1 : 0));
  const bool days = minutes % (DAY_MS / MINUTE_MS) == 0;
  const bool hours = minutes % (HOUR_MS / MINUTE_MS) == 0;
  const Phrase unit = days ? Phrase::Days : hours ? Phrase::Hours : Phrase::Minutes;
  const std::string count = std::to_string(days    ? minutes / (DAY_MS / MINUTE_MS)
                                           : hours ? minutes / (HOUR_MS / MINUTE_MS)
                                                   : minutes);
  return say(unit, language, {{"count", count}});
}

}  // namespace tsunagi::chat
