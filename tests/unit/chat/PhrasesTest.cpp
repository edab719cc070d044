#include "chat/Phrases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "chat/Commands.h"
#include "line/TextLimits.h"
#include "line/Utf8.h"

namespace tsunagi::chat {
namespace {

std::multiset<std::string> placesIn(std::string_view text) {
  std::multiset<std::string> places;
  for (size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    places.insert(std::string(text.substr(open, close - open + 1)));
  }
  return places;
}

// Characters of a text in a range.
size_t countBetween(std::string_view text, char32_t from, char32_t to) {
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const auto point = line::decodeUtf8(text, at);
    if (point.value >= from && point.value <= to) ++count;
    at += point.bytes;
  }
  return count;
}

size_t kana(std::string_view text) { return countBetween(text, 0x3041, 0x30FA); }
size_t han(std::string_view text) { return countBetween(text, 0x4E00, 0x9FFF); }
size_t thai(std::string_view text) { return countBetween(text, 0x0E01, 0x0E5B); }

template <typename Visit>
void eachPhrase(Visit visit) {
  for (size_t i = 0; i < PHRASE_COUNT; ++i)
    for (const Language language : LANGUAGES) {
      const auto what = static_cast<Phrase>(i);
      SCOPED_TRACE(std::string(code(language)) + ": " + std::string(phrase(what, language)));
      visit(what, language, phrase(what, language));
    }
}

TEST(Phrases, EveryoneIsThereInEveryLanguage) {
  eachPhrase([](Phrase what, Language, std::string_view text) {
    ASSERT_FALSE(text.empty()) << "phrase " << static_cast<int>(what);
    EXPECT_EQ(placesIn(text), placesIn(phrase(what, Language::English)));
    EXPECT_EQ(countBetween(text, 0, 0x1F), countBetween(text, '\n', '\n')) << "control characters";
    EXPECT_EQ(countBetween(text, 0xFFFD, 0xFFFD), 0u);
    EXPECT_NE(text.front(), ' ');
    EXPECT_NE(text.back(), ' ');
  });
}

// What is longest in a place: a name of 64 signs, LINE's ids, a list of models.
TEST(Phrases, FitIntoLinesLimits) {
  eachPhrase([](Phrase what, Language, std::string_view text) {
    switch (useOf(what)) {
      case PhraseUse::Label:
        EXPECT_LE(line::graphemeLength(text), 20u);
        EXPECT_TRUE(placesIn(text).empty());
        break;
      case PhraseUse::ButtonText:
        EXPECT_LE(line::graphemeLength(text), 160u);
        EXPECT_TRUE(placesIn(text).empty());
        break;
      case PhraseUse::Message:
        EXPECT_LE(line::utf16Length(text), 300u);
        break;
    }
  });
}

// A sentence in the wrong column would go unnoticed by those who do not read it.
TEST(Phrases, AreWrittenInTheirLanguage) {
  eachPhrase([](Phrase, Language language, std::string_view text) {
    std::string words(text);
    for (const auto& place : placesIn(text)) words.erase(words.find(place), place.size());
    const bool hasWords =
        std::any_of(words.begin(), words.end(), [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0xE0; });
    if (!hasWords || words.find("🎤") != std::string::npos) return;
    switch (language) {
      case Language::Japanese:
        EXPECT_GT(kana(words) + han(words), 0u);
        EXPECT_EQ(thai(words), 0u);
        break;
      case Language::ChineseTraditional:
        EXPECT_GT(han(words), 0u);
        EXPECT_EQ(kana(words) + thai(words), 0u);
        // Characters that only the simplified script has.
        for (const std::string_view simplified :
             {"这", "请", "们", "发", "会", "对", "话", "说", "时", "间", "问", "个", "来"})
          EXPECT_EQ(words.find(simplified), std::string::npos) << simplified;
        break;
      case Language::Thai:
        EXPECT_GT(thai(words), 0u);
        EXPECT_EQ(kana(words) + han(words), 0u);
        break;
      case Language::English:
        EXPECT_EQ(kana(words) + han(words) + thai(words), 0u);
        break;
    }
  });
}

TEST(Phrases, HelpHasALineForEachCommand) {
  const auto first = static_cast<size_t>(Phrase::HelpHelp);
  EXPECT_EQ(static_cast<size_t>(Phrase::HelpProject) - first + 1, COMMAND_COUNT);
  EXPECT_EQ(first + static_cast<size_t>(Command::Pause), static_cast<size_t>(Phrase::HelpPause));
  EXPECT_EQ(first + static_cast<size_t>(Command::Pair), static_cast<size_t>(Phrase::HelpPair));
}

TEST(Phrases, FillingIn) {
  EXPECT_EQ(fillIn("a {x} b {y}", {{"x", "1"}, {"y", "2"}}), "a 1 b 2");
  EXPECT_EQ(fillIn("{x}{x}", {{"x", "1"}}), "11");
  EXPECT_EQ(fillIn("{x}{y}", {{"x", "{y}"}, {"y", "{x}"}}), "{y}{x}") << "what was put in is not looked at again";
  EXPECT_EQ(fillIn("{x}}", {{"x", "{"}}), "{}");
  EXPECT_EQ(fillIn("{{x}}", {{"x", "1"}}), "{1}");
  EXPECT_EQ(fillIn("{z} {} { } {x", {{"x", "1"}}), "{z} {} { } {x");
  EXPECT_EQ(fillIn("}{", {{"x", "1"}}), "}{");
  EXPECT_EQ(fillIn("", {{"x", "1"}}), "");
  EXPECT_EQ(fillIn("{x}", {{"x", ""}}), "");
  const std::string braces(100'000, '{');
  EXPECT_EQ(fillIn(braces, {{"x", "1"}}), braces);
}

TEST(Phrases, NoPlaceIsLeftWhenFilled) {
  const std::string value = "V";
  eachPhrase([&](Phrase what, Language language, std::string_view text) {
    std::vector<std::string> names;
    for (const auto& place : placesIn(text)) names.push_back(place.substr(1, place.size() - 2));
    std::vector<PhraseValue> values;
    for (const auto& name : names) values.push_back({name, value});
    EXPECT_TRUE(placesIn(fillIn(phrase(what, language), values)).empty());
  });
}

TEST(Phrases, Durations) {
  constexpr int64_t MINUTE = 60'000;
  EXPECT_EQ(sayDuration(MINUTE, Language::Japanese), "1分");
  EXPECT_EQ(sayDuration(90 * MINUTE, Language::English), "90 min");
  EXPECT_EQ(sayDuration(120 * MINUTE, Language::ChineseTraditional), "2 小時");
  EXPECT_EQ(sayDuration(2880 * MINUTE, Language::Thai), "2 วัน");
  EXPECT_EQ(sayDuration(59 * MINUTE + 1, Language::English), "1 h") << "rounded up";
  EXPECT_EQ(sayDuration(0, Language::English), "1 min");
  EXPECT_EQ(sayDuration(-5, Language::English), "1 min");
}

TEST(Phrases, LanguageCodes) {
  for (const Language language : LANGUAGES) EXPECT_EQ(parseLanguage(code(language)), language);
  for (const auto* other : {"", "JA", "zh", "zh-CN", "de"}) EXPECT_EQ(parseLanguage(other), std::nullopt);
}

}  // namespace
}  // namespace tsunagi::chat
