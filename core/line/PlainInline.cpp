#include "line/PlainInline.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "line/CharacterClasses.h"
#include "line/HtmlBits.h"
#include "line/LinkTarget.h"
#include "line/Utf8.h"
#include "line/WebAddresses.h"

namespace tsunagi::line {
namespace {

constexpr size_t NONE = std::string_view::npos;
constexpr size_t MAX_BRACKETS = 32;
constexpr std::string_view COMMENT = "<!--";
constexpr std::string_view COMMENT_END = "-->";
constexpr std::string_view SPECIAL = "\\`*_~[]!<&$hH\n";

// The character before or behind a position; a line end stands for "none".
char32_t before(std::string_view text, size_t at) {
  if (at == 0) return '\n';
  size_t begin = at - 1;
  while (begin > 0 && at - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  return decodeUtf8(text, begin).value;
}
char32_t behind(std::string_view text, size_t at) { return at < text.size() ? decodeUtf8(text, at).value : U'\n'; }

struct Flanks {
  bool open;
  bool close;
};

// Is this run no markup to a reader, although it is to CommonMark? "2*3*4", "2**3", and faces: "^_^", ">_<", "(*^^*)".
bool isOwnSign(char marker, size_t count, char32_t previous, char32_t next) {
  const auto digit = [](char32_t c) { return c >= '0' && c <= '9'; };
  if (marker == '_') return isAsciiPunctuation(previous) && (previous == next || (previous == '>' && next == '<'));
  if (count > 1) return digit(previous) && digit(next);
  return (isAsciiAlnum(previous) && isAsciiAlnum(next)) || (previous == '(' && isPunctuation(next)) ||
         (isPunctuation(previous) && next == ')');
}

// What a run of count markers between two characters can do (CommonMark section 6.2, see the header for the
// differences).
Flanks flanksOf(char marker, size_t count, char32_t previous, char32_t next) {
  const auto loose = [](char32_t c) { return isSpace(c) || isPunctuation(c) || c >= 0x80; };
  const bool left = !isSpace(next) && (!isAsciiPunctuation(next) || loose(previous));
  const bool right = !isSpace(previous) && (!isAsciiPunctuation(previous) || loose(next));
  if (isOwnSign(marker, count, previous, next)) return {false, false};
  if (marker == '_') return {left && (!right || isPunctuation(previous)), right && (!left || isPunctuation(next))};
  return {left, right};
}

// One pass over the text. What is certain goes to _out; markers go there too, and those that turn out to be markup are
// noted in _gone and left out at the end.
class InlineReader {
 public:
  InlineReader(std::string_view text, const PlainTextOptions& options) : _text(text), _options(options) {}

  std::string run() {
    while (_at < _text.size()) step();
    return result();
  }

 private:
  struct Range {
    size_t begin, length;
  };
  struct Markers {
    size_t begin, count;  // in _out
  };
  struct Bracket {
    size_t begin, length;  // "[" or "![" in _out
  };

  void step() {
    const size_t next = std::min(_text.find_first_of(SPECIAL, _at), _text.size());
    copyTo(next);
    if (_at == _text.size()) return;
    switch (_text[_at]) {
      case '\\':
        return backslash();
      case '`':
        return code();
      case '*':
      case '_':
      case '~':
        return markers();
      case '[':
        return openBracket(1);
      case '!':
        return _text.substr(_at, 2) == "![" ? openBracket(2) : copyTo(_at + 1);
      case ']':
        return closeBracket();
      case '<':
        return angle();
      case '&':
        return entity();
      case '$':
        return dollar();
      case 'h':
      case 'H':
        return copyTo(_at + std::max<size_t>(1, bareAddressAt(_text, _at)));
      default:
        return copyTo(_at + 1);
    }
  }

  void copyTo(size_t end) {
    _out.append(_text.substr(_at, end - _at));
    _at = end;
  }

  bool atLineStart() const {
    const size_t last = _out.find_last_not_of(" \t");
    return last == NONE || _out[last] == '\n';
  }

  // Copies from here to behind the closing text when there is one. memo: the text before it holds none.
  bool copyThrough(std::string_view closing, size_t opening, size_t& memo) {
    const size_t from = _at + opening;
    if (from < memo) return false;
    const size_t end = _text.find(closing, from);
    if (end == NONE) {
      memo = _text.size() + 1;
      return false;
    }
    if (end == from) return false;
    copyTo(end + closing.size());
    return true;
  }

  void backslash() {
    const char next = _at + 1 < _text.size() ? _text[_at + 1] : ' ';
    if (next == '(' && copyThrough("\\)", 2, _noRoundMath)) return;
    if (next == '[' && atLineStart() && copyThrough("\\]", 2, _noSquareMath)) return;
    if (next == '\n') {
      ++_at;
    } else if (isAsciiPunctuation(static_cast<unsigned char>(next))) {
      _out += next;
      _at += 2;
    } else {
      copyTo(_at + 1);
    }
  }

  // For every run of backticks the position of the next one of the same length.
  void findBackticks() {
    std::unordered_map<size_t, size_t> nextOf;
    size_t end = _text.size();
    while (end > 0) {
      const size_t last = _text.find_last_of('`', end - 1);
      if (last == NONE) break;
      size_t begin = last;
      while (begin > 0 && _text[begin - 1] == '`') --begin;
      const size_t length = last + 1 - begin;
      const auto [entry, isNew] = nextOf.emplace(length, begin);
      _nextBackticks[begin] = isNew ? NONE : std::exchange(entry->second, begin);
      end = begin;
    }
    _backticksFound = true;
  }

  void code() {
    if (!_backticksFound) findBackticks();
    const size_t length = std::min(_text.find_first_not_of('`', _at), _text.size()) - _at;
    const auto found = _nextBackticks.find(_at);  // none: its first backtick was escaped
    if (found == _nextBackticks.end() || found->second == NONE) return copyTo(_at + length);
    std::string_view content = _text.substr(_at + length, found->second - _at - length);
    // Spaces that only keep backticks apart are no content.
    if (content.size() > 2 && content.front() == ' ' && content.back() == ' ' &&
        (content[1] == '`' || content[content.size() - 2] == '`'))
      content = content.substr(1, content.size() - 2);
    _out += content;
    _at = found->second + length;
  }

  void markers() {
    const char marker = _text[_at];
    const size_t end = std::min(_text.find_first_not_of(marker, _at), _text.size());
    size_t count = end - _at;
    size_t begin = _out.size();
    const Flanks can = flanksOf(marker, count, before(_text, _at), behind(_text, end));
    copyTo(end);
    auto& opened = _opened[marker == '*' ? 0 : marker == '_' ? 1 : 2];
    if (marker == '~') {
      if (count != 2) return;
      if (can.close && !opened.empty()) {
        _gone.push_back({opened.back().begin, 2});
        _gone.push_back({begin, 2});
        opened.pop_back();
      } else if (can.open) {
        opened.push_back({begin, 2});
      }
      return;
    }
    while (can.close && count > 0 && !opened.empty()) {
      Markers& opener = opened.back();
      const size_t used = std::min(count, opener.count);
      opener.count -= used;
      _gone.push_back({opener.begin + opener.count, used});
      _gone.push_back({begin, used});
      begin += used;
      count -= used;
      if (opener.count == 0) opened.pop_back();
    }
    if (can.open && count > 0) opened.push_back({begin, count});
  }

  void openBracket(size_t length) {
    if (_brackets.size() == MAX_BRACKETS) _brackets.erase(_brackets.begin());
    _brackets.push_back({_out.size(), length});
    copyTo(_at + length);
  }

  void closeBracket() {
    if (_brackets.empty()) return copyTo(_at + 1);
    const Bracket opener = _brackets.back();
    _brackets.pop_back();
    const LinkTarget target = readLinkTarget(_text, _at + 1);
    if (target.bytes == 0) return copyTo(_at + 1);
    _gone.push_back({opener.begin, opener.length});
    finishLink(opener.begin + opener.length, target.address);
    _at += 1 + target.bytes;
  }

  // The label is what _out holds from position label on.
  void finishLink(size_t label, const std::string& address) {
    const std::string_view shown = std::string_view(_out).substr(label);
    if (address.empty() || address[0] == '#') return;
    if (shown.empty()) {
      _out += _options.links == LinkPolicy::Strip ? _options.removedLink : address;
    } else if (_options.links == LinkPolicy::Keep && !saysTheSame(shown, address)) {
      _out.append(" (").append(address).append(")");
    }
  }

  static bool saysTheSame(std::string_view label, std::string_view address) {
    if (label.size() > address.size()) return false;
    for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:"}) {
      if (address == label) return true;
      if (address.size() == label.size() + scheme.size() && address.substr(0, scheme.size()) == scheme &&
          address.substr(scheme.size()) == label)
        return true;
      if (address.size() == label.size() + 1 + scheme.size() && address.back() == '/' &&
          address.substr(0, scheme.size()) == scheme && address.substr(scheme.size(), label.size()) == label)
        return true;
    }
    return address.size() == label.size() + 1 && address.back() == '/' && address.substr(0, label.size()) == label;
  }

  void angle() {
    if (const size_t bytes = autolinkAt(_text, _at); bytes > 0) {
      _out.append(_text.substr(_at + 1, bytes - 2));
      _at += bytes;
      return;
    }
    if (_text.substr(_at, COMMENT.size()) == COMMENT && _at >= _noCommentEnd) {
      const size_t end = _text.find(COMMENT_END, _at + COMMENT.size());
      if (end != NONE) {
        _at = end + COMMENT_END.size();
        return;
      }
      _noCommentEnd = _text.size();
    }
    const HtmlTag tag = readTag(_text, _at);
    if (tag.bytes == 0) return copyTo(_at + 1);
    _at += tag.bytes;
    if (tag.is("br") || tag.is("hr")) {
      if (_at < _text.size() && _text[_at] != '\n') _out += '\n';
    } else if (tag.is("img")) {
      const size_t label = _out.size();
      appendUnescaped(tag.alt, _out);
      finishLink(label, unescaped(tag.src));
    } else if (tag.is("a")) {
      if (!tag.closing) {
        _anchorLabel = _out.size();
        _anchor = unescaped(tag.href);
      } else if (!_anchor.empty()) {
        finishLink(_anchorLabel, std::exchange(_anchor, {}));
      }
    }
  }

  void entity() {
    const size_t bytes = readEntity(_text, _at, _out);
    if (bytes == 0) return copyTo(_at + 1);
    _at += bytes;
  }

  // LaTeX between dollar signs stays as it is; amounts of money are none: a formula does not begin or end with a space,
  // and no digit follows it.
  void dollar() {
    if (_text.substr(_at, 2) == "$$") {
      if (!copyThrough("$$", 2, _noDoubleDollar)) copyTo(_at + 2);
      return;
    }
    const size_t from = _at + 1;
    if (from >= _noDollar && !isSpace(behind(_text, from))) {
      for (size_t end = from;; ++end) {
        end = std::min(_text.find_first_of("$\n", end), _text.size());
        if (end == _text.size() || _text[end] == '\n') {
          _noDollar = end;
          break;
        }
        const char32_t next = behind(_text, end + 1);
        if (end > from && _text[end - 1] != ' ' && !(next >= '0' && next <= '9')) return copyTo(end + 1);
      }
    }
    copyTo(_at + 1);
  }

  std::string result() {
    if (_gone.empty()) return std::move(_out);
    std::vector<bool> gone(_out.size());
    for (const Range& range : _gone)
      for (size_t i = 0; i < range.length; ++i) gone[range.begin + i] = true;
    std::string kept;
    kept.reserve(_out.size());
    for (size_t i = 0; i < _out.size(); ++i)
      if (!gone[i]) kept += _out[i];
    return kept;
  }

  std::string_view _text;
  const PlainTextOptions& _options;
  size_t _at = 0;
  std::string _out;
  std::vector<Range> _gone;
  std::array<std::vector<Markers>, 3> _opened;  // of '*', '_', '~'
  std::vector<Bracket> _brackets;
  std::unordered_map<size_t, size_t> _nextBackticks;
  bool _backticksFound = false;
  size_t _noRoundMath = 0;
  size_t _noSquareMath = 0;
  size_t _noDoubleDollar = 0;
  size_t _noDollar = 0;
  size_t _noCommentEnd = 0;  // before it no comment ends
  std::string _anchor;
  size_t _anchorLabel = 0;
};

}  // namespace

std::string plainInline(std::string_view text, const PlainTextOptions& options) {
  return InlineReader(text, options).run();
}

}  // namespace tsunagi::line
