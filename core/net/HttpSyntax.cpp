#include "net/HttpSyntax.h"

#include <algorithm>
#include <array>

namespace tsunagi::net {

namespace {

constexpr size_t KEPT_CAPACITY = 4 * 1024;

constexpr std::array<bool, 256> makeTokenTable() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr std::array<bool, 256> TOKEN = makeTokenTable();

bool isControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

bool isToken(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return TOKEN[static_cast<unsigned char>(c)]; });
}

bool isFieldValue(std::string_view text) { return std::none_of(text.begin(), text.end(), isControl); }

bool isTargetText(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

std::string_view trimBlanks(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

const char* parseFieldLine(std::string_view line, HttpHeader& field) {
  if (line.empty()) return "empty header line";
  if (line.front() == ' ' || line.front() == '\t') return "folded header line";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return "header line without a colon";
  const std::string_view name = line.substr(0, colon);
  if (!isToken(name)) return "bad header name";
  field.name.assign(name);
  field.value.assign(trimBlanks(line.substr(colon + 1)));
  return nullptr;
}

HttpLineReader::Status HttpLineReader::next(std::string_view bytes, size_t limit, size_t& used,
                                            std::string_view& line) {
  if (_given) {
    _partial.clear();
    _given = false;
  }
  bool afterCr = !_partial.empty() && _partial.back() == '\r';
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (_partial.size() + i >= limit) {
      used = i;
      return Status::TooLong;
    }
    const bool lineEnd = afterCr && c == '\n';
    const bool bad = afterCr ? !lineEnd : (c != '\r' && isControl(c));
    if (bad) {
      used = i;
      return Status::BadCharacter;
    }
    if (lineEnd) {
      used = i + 1;
      if (_partial.empty()) {
        line = bytes.substr(0, i - 1);
      } else {
        _partial.append(bytes.substr(0, used));
        _given = true;
        line = std::string_view(_partial).substr(0, _partial.size() - 2);
      }
      return Status::Line;
    }
    afterCr = c == '\r';
  }
  _partial.append(bytes);
  used = bytes.size();
  return Status::NeedMore;
}

void HttpLineReader::reset() {
  _partial.clear();
  _given = false;
  if (_partial.capacity() > KEPT_CAPACITY) std::string().swap(_partial);
}

}  // namespace tsunagi::net
