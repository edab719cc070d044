// A model's Markdown to plain text, and the splitter behind it. The first byte chooses the options. Never a crash, text
// stays UTF-8, grows by a bound only, loses no letter, and plain text comes out as it was.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "base/Encoding.h"
#include "line/PlainText.h"
#include "line/TextLimits.h"

using namespace tsunagi;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Keep>
std::string only(std::string_view text, Keep keep) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), keep);
  return out;
}

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Without white space at line ends and at the text's.
std::string trimmed(std::string_view text) {
  std::string out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    if (!line.empty() || !out.empty()) out.append(line).append("\n");
    begin = end + 1;
  }
  return out.substr(0, out.find_last_not_of(" \n") + 1);
}

void checkPieces(std::string_view text, size_t maxUnits) {
  const auto notSpace = [](char c) { return c != ' ' && c != '\n' && c != '\t' && c != '\r'; };
  std::string joined;
  for (const auto& piece : line::splitText(text, maxUnits)) {
    require(!piece.empty());
    require(line::utf16Length(piece) <= maxUnits);
    if (isValidUtf8(text)) require(isValidUtf8(piece));
    joined += piece;
  }
  if (text.find("\xE3\x80\x80") == std::string_view::npos) require(only(joined, notSpace) == only(text, notSpace));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  line::PlainTextOptions options;
  options.links = static_cast<line::LinkPolicy>(data[0] % 3);
  options.tableColumns = data[0] / 3 % 64;
  const std::string plain = line::plainText(text, options);
  if (isValidUtf8(text)) require(isValidUtf8(plain));
  // Indentation is 64 columns a line at most, a table repeats at most 400 bytes of headers a row.
  require(plain.size() <= 500 * text.size() + 500);
  checkPieces(plain, 16 + data[0]);
  checkPieces(text, 16);
  require(line::utf16Length(line::cutUnits(text, 20)) <= 20);
  require(line::graphemeLength(line::cutSigns(text, 20)) <= 20);

  // Without code, links, tags, entities, tables and LaTeX every letter stays, and none is added.
  const std::string marked = only(text, [](char c) {
    return isLetter(c) || std::string_view(" \n*_#>-+=.)0123456789!,").find(c) != std::string_view::npos;
  });
  require(only(line::plainText(marked, {}), isLetter) == only(marked, isLetter));
  const std::string unmarked = only(text, [](char c) { return isLetter(c) || c == ' ' || c == '\n' || c == ','; });
  require(line::plainText(unmarked, {}) == trimmed(unmarked));
  return 0;
}
