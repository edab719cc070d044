#include "line/HtmlBits.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "line/CharacterClasses.h"
#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

constexpr size_t MAX_ENTITY = 12;
constexpr size_t MAX_TAG = 2500;

struct Entity {
  std::string_view name;
  std::string_view text;
};
constexpr Entity ENTITIES[] = {
    {"amp", "&"},        {"lt", "<"},          {"gt", ">"},         {"quot", "\""},       {"apos", "'"},
    {"nbsp", " "},       {"ensp", " "},        {"emsp", " "},       {"copy", "\u00A9"},   {"reg", "\u00AE"},
    {"trade", "\u2122"}, {"hellip", "\u2026"}, {"ndash", "\u2013"}, {"mdash", "\u2014"},  {"lsquo", "\u2018"},
    {"rsquo", "\u2019"}, {"ldquo", "\u201C"},  {"rdquo", "\u201D"}, {"laquo", "\u00AB"},  {"raquo", "\u00BB"},
    {"bull", "\u2022"},  {"middot", "\u00B7"}, {"times", "\u00D7"}, {"divide", "\u00F7"}, {"plusmn", "\u00B1"},
    {"deg", "\u00B0"},   {"yen", "\u00A5"},    {"euro", "\u20AC"},  {"pound", "\u00A3"},  {"cent", "\u00A2"},
    {"larr", "\u2190"},  {"uarr", "\u2191"},   {"rarr", "\u2192"},  {"darr", "\u2193"},   {"le", "\u2264"},
    {"ge", "\u2265"},    {"ne", "\u2260"},     {"infin", "\u221E"}, {"frac12", "\u00BD"}, {"sect", "\u00A7"},
};

constexpr std::string_view TAGS[] = {
    "a",   "abbr",  "b",    "big",    "blockquote", "br",  "center",  "code", "dd", "del", "details",
    "div", "dl",    "dt",   "em",     "font",       "h1",  "h2",      "h3",   "h4", "h5",  "h6",
    "hr",  "i",     "img",  "ins",    "kbd",        "li",  "mark",    "ol",   "p",  "pre", "q",
    "s",   "small", "span", "strong", "strike",     "sub", "summary", "sup",  "u",  "ul"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool sameName(std::string_view written, std::string_view lowerName) {
  return written.size() == lowerName.size() &&
         std::equal(written.begin(), written.end(), lowerName.begin(), [](char a, char b) { return lower(a) == b; });
}

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

void appendUtf8(char32_t c, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12), tail(6), tail(0);
  }
}

// A number reference between "&#" and ";".
bool readNumber(std::string_view digits, std::string& out) {
  const bool hex = !digits.empty() && lower(digits[0]) == 'x';
  if (hex) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 7) return false;
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = hexValue(c);
    if (digit < 0 || (!hex && digit > 9)) return false;
    value = value * (hex ? 16U : 10U) + static_cast<uint32_t>(digit);
  }
  const bool control = value < 0x20 || (value >= 0x7F && value < 0xA0);
  if (control || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return false;
  appendUtf8(value, out);
  return true;
}

// Reads attributes from position at up to the tag's end; false when the form is not strict.
class TagReader {
 public:
  TagReader(std::string_view text, size_t at) : _text(text), _at(at) {}

  bool read(HtmlTag& tag) {
    if (!take('<')) return false;
    tag.closing = take('/');
    const size_t begin = _at;
    while (isAsciiAlnum(peek())) ++_at;
    tag.name = _text.substr(begin, _at - begin);
    if (std::none_of(std::begin(TAGS), std::end(TAGS), [&](std::string_view known) { return tag.is(known); }))
      return false;
    while (space() && !ends())
      if (!attribute(tag)) return false;
    if (!tag.closing) take('/');
    return take('>');
  }
  size_t at() const { return _at; }

 private:
  char peek() const { return _at < _text.size() ? _text[_at] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++_at;
    return true;
  }
  bool ends() const { return peek() == '>' || peek() == '/'; }
  bool space() {
    const size_t begin = _at;
    while (peek() == ' ' || peek() == '\t') ++_at;
    return _at > begin;
  }
  bool attribute(HtmlTag& tag) {
    const size_t begin = _at;
    while (isAsciiAlnum(peek()) || peek() == '-') ++_at;
    const std::string_view name = _text.substr(begin, _at - begin);
    if (name.empty()) return false;
    if (!take('=')) return sameName(name, "open");
    const char quote = peek();
    if (quote != '"' && quote != '\'') return false;
    const size_t end = _text.find(quote, _at + 1);
    if (end == std::string_view::npos) return false;
    const std::string_view value = _text.substr(_at + 1, end - _at - 1);
    _at = end + 1;
    if (sameName(name, "href")) tag.href = value;
    if (sameName(name, "src")) tag.src = value;
    if (sameName(name, "alt")) tag.alt = value;
    return true;
  }

  std::string_view _text;
  size_t _at;
};

}  // namespace

size_t readEntity(std::string_view text, size_t at, std::string& out) {
  const std::string_view window = text.substr(at + 1, MAX_ENTITY);
  const size_t end = window.find(';');
  if (end == std::string_view::npos || end == 0) return 0;
  const std::string_view name = window.substr(0, end);
  if (name[0] == '#') return readNumber(name.substr(1), out) ? end + 2 : 0;
  for (const Entity& entity : ENTITIES)
    if (entity.name == name) {
      out += entity.text;
      return end + 2;
    }
  return 0;
}

bool HtmlTag::is(std::string_view lowerName) const { return sameName(name, lowerName); }

HtmlTag readTag(std::string_view text, size_t at) {
  const std::string_view window = text.substr(at, MAX_TAG);
  HtmlTag tag;
  TagReader reader(window.substr(0, window.find('\n')), 0);
  if (!reader.read(tag)) return {};
  tag.bytes = reader.at();
  return tag;
}

}  // namespace tsunagi::line
