#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace responder {

// Takes <think>…</think> (and <thinking>) out of text that comes in pieces, however the tags are cut. An opening tag
// counts at the start of a line and outside a fenced code block, so that an answer may talk about tags; inside, nothing
// but the closing tag counts. A thought that is never closed is a thought to its end. A closing tag without an opening
// one is dropped where an opening one would have counted.
class ThinkFilter {
 public:
  // opened: the text begins inside a thought, as with templates that write the opening tag into the prompt.
  explicit ThinkFilter(bool opened = false) : _inside(opened) {}

  // Appends to what they belong to.
  void feed(std::string_view piece, std::string& text, std::string& thought) {
    _held += piece;
    work(false, text, thought);
  }
  void end(std::string& text, std::string& thought) { work(true, text, thought); }

 private:
  static constexpr std::string_view kOpen[] = {"<think>", "<thinking>"};
  static constexpr std::string_view kClose[] = {"</think>", "</thinking>"};

  enum class Match { None, Partly, Whole };
  template <size_t count>
  static Match matches(std::string_view text, const std::string_view (&tags)[count], size_t& length) {
    bool partly = false;
    for (const std::string_view tag : tags) {
      if (text.substr(0, tag.size()) == tag) {
        length = tag.size();
        return Match::Whole;
      }
      partly = partly || (text.size() < tag.size() && tag.substr(0, text.size()) == text);
    }
    return partly ? Match::Partly : Match::None;
  }

  void work(bool last, std::string& text, std::string& thought) {
    std::string_view rest = _held;
    size_t length = 0;
    while (!rest.empty()) {
      if (_inside) {
        const size_t at = rest.find('<');
        thought += rest.substr(0, at);
        rest.remove_prefix(at == std::string_view::npos ? rest.size() : at);
        if (rest.empty()) break;
        const Match match = matches(rest, kClose, length);
        if (match == Match::Partly && !last) break;
        if (match == Match::Whole) {
          _inside = false;
          _skipSpace = true;
          _lineStart = true;
          rest.remove_prefix(length);
        } else {
          thought += '<';
          rest.remove_prefix(1);
        }
        continue;
      }
      const char c = rest.front();
      if (_skipSpace && isSpace(c)) {
        rest.remove_prefix(1);
        continue;
      }
      if (_lineStart && c == '<' && !_fenced) {
        const Match open = matches(rest, kOpen, length);
        if (open == Match::Whole) {
          _inside = true;
          rest.remove_prefix(length);
          continue;
        }
        const Match close = matches(rest, kClose, length);
        if (close == Match::Whole) {
          _skipSpace = true;
          rest.remove_prefix(length);
          continue;
        }
        if ((open == Match::Partly || close == Match::Partly) && !last) break;
      }
      if (_lineStart && c == '`') {
        if (rest.size() < 3 && rest.find_first_not_of('`') == std::string_view::npos && !last) break;
        if (rest.substr(0, 3) == "```") _fenced = !_fenced;
      }
      _skipSpace = false;
      _lineStart = c == '\n' || (_lineStart && isSpace(c));
      text += c;
      rest.remove_prefix(1);
    }
    _held.erase(0, _held.size() - rest.size());
  }
  static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  bool _inside;
  bool _lineStart = true;
  bool _fenced = false;
  bool _skipSpace = false;  // white space behind a closing tag
  std::string _held;        // the beginning of a tag, perhaps
};

}  // namespace responder
