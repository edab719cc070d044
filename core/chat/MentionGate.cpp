#include "chat/MentionGate.h"

#include <algorithm>
#include <optional>

#include "chat/TypedText.h"

namespace tsunagi::chat {
namespace {

struct Range {
  size_t from, to;  // signs
};

std::u32string signsOf(std::string_view text) {
  std::u32string signs;
  for (const auto& sign : TypedText(text).signs) signs.push_back(sign.value);
  signs.pop_back();
  return signs;
}

bool usable(std::string_view name) { return !name.empty() && name.size() <= BotNames::MAX_NAME_BYTES; }

// What was typed by hand is often followed by one of these; it belongs to the address.
bool isAddressEnd(char32_t c) { return c == ',' || c == ':' || c == ';' || c == 0x3001 || c == 0xFF64; }

// How far `name` reaches at `at`, spaces of the name being optional in the text; 0: it does not stand there as a word.
size_t matchName(const TypedText& text, size_t at, const std::u32string& name) {
  const size_t begin = at;
  for (const char32_t c : name) {
    const bool here = at < text.size() && text.signs[at].value == c;
    if (here) {
      ++at;
    } else if (!isSpace(c)) {
      return 0;
    }
  }
  const bool splitsWord =
      at > begin && at < text.size() && isWordSign(text.signs[at - 1].value) && isWordSign(text.signs[at].value);
  return splitsWord ? 0 : at - begin;
}

// The text without the ranges (in order, not overlapping), each replaced by one space between words, trimmed.
std::string without(std::string_view original, const TypedText& text, const std::vector<Range>& ranges) {
  std::string rest;
  size_t at = 0;
  const auto keep = [&](size_t from, size_t to) {
    const auto part = trimTyped(original.substr(text.signs[from].byte, text.signs[to].byte - text.signs[from].byte));
    if (part.empty()) return;
    if (!rest.empty()) rest += ' ';
    rest += part;
  };
  for (const auto& range : ranges) {
    keep(at, range.from);
    at = range.to;
  }
  keep(at, text.size());
  return rest;
}

// Behind an address also its comma or colon goes.
size_t pastAddressEnd(const TypedText& text, size_t at) {
  return at < text.size() && isAddressEnd(text.signs[at].value) ? at + 1 : at;
}

// Where LINE says that the bot is mentioned; nothing is said of ranges outside the text.
bool mentions(const line::EventMessage& message, const BotNames& names, const TypedText& text,
              std::vector<Range>& ranges) {
  bool mentioned = false;
  for (const auto& mentionee : message.mentionees) {
    const bool bot = mentionee.isSelf || (!names.userId.empty() && mentionee.userId == names.userId);
    if (!bot) continue;
    mentioned = true;
    if (mentionee.index < 0 || mentionee.length <= 0) continue;
    const auto units = static_cast<int64_t>(text.signs.back().utf16Unit);
    if (mentionee.index > units || mentionee.length > units - mentionee.index) continue;
    const size_t from = text.atUtf16(static_cast<size_t>(mentionee.index));
    const size_t to = text.atUtf16(static_cast<size_t>(mentionee.index + mentionee.length));
    if (from < to) ranges.push_back({from, pastAddressEnd(text, to)});
  }
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.from < b.from; });
  size_t end = 0;
  const auto overlaps = [&end](const Range& range) {
    const bool over = range.from < end;
    if (!over) end = range.to;
    return over;
  };
  ranges.erase(std::remove_if(ranges.begin(), ranges.end(), overlaps), ranges.end());
  return mentioned;
}

// A configured prefix at the beginning.
std::optional<Range> prefixIn(const TypedText& text, const std::vector<std::string>& prefixes) {
  size_t begin = 0;
  while (begin < text.size() && isSpace(text.signs[begin].value)) ++begin;
  const size_t count = std::min(prefixes.size(), BotNames::MAX_PREFIXES);
  size_t longest = 0;
  for (size_t i = 0; i < count; ++i)
    if (usable(prefixes[i])) longest = std::max(longest, matchName(text, begin, signsOf(trimTyped(prefixes[i]))));
  if (longest == 0) return std::nullopt;
  return Range{begin, pastAddressEnd(text, begin + longest)};
}

// '@' and the bot's name, anywhere, but not within a word.
std::optional<Range> nameIn(const TypedText& text, std::string_view displayName) {
  if (!usable(displayName)) return std::nullopt;
  auto name = signsOf(trimTyped(displayName));
  if (!name.empty() && name.front() == '@') name.erase(name.begin());
  if (name.empty()) return std::nullopt;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text.signs[at].value != '@' || (at > 0 && isWordSign(text.signs[at - 1].value))) continue;
    size_t from = at + 1;
    if (from < text.size() && isSpace(text.signs[from].value)) ++from;
    const size_t length = matchName(text, from, name);
    if (length > 0) return Range{at, pastAddressEnd(text, from + length)};
  }
  return std::nullopt;
}

}  // namespace

Addressing mentionGate(const line::EventMessage& message, const BotNames& names, bool quotesBot) {
  Addressing result;
  result.text = message.text;
  if (message.type != "text") return result;
  const TypedText text(message.text);
  std::vector<Range> ranges;
  if (mentions(message, names, text, ranges)) {
    result.how = Addressing::How::Mention;
  } else if (const auto prefix = prefixIn(text, names.prefixes)) {
    result.how = Addressing::How::Prefix;
    ranges.push_back(*prefix);
  } else if (const auto name = nameIn(text, names.displayName)) {
    result.how = Addressing::How::Name;
    ranges.push_back(*name);
  } else if (quotesBot) {
    result.how = Addressing::How::Quote;
  }
  if (result.addressed()) result.text = without(message.text, text, ranges);
  return result;
}

}  // namespace tsunagi::chat
