#include "line/TextLimits.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "line/CharacterClasses.h"
#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

constexpr char32_t JOINER = 0x200D;
constexpr const char* CUT_MARK = "\u2026";

bool isFlagLetter(char32_t c) { return c >= 0x1F1E6 && c <= 0x1F1FF; }
bool isOneOf(char32_t c, std::u32string_view set) { return set.find(c) != std::u32string_view::npos; }
bool endsWideSentence(char32_t c) { return isOneOf(c, U"\u3002\uFF01\uFF1F\uFF0E\uFF61"); }  // 。！？．｡
bool endsSentence(char32_t c) { return isOneOf(c, U".!?\u2026") || endsWideSentence(c); }
bool endsClause(char32_t c) { return isOneOf(c, U"\u3001\uFF0C\uFF1B\uFF1A\uFF64"); }  // 、，；：､
bool closes(char32_t c) {
  // ’ ” 〉 》 」 』 】 〕 ） ］ ｝ ｣
  return isOneOf(c, U")]\"'\u2019\u201D\u3009\u300B\u300D\u300F\u3011\u3015\uFF09\uFF3D\uFF5D\uFF63");
}
bool opens(char32_t c) {
  // ‘ “ 〈 《 「 『 【 〔 （ ［ ｛ ｢
  return isOneOf(c, U"([{\u2018\u201C\u3008\u300A\u300C\u300E\u3010\u3014\uFF08\uFF3B\uFF5B\uFF62");
}
bool isCjk(char32_t c) { return c >= 0x2E80 && c <= 0xFFEF; }

// Japanese and Chinese never begin a line with these: closing signs, marks of length and repetition, small kana.
bool staysWithPrevious(char32_t c) {
  return closes(c) || endsSentence(c) || endsClause(c) ||
         isOneOf(c,
                 U"\u3005\u303B\u309D\u309E\u30FB\u30FC\u30FD\u30FE\uFF05\uFF65\uFF70"
                 U"\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308E\u3095\u3096"
                 U"\u30A1\u30A3\u30A5\u30A7\u30A9\u30C3\u30E3\u30E5\u30E7\u30EE\u30F5\u30F6");
}

// Thai and Lao vowels that are written before the consonant they sound after; opening signs.
bool staysWithNext(char32_t c) { return (c >= 0x0E40 && c <= 0x0E44) || (c >= 0x0EC0 && c <= 0x0EC4) || opens(c); }

// Places to cut, best first. INSIDE is between two graphemes that a reader wants together.
enum Border : size_t { EMPTY_LINE, LINE, SENTENCE, CLAUSE, SPACE, CLUSTER, INSIDE, BORDERS };

// Follows the text character by character and tells what kind of border lies before the next one.
class BorderFinder {
 public:
  // The best border before c, or BORDERS for none.
  Border before(char32_t c) const {
    if (_first) return BORDERS;
    if (extendsGrapheme(c) || _previous == JOINER || (_previous == '\r' && c == '\n')) return BORDERS;
    if (isFlagLetter(c) && _flagLetters % 2 == 1) return BORDERS;
    if (_previous == '\n' && c != '\n' && c != '\r') return _lineEnds > 1 ? EMPTY_LINE : LINE;
    if (endsHere(c)) return SENTENCE;
    if (staysWithPrevious(c) || staysWithNext(_previous)) return INSIDE;
    if (endsClause(_previous)) return CLAUSE;
    if (isSpace(_previous) && !isSpace(c)) return SPACE;
    return isAsciiAlnum(_previous) && isAsciiAlnum(c) ? INSIDE : CLUSTER;
  }

  void take(char32_t c) {
    _first = false;
    _flagLetters = isFlagLetter(c) ? _flagLetters + 1 : 0;
    if (c == '\n')
      ++_lineEnds;
    else if (!isSpace(c))
      _lineEnds = 0;
    if (endsSentence(c))
      _sentenceEnd = c;
    else if (!closes(c))
      _sentenceEnd = 0;
    _previous = c;
  }

 private:
  // Is a sentence over before c? A dot ends one before white space only, "!" and "?" also before Chinese and Japanese.
  bool endsHere(char32_t c) const {
    if (_sentenceEnd == 0 || closes(c) || endsSentence(c)) return false;
    return endsWideSentence(_sentenceEnd) || isSpace(c) || ((_sentenceEnd == '!' || _sentenceEnd == '?') && isCjk(c));
  }

  bool _first = true;
  char32_t _previous = 0;
  size_t _flagLetters = 0;
  size_t _lineEnds = 0;
  char32_t _sentenceEnd = 0;  // the sign the text so far ends with, but for closing signs; 0 = none
};

// Where the piece that begins at start ends; text.size() when the rest fits.
size_t findCut(std::string_view text, size_t start, size_t maxUnits) {
  std::array<size_t, BORDERS> last{};
  BorderFinder finder;
  size_t units = 0;
  size_t at = start;
  while (at < text.size()) {
    const CodePoint point = decodeUtf8(text, at);
    if (units >= maxUnits / 2) {
      const Border border = finder.before(point.value);
      if (border != BORDERS) last[border] = at;
    }
    if (units + point.utf16Units() > maxUnits) {
      for (const size_t cut : last)
        if (cut != 0) return cut;
      return at;
    }
    finder.take(point.value);
    units += point.utf16Units();
    at += point.bytes;
  }
  return text.size();
}

size_t spaceLengthBefore(std::string_view text, size_t end) {
  if (end > 0 && isSpace(static_cast<unsigned char>(text[end - 1]))) return 1;
  if (end >= 3 && text.substr(end - 3, 3) == "\xE3\x80\x80") return 3;
  return 0;
}

std::string_view withoutTrailingSpace(std::string_view piece) {
  size_t end = piece.size();
  while (const size_t length = spaceLengthBefore(piece, end)) end -= length;
  return piece.substr(0, end);
}

// The start of the next piece behind a cut: white space goes, but the indentation of a line stays.
size_t skipSpace(std::string_view text, size_t cut) {
  size_t at = cut;
  bool atLineStart = cut > 0 && text[cut - 1] == '\n';
  size_t lineStart = cut;
  while (at < text.size()) {
    const CodePoint point = decodeUtf8(text, at);
    if (!isSpace(point.value)) break;
    at += point.bytes;
    if (point.value == '\n') atLineStart = true, lineStart = at;
  }
  return atLineStart ? lineStart : at;
}

}  // namespace

size_t utf16Length(std::string_view text) {
  size_t units = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decodeUtf8(text, at);
    units += point.utf16Units();
    at += point.bytes;
  }
  return units;
}

size_t graphemeLength(std::string_view text) {
  BorderFinder finder;
  size_t signs = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decodeUtf8(text, at);
    if (at == 0 || finder.before(point.value) != BORDERS) ++signs;
    finder.take(point.value);
    at += point.bytes;
  }
  return signs;
}

std::string cutSigns(std::string_view text, size_t maxSigns) {
  BorderFinder finder;
  size_t signs = 0;
  size_t end = 0;  // of the text that leaves room for the mark
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decodeUtf8(text, at);
    if (at == 0 || finder.before(point.value) != BORDERS) {
      if (signs == maxSigns) return maxSigns == 0 ? std::string() : std::string(text.substr(0, end)) + CUT_MARK;
      if (++signs == maxSigns) end = at;
    }
    finder.take(point.value);
    at += point.bytes;
  }
  return std::string(text);
}

std::string cutUnits(std::string_view text, size_t maxUnits) {
  BorderFinder finder;
  size_t units = 0;
  size_t end = 0;  // of the text that leaves room for the mark
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decodeUtf8(text, at);
    if (units < maxUnits && finder.before(point.value) != BORDERS) end = at;
    units += point.utf16Units();
    if (units > maxUnits) return maxUnits == 0 ? std::string() : std::string(text.substr(0, end)) + CUT_MARK;
    finder.take(point.value);
    at += point.bytes;
  }
  return std::string(text);
}

std::vector<std::string> splitText(std::string_view text, size_t maxUnits) {
  maxUnits = std::max<size_t>(maxUnits, 16);
  std::vector<std::string> pieces;
  size_t start = 0;
  while (start < text.size()) {
    const size_t cut = findCut(text, start, maxUnits);
    if (cut == text.size()) {
      if (!withoutTrailingSpace(text.substr(start)).empty()) pieces.emplace_back(text.substr(start));
      break;
    }
    const std::string_view piece = withoutTrailingSpace(text.substr(start, cut - start));
    if (!piece.empty()) pieces.emplace_back(piece);
    start = skipSpace(text, cut);
  }
  return pieces;
}

}  // namespace tsunagi::line
