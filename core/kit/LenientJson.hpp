#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace responder {

// JSON of backends that cut characters. A server that splits text by UTF-16 units writes half of an emoji as "\ud83c"
// and the other half into the next object; strict parsers refuse both. Here such a half becomes a mark inside the text
// (NUL and its four hex digits), which SurrogateJoiner puts together again over the pieces. A real \u0000 becomes the
// mark 0000. Bytes that are not UTF-8 become U+FFFD, control characters inside strings their escapes. Nothing when it
// is no JSON, or nests deeper than maxDepth.
std::optional<nlohmann::json> parseLenient(std::string_view text, size_t maxDepth = 64);

// Takes marks out of text that comes in pieces: halves that belong together become their character, others U+FFFD, the
// mark 0000 nothing. Everything that comes out is what came in otherwise.
class SurrogateJoiner {
 public:
  std::string feed(std::string_view marked);
  std::string end();  // what is left of a half that stayed alone

 private:
  void flush(std::string& out);
  unsigned _high = 0;
};

// A text that stands alone, such as an error message.
std::string unmarked(std::string_view marked);

namespace detail {

// The length of the whole, valid UTF-8 character that text begins with; 0: none.
inline size_t characterLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : (lead & 0xF0) == 0xE0       ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const unsigned char second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
      (lead == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

inline int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hex digits at the start of text.
inline std::optional<unsigned> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int digit = hexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

inline bool isHigh(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
inline bool isLow(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Copies the escape "\uXXXX" at the start of text and returns how much of text it was.
inline size_t copyUnit(std::string_view text, unsigned unit, std::string& out) {
  if (isHigh(unit) && text.substr(6, 2) == "\\u")
    if (const auto low = hex4(text.substr(8)); low && isLow(*low)) {
      out += text.substr(0, 12);
      return 12;
    }
  if (unit == 0 || isHigh(unit) || isLow(unit))
    out += "\\u0000", out += text.substr(2, 4);
  else
    out += text.substr(0, 6);
  return 6;
}

// text as a strict parser takes it; nothing when it nests too deep.
inline std::optional<std::string> strictJson(std::string_view text, size_t maxDepth) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() + 16);
  size_t depth = 0;
  bool inString = false;
  while (!text.empty()) {
    const char c = text.front();
    size_t taken = 1;
    if (!inString) {
      if (c == '{' || c == '[') {
        if (++depth > maxDepth) return std::nullopt;
      } else if ((c == '}' || c == ']') && depth > 0) {
        --depth;
      }
      inString = c == '"';
      out += c;
    } else if (c == '"') {
      inString = false;
      out += c;
    } else if (c == '\\') {
      const auto unit = text.substr(0, 2) == "\\u" ? hex4(text.substr(2)) : std::nullopt;
      if (unit) {
        taken = copyUnit(text, *unit, out);
      } else {
        taken = text.size() < 2 ? 1 : 2;
        out += text.substr(0, taken);
      }
    } else if (static_cast<unsigned char>(c) < 0x20) {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      if (c == '\0') out += "0000";
    } else if (const size_t length = characterLength(text); length > 0) {
      taken = length;
      out += text.substr(0, length);
    } else {
      out += kReplacement;
    }
    text.remove_prefix(taken);
  }
  return out;
}

inline void appendUtf8(std::string& out, unsigned code) {
  out += static_cast<char>(0xF0 | (code >> 18));
  out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
  out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
  out += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace detail

inline std::optional<nlohmann::json> parseLenient(std::string_view text, size_t maxDepth) {
  const auto strict = detail::strictJson(text, maxDepth);
  if (!strict) return std::nullopt;
  nlohmann::json parsed = nlohmann::json::parse(*strict, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

inline void SurrogateJoiner::flush(std::string& out) {
  if (_high != 0) out += detail::kReplacement;
  _high = 0;
}

inline std::string SurrogateJoiner::feed(std::string_view marked) {
  std::string out;
  out.reserve(marked.size());
  while (!marked.empty()) {
    const size_t mark = marked.find('\0');
    if (mark != 0) {
      flush(out);
      out += marked.substr(0, mark);
      if (mark == std::string_view::npos) break;
      marked.remove_prefix(mark);
    }
    const auto unit = detail::hex4(marked.substr(1));
    marked.remove_prefix(unit ? 5 : 1);
    if (unit && detail::isLow(*unit) && _high != 0) {
      detail::appendUtf8(out, 0x10000 + ((_high - 0xD800) << 10) + (*unit - 0xDC00));
      _high = 0;
      continue;
    }
    flush(out);
    if (unit && detail::isHigh(*unit)) _high = *unit;
    if (unit && detail::isLow(*unit)) out += detail::kReplacement;
  }
  return out;
}

inline std::string SurrogateJoiner::end() {
  std::string out;
  flush(out);
  return out;
}

inline std::string unmarked(std::string_view marked) {
  SurrogateJoiner joiner;
  std::string out = joiner.feed(marked);
  return out += joiner.end();
}

}  // namespace responder
