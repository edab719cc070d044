#include "line/LinkTarget.h"

#include <algorithm>

#include "line/CharacterClasses.h"
#include "line/HtmlBits.h"

namespace tsunagi::line {
namespace {

constexpr size_t MAX_ADDRESS = 2048;
constexpr size_t MAX_TITLE = 512;
constexpr size_t MAX_DEPTH = 32;
constexpr size_t NONE = std::string_view::npos;

char charAt(std::string_view text, size_t at) { return at < text.size() ? text[at] : '\0'; }

bool isEscaped(std::string_view text, size_t at) {
  return text[at] == '\\' && isAsciiPunctuation(static_cast<unsigned char>(charAt(text, at + 1)));
}

size_t skipSpace(std::string_view text, size_t at) {
  while (charAt(text, at) == ' ' || charAt(text, at) == '\t' || charAt(text, at) == '\n') ++at;
  return at;
}

// The end of the address that begins at at, or NONE.
size_t endOfAddress(std::string_view text, size_t at) {
  size_t depth = 0;
  for (size_t end = at; end < text.size() && end - at <= MAX_ADDRESS; ++end) {
    const char c = text[end];
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return depth == 0 ? end : NONE;
    if (isEscaped(text, end)) {
      ++end;
    } else if (c == '(') {
      if (++depth > MAX_DEPTH) return NONE;
    } else if (c == ')') {
      if (depth == 0) return end;
      --depth;
    }
  }
  return NONE;
}

// The position behind a title at at; at itself when there is none, NONE when one is not closed.
size_t skipTitle(std::string_view text, size_t at) {
  const char opening = charAt(text, at);
  if (opening != '"' && opening != '\'' && opening != '(') return at;
  const char closing = opening == '(' ? ')' : opening;
  for (size_t end = at + 1; end < text.size() && end - at <= MAX_TITLE; ++end) {
    if (isEscaped(text, end))
      ++end;
    else if (text[end] == closing)
      return end + 1;
  }
  return NONE;
}

}  // namespace

LinkTarget readLinkTarget(std::string_view text, size_t at) {
  if (charAt(text, at) != '(') return {};
  size_t begin = skipSpace(text.substr(0, std::min(text.size(), at + MAX_TITLE)), at + 1);
  size_t end = NONE;
  size_t next = NONE;
  if (charAt(text, begin) == '<') {
    ++begin;
    end = text.substr(0, std::min(text.size(), begin + MAX_ADDRESS)).find_first_of("<>\n", begin);
    if (end == NONE || text[end] != '>') return {};
    next = end + 1;
  } else {
    end = next = endOfAddress(text, begin);
    if (end == NONE) return {};
  }
  next = skipTitle(text, skipSpace(text.substr(0, std::min(text.size(), next + MAX_TITLE)), next));
  if (next == NONE) return {};
  next = skipSpace(text.substr(0, std::min(text.size(), next + MAX_TITLE)), next);
  if (charAt(text, next) != ')') return {};
  return {next + 1 - at, unescaped(text.substr(begin, end - begin))};
}

size_t autolinkAt(std::string_view text, size_t at) {
  const std::string_view window = text.substr(at + 1, MAX_ADDRESS);
  const size_t end = window.find_first_of("<> \t\n");
  if (end == NONE || window[end] != '>') return 0;
  const std::string_view inside = window.substr(0, end);
  const size_t colon = inside.find(':');
  const size_t sign = inside.find('@');
  const bool scheme = colon != NONE && colon >= 2 && colon <= 32 && inside.size() > colon + 1 &&
                      std::all_of(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
                        return isAsciiAlnum(static_cast<unsigned char>(c)) || c == '+' || c == '.' || c == '-';
                      });
  const bool mail =
      sign != NONE && sign > 0 && inside.find('.', sign) != NONE &&
      std::all_of(inside.begin(), inside.end(), [](char c) {
        return isAsciiAlnum(static_cast<unsigned char>(c)) || std::string_view("@.!#$%&'*+/=?^_{|}~-").find(c) != NONE;
      });
  return scheme || mail ? end + 2 : 0;
}

void appendUnescaped(std::string_view text, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    if (isEscaped(text, at)) {
      out += text[at + 1];
      at += 2;
    } else if (const size_t bytes = text[at] == '&' ? readEntity(text, at, out) : 0; bytes > 0) {
      at += bytes;
    } else {
      out += text[at++];
    }
  }
}

std::string unescaped(std::string_view text) {
  std::string out;
  appendUnescaped(text, out);
  return out;
}

}  // namespace tsunagi::line
