#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "kit/LenientJson.hpp"
#include "kit/Stream.hpp"
#include "kit/ThinkFilter.hpp"

namespace responder {

// Where a reader of answers puts what it finds. Functions may throw; the reader is done then.
class ChatOutput {
 public:
  virtual ~ChatOutput() = default;
  virtual void text(std::string_view piece) = 0;
  virtual void reasoning(std::string_view piece) = 0;
  virtual void usage(const Usage& usage) = 0;
};

// To the host.
class StreamOutput : public ChatOutput {
 public:
  explicit StreamOutput(Stream& stream) : _stream(stream) {}
  void text(std::string_view piece) override { _stream.text(piece); }
  void reasoning(std::string_view piece) override { _stream.reasoning(piece); }
  void usage(const Usage& usage) override { _stream.usage(usage); }

 private:
  Stream& _stream;
};

// An answer's text on its way from a dialect to the host: halves of characters joined, thinking taken out, white space
// at the start and U+FFFD at a cut end left away. Takes the text of parseLenient().
class AnswerText {
 public:
  explicit AnswerText(ChatOutput& out, bool beginsInThought = false) : _out(out), _think(beginsInThought) {}

  void text(std::string_view marked) { filter(_textHalves.feed(marked)); }
  void reasoning(std::string_view marked) {
    const std::string piece = _thoughtHalves.feed(marked);
    if (!piece.empty()) _thought = true, _out.reasoning(piece);
  }
  // cut: the backend ended at a limit, so that a last character may be broken.
  void end(bool cut) {
    filter(_textHalves.end());
    std::string text;
    std::string thought;
    _think.end(text, thought);
    deliver(text, thought);
    if (!cut && !_broken.empty()) _out.text(_broken);
    _broken.clear();
  }
  bool hasText() const { return _hasText; }
  bool hasThought() const { return _thought; }

 private:
  void filter(const std::string& piece) {
    std::string text;
    std::string thought;
    _think.feed(piece, text, thought);
    deliver(text, thought);
  }
  void deliver(std::string_view text, std::string_view thought) {
    if (!thought.empty()) _thought = true, _out.reasoning(thought);
    if (!_hasText) text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty()) return;
    _hasText = true;
    std::string all;
    all.swap(_broken);
    all += text;
    // The end may turn out to be a character that the backend's limit broke.
    size_t kept = all.size();
    while (kept >= detail::kReplacement.size() &&
           std::string_view(all).substr(kept - detail::kReplacement.size(), detail::kReplacement.size()) ==
               detail::kReplacement)
      kept -= detail::kReplacement.size();
    _broken = all.substr(kept);
    all.resize(kept);
    if (!all.empty()) _out.text(all);
  }

  ChatOutput& _out;
  SurrogateJoiner _textHalves;
  SurrogateJoiner _thoughtHalves;
  ThinkFilter _think;
  std::string _broken;
  bool _hasText = false;
  bool _thought = false;
};

}  // namespace responder
