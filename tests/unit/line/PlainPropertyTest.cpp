// plainText() over well-formed Markdown that is made, nested and mixed at random: every word stays, in its order, and
// no marker. A failure prints its seed.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/Encoding.h"
#include "line/PlainText.h"

namespace tsunagi::line {
namespace {

// Writes Markdown and remembers its words.
class Writer {
 public:
  explicit Writer(unsigned seed) : _random(seed) {}

  std::string document() {
    std::string text;
    const size_t count = 1 + below(6);
    for (size_t i = 0; i < count; ++i) text += block(0) + "\n\n";
    return text;
  }
  const std::vector<std::string>& words() const { return _words; }
  bool hasTable() const { return _hasTable; }

 private:
  size_t below(size_t limit) { return _random() % limit; }

  // Each is another one.
  std::string word() {
    static const std::vector<std::string> STEMS{"word", "言葉", "คำ", "詞語", "Wort", "カナ", "😀", "ป้าย", "é"};
    _words.push_back(STEMS[below(STEMS.size())] + std::to_string(_words.size()) + "x");
    return _words.back();
  }
  std::string phrase(int depth) {
    std::string text;
    const size_t count = 1 + below(3);
    for (size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + inlined(depth);
    return text;
  }
  std::string inlined(int depth) {
    switch (depth > 2 ? 0 : below(8)) {
      case 1:
        return "**" + phrase(depth + 3) + "**";
      case 2:
        return "*" + word() + "*";
      case 3:
        return "`" + word() + "`";
      case 4:
        return "~~" + phrase(depth + 3) + "~~";
      case 5:
        return "[" + phrase(depth + 3) + "](https://example.com/a_b_c?d=*e*)";
      case 6:
        return "***" + word() + "***";
      default:
        return word();
    }
  }
  static std::string indented(const std::string& text, const std::string& first, const std::string& rest) {
    std::string out = first;
    for (const char c : text) {
      out += c;
      if (c == '\n') out += rest;
    }
    return out;
  }
  std::string list(int depth, bool ordered) {
    std::string text;
    const size_t count = 1 + below(4);
    for (size_t i = 0; i < count; ++i) {
      const std::string marker = ordered ? std::to_string(i + 1) + ". " : "- ";
      const std::string task = !ordered && below(6) == 0 ? "[x] " : "";
      std::string item = task + phrase(0);
      if (depth < 3 && below(3) == 0) item += "\n" + list(depth + 1, below(2) == 0);
      text += (i == 0 ? "" : "\n") + indented(item, marker, std::string(marker.size(), ' '));
    }
    return text;
  }
  std::string table() {
    _hasTable = true;
    const size_t columns = 1 + below(4), rows = 1 + below(3);
    std::string text, line = "|";
    for (size_t c = 0; c < columns; ++c) text += "| " + phrase(2) + " ", line += "---|";
    text += "|\n" + line;
    for (size_t r = 0; r < rows; ++r) {
      text += "\n";
      for (size_t c = 0; c < columns; ++c) text += "| " + phrase(2) + " ";
      text += "|";
    }
    return text;
  }
  // In the order they are made.
  std::string twoLines(const std::string& first) { return first + "\n" + phrase(0); }
  std::string fenced(const std::string& first, const std::string& language) {
    return "```" + language + "\n" + first + "\n  " + word() + "\n```";
  }
  std::string block(int depth) {
    switch (below(depth > 1 ? 4 : 7)) {
      case 1:
        return std::string(1 + below(4), '#') + " " + phrase(0);
      case 2:
        return list(depth, false);
      case 3:
        return list(depth, true);
      case 4:
        return indented(block(depth + 2), "> ", "> ");
      case 5:
        return table();
      case 6:
        return fenced(word(), "text");
      default:
        return twoLines(phrase(0));
    }
  }

  std::mt19937 _random;
  std::vector<std::string> _words;
  bool _hasTable = false;
};

TEST(PlainProperty, EveryWordStaysInItsOrderAndNoMarker) {
  const unsigned seed = std::random_device{}();
  for (unsigned round = 0; round < 5'000; ++round) {
    Writer writer(seed + round);
    const std::string markdown = writer.document();
    for (const LinkPolicy links : {LinkPolicy::Keep, LinkPolicy::Plain, LinkPolicy::Strip}) {
      PlainTextOptions options;
      options.links = links;
      const std::string plain = plainText(markdown, options);
      ASSERT_TRUE(isValidUtf8(plain));
      size_t at = 0;
      for (const std::string& word : writer.words()) {
        at = plain.find(word, writer.hasTable() ? 0 : at);  // a wide table says its headers again with each row
        ASSERT_NE(at, std::string::npos) << "seed " << seed + round << ": " << word << " of\n"
                                         << markdown << "\nis not in its place in\n"
                                         << plain;
      }
      std::string bare = plain;
      for (const std::string address = "(https://example.com/a_b_c?d=*e*)"; bare.find(address) != std::string::npos;)
        bare.erase(bare.find(address), address.size());
      ASSERT_EQ(bare.find_first_of(writer.hasTable() ? "*`#~[]" : "*`#~[]|"), std::string::npos)
          << "seed " << seed + round << ": of\n"
          << markdown << "\na marker is left in\n"
          << plain;
      if (links != LinkPolicy::Keep) {
        ASSERT_EQ(plain.find("://"), std::string::npos) << plain;
      }
    }
  }
}

}  // namespace
}  // namespace tsunagi::line
