#include "line/JsonRepair.h"

#include <cstdint>

#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

// The value of the four hex digits behind "\u" at position at, or nothing.
std::optional<uint32_t> escapedUnit(std::string_view text, size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  uint32_t value = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    uint32_t digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<uint32_t>(c - 'A' + 10);
    else
      return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

bool isHigh(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool isLow(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Copies the string that begins at the quote at position at; returns the position behind it.
size_t copyString(std::string_view text, size_t at, std::string& out) {
  out += text[at++];
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      out += c;
      return at + 1;
    }
    if (c == '\\') {
      if (const auto unit = escapedUnit(text, at)) {
        const auto next = isHigh(*unit) ? escapedUnit(text, at + 6) : std::nullopt;
        if (next && isLow(*next)) {
          out += text.substr(at, 12);
          at += 12;
        } else {
          if (isHigh(*unit) || isLow(*unit))
            out += "\\ufffd";
          else
            out += text.substr(at, 6);
          at += 6;
        }
        continue;
      }
      const size_t length = text.size() - at < 2 ? 1 : 2;
      // An escape before a byte that is no ASCII is a fault the parser finds; the byte itself is read on its own.
      const size_t taken = length == 2 && static_cast<unsigned char>(text[at + 1]) >= 0x80 ? 1 : length;
      out += text.substr(at, taken);
      at += taken;
      continue;
    }
    const CodePoint point = decodeUtf8(text, at);
    if (point.valid)
      out += text.substr(at, point.bytes);
    else
      out += "\xEF\xBF\xBD";
    at += point.bytes;
  }
  return at;
}

}  // namespace

std::optional<std::string> repairJson(std::string_view text, size_t maxDepth) {
  std::string out;
  out.reserve(text.size());
  size_t depth = 0;
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = copyString(text, at, out);
      continue;
    }
    if (c == '{' || c == '[') {
      if (++depth > maxDepth) return std::nullopt;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
    out += c;
    ++at;
  }
  return out;
}

}  // namespace tsunagi::line
