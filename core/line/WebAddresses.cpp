#include "line/WebAddresses.h"

#include <algorithm>

#include "line/CharacterClasses.h"

namespace tsunagi::line {
namespace {

constexpr size_t MAX_SCHEME = 20;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isAlnum(char c) { return isAsciiAlnum(static_cast<unsigned char>(c)); }

bool beginsWith(std::string_view text, size_t at, std::string_view lowerPart) {
  return text.size() - at >= lowerPart.size() &&
         std::equal(lowerPart.begin(), lowerPart.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == lower(b); });
}

bool belongs(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("<>\"`\\|{}^*[]").find(c) == std::string_view::npos;
}

// The end of the address that begins at at: punctuation that more likely belongs to the sentence stays outside, and so
// does a ')' without its '('.
size_t endOfAddress(std::string_view text, size_t at) {
  size_t end = at;
  size_t opened = 0;
  size_t closed = 0;
  for (; end < text.size() && belongs(text[end]); ++end) {
    opened += text[end] == '(' ? 1 : 0;
    closed += text[end] == ')' ? 1 : 0;
  }
  while (end > at) {
    const char c = text[end - 1];
    if (c == ')' && closed > opened)
      --closed;
    else if (std::string_view(".,:;!?'_~").find(c) == std::string_view::npos)
      break;
    --end;
  }
  return end;
}

}  // namespace

size_t bareAddressAt(std::string_view text, size_t at) {
  if (at > 0 && isAlnum(text[at - 1])) return 0;
  const size_t scheme = beginsWith(text, at, "https://") ? 8 : beginsWith(text, at, "http://") ? 7 : 0;
  if (scheme == 0) return 0;
  const size_t end = endOfAddress(text, at + scheme);
  return end > at + scheme ? end - at : 0;
}

std::string withoutAddresses(std::string_view text, std::string_view replacement) {
  std::string out;
  size_t kept = 0;  // the text before this is in out or replaced
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    size_t rest = 0;
    if (beginsWith(text, at, "://")) {
      while (begin > kept && at - begin < MAX_SCHEME && isAlnum(text[begin - 1])) --begin;
      if (begin < at) rest = at + 3;
    } else if (lower(text[at]) == 'w' && beginsWith(text, at, "www.") && (at == 0 || !isAlnum(text[at - 1]))) {
      rest = at + 4;
    }
    const size_t end = rest == 0 ? 0 : endOfAddress(text, rest);
    if (rest == 0 || end == rest) {
      ++at;
      continue;
    }
    out.append(text.substr(kept, begin - kept)).append(replacement);
    kept = at = end;
  }
  return out.append(text.substr(kept));
}

}  // namespace tsunagi::line
