#include "chat/TypedText.h"

#include <algorithm>

#include "line/Utf8.h"

namespace tsunagi::chat {

char32_t foldTyped(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - 0x21;
  if (c == 0x3000 || c == 0xA0) return ' ';
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

std::string foldTyped(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const auto point = line::decodeUtf8(text, at);
    const char32_t c = foldTyped(point.value);
    if (c < 0x80) {
      folded.push_back(static_cast<char>(c));
    } else {
      folded.append(text, at, point.bytes);
    }
    at += point.bytes;
  }
  return folded;
}

TypedText::TypedText(std::string_view text) {
  signs.reserve(text.size() / 2 + 1);
  size_t unit = 0;
  for (size_t at = 0; at < text.size();) {
    const auto point = line::decodeUtf8(text, at);
    signs.push_back({foldTyped(point.value), at, unit});
    at += point.bytes;
    unit += point.utf16Units();
  }
  signs.push_back({0, text.size(), unit});
}

size_t TypedText::atUtf16(size_t unit) const {
  const auto found = std::lower_bound(signs.begin(), signs.end(), unit,
                                      [](const Sign& sign, size_t wanted) { return sign.utf16Unit < wanted; });
  return found == signs.end() ? size() : static_cast<size_t>(found - signs.begin());
}

bool isSpace(char32_t folded) {
  return folded == ' ' || (folded >= '\t' && folded <= '\r') || folded == 0x85 || folded == 0x200B ||
         (folded >= 0x2000 && folded <= 0x200A) || folded == 0x2028 || folded == 0x2029 || folded == 0x202F;
}

bool isWordSign(char32_t folded) {
  return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9') || folded == '_';
}

std::string_view trimTyped(std::string_view text) {
  size_t begin = 0;
  while (begin < text.size()) {
    const auto point = line::decodeUtf8(text, begin);
    if (!isSpace(foldTyped(point.value))) break;
    begin += point.bytes;
  }
  size_t end = begin;
  for (size_t at = begin; at < text.size();) {
    const auto point = line::decodeUtf8(text, at);
    at += point.bytes;
    if (!isSpace(foldTyped(point.value))) end = at;
  }
  return text.substr(begin, end - begin);
}

}  // namespace tsunagi::chat
