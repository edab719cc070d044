#include "service/IniDocument.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/Encoding.h"
#include "base/LogEscape.h"

namespace tsunagi::service {
namespace {

constexpr std::string_view BOM = "\xEF\xBB\xBF";

bool isBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool isName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

std::string_view withoutLineEnd(std::string_view bytes) {
  if (!bytes.empty() && bytes.back() == '\n') bytes.remove_suffix(1);
  if (!bytes.empty() && bytes.back() == '\r') bytes.remove_suffix(1);
  return bytes;
}

// Empty when the value may stand in a file.
std::string valueProblem(std::string_view value) {
  for (const char c : value)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "holds a control character";
  if (!isValidUtf8(value)) return "is not valid UTF-8";
  return {};
}

}  // namespace

void IniDocument::complain(size_t line, const std::string& what) {
  if (_errors.size() < maxErrors)
    _errors.push_back(_fileName + ":" + std::to_string(line) + ": " + what);
  else
    ++_suppressed;
}

IniDocument::Line IniDocument::read(std::string_view bytes, const std::string& section, size_t number) {
  Line line;
  line.bytes = bytes;
  const std::string_view content = withoutLineEnd(bytes);
  if (content.size() > maxLine) {
    complain(number, "the line is longer than " + std::to_string(maxLine) + " bytes");
    return line;
  }
  const std::string_view body = trim(content);
  if (body.empty() || body.front() == '#' || body.front() == ';') return line;
  if (body.front() == '[') {
    const std::string_view name = body.back() == ']' ? trim(body.substr(1, body.size() - 2)) : std::string_view();
    if (body.size() < 2 || !isName(name)) {
      complain(number,
               "a section is written [name], with letters, digits, _ - and . (comments stand on lines of their own)");
      return line;
    }
    line.kind = Kind::header;
    line.section = name;
    return line;
  }
  const size_t equals = body.find('=');
  const std::string_view key = trim(body.substr(0, equals));
  if (equals == std::string_view::npos || !isName(key)) {
    // The text itself may be a secret that was pasted to the wrong place: it is not shown.
    complain(number, "this is no [section], no key = value and no comment");
    return line;
  }
  const std::string_view value = trim(body.substr(equals + 1));
  line.key = key;
  line.value = value;
  line.section = section;
  line.valueAt = value.empty() ? static_cast<size_t>(body.data() - bytes.data()) + equals + 1
                               : static_cast<size_t>(value.data() - bytes.data());
  line.valueLength = value.size();
  if (section.empty()) {
    complain(number, "key " + logEscape(key) + " stands before the first [section]");
    return line;
  }
  if (const std::string problem = valueProblem(value); !problem.empty()) {
    complain(number, "the value of [" + section + "] " + line.key + " " + problem);
    return line;
  }
  line.kind = Kind::entry;
  return line;
}

IniDocument IniDocument::parse(std::string_view text, std::string fileName) {
  IniDocument document;
  document._fileName = std::move(fileName);
  if (text.substr(0, BOM.size()) == BOM) {
    document._mark = BOM;
    text.remove_prefix(BOM.size());
  }
  if (text.size() > maxFile) {
    document._errors.push_back(document._fileName + ": the file is larger than " + std::to_string(maxFile) + " bytes");
    document._lines.push_back({});
    document._lines.back().bytes = text;
    return document;
  }
  std::string section;
  bool inBadSection = false;
  std::map<std::pair<std::string, std::string>, size_t> seen;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view bytes = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(bytes.size());
    const bool opensSection = trim(withoutLineEnd(bytes)).substr(0, 1) == "[";
    if (opensSection) inBadSection = false;
    Line line;
    if (inBadSection)
      line.bytes = bytes;  // one complaint about the header is enough
    else
      line = document.read(bytes, section, number);
    if (opensSection) inBadSection = line.kind != Kind::header;
    if (line.kind == Kind::header) section = line.section;
    if (line.kind == Kind::entry) {
      const auto [first, isNew] = seen.try_emplace({line.section, line.key}, number);
      if (!isNew) {
        document.complain(number, "[" + line.section + "] " + line.key + " is already set in line " +
                                      std::to_string(first->second) + "; remove one of the two");
        line.kind = Kind::other;
      }
    }
    document._lines.push_back(std::move(line));
  }
  if (document._suppressed > 0)
    document._errors.push_back(document._fileName + ": and " + std::to_string(document._suppressed) + " more errors");
  return document;
}

std::string IniDocument::text() const {
  std::string all = _mark;
  for (const Line& line : _lines) all += line.bytes;
  return all;
}

std::vector<IniDocument::Entry> IniDocument::entries() const {
  std::vector<Entry> result;
  for (size_t i = 0; i < _lines.size(); ++i)
    if (_lines[i].kind == Kind::entry) result.push_back({_lines[i].section, _lines[i].key, _lines[i].value, i + 1});
  return result;
}

std::vector<IniDocument::Section> IniDocument::sections() const {
  std::vector<Section> result;
  for (size_t i = 0; i < _lines.size(); ++i) {
    if (_lines[i].kind != Kind::header) continue;
    const auto same = [&](const Section& s) { return s.name == _lines[i].section; };
    if (std::none_of(result.begin(), result.end(), same)) result.push_back({_lines[i].section, i + 1});
  }
  return result;
}

std::optional<IniDocument::Entry> IniDocument::find(std::string_view section, std::string_view key) const {
  for (size_t i = 0; i < _lines.size(); ++i) {
    const Line& line = _lines[i];
    if (line.kind == Kind::entry && line.section == section && line.key == key)
      return Entry{line.section, line.key, line.value, i + 1};
  }
  return std::nullopt;
}

std::string IniDocument::lineEnd() const {
  for (const Line& line : _lines)
    if (!line.bytes.empty() && line.bytes.back() == '\n')
      return line.bytes.size() > 1 && line.bytes[line.bytes.size() - 2] == '\r' ? "\r\n" : "\n";
  return "\n";
}

Status IniDocument::set(std::string_view section, std::string_view key, std::string_view value) {
  const std::string label = "[" + logEscape(section) + "] " + logEscape(key);
  if (!isName(section) || !isName(key)) return Error{label + " is no name that can stand in " + _fileName};
  if (const std::string problem = valueProblem(value); !problem.empty())
    return Error{"the value of " + label + " " + problem};
  if (trim(value) != value) return Error{"the value of " + label + " begins or ends with blanks"};
  if (key.size() + value.size() + 3 > maxLine) return Error{"the value of " + label + " is too long"};

  for (Line& line : _lines) {
    if (line.kind != Kind::entry || line.section != section || line.key != key) continue;
    const bool touches = line.valueAt > 0 && line.bytes[line.valueAt - 1] == '=' && line.valueLength == 0;
    const std::string written = (touches && !value.empty() ? " " : "") + std::string(value);
    if (line.bytes.size() - line.valueLength + written.size() > maxLine)
      return Error{"the value of " + label + " is too long"};
    line.bytes.replace(line.valueAt, line.valueLength, written);
    line.valueAt += written.size() - value.size();
    line.valueLength = value.size();
    line.value = value;
    return {};
  }

  Line added;
  added.kind = Kind::entry;
  added.section = section, added.key = key, added.value = value;
  const std::string end = lineEnd();
  added.bytes = std::string(key) + " = " + std::string(value) + end;
  added.valueAt = key.size() + 3;
  added.valueLength = value.size();

  // Behind the last line of the section that is not blank.
  size_t place = 0;
  std::string current;
  bool found = false;
  for (size_t i = 0; i < _lines.size(); ++i) {
    if (_lines[i].kind == Kind::header) current = _lines[i].section;
    if (current != section) continue;
    found = true;
    if (!trim(withoutLineEnd(_lines[i].bytes)).empty()) place = i + 1;
  }
  if (!_lines.empty() && (!found || place == _lines.size())) {
    std::string& last = _lines.back().bytes;
    if (!last.empty() && last.back() != '\n') last += end;
  }
  if (!found) {
    if (!_lines.empty()) {
      Line blank;
      blank.bytes = end;
      _lines.push_back(blank);
    }
    Line header;
    header.kind = Kind::header;
    header.section = section;
    header.bytes = "[" + header.section + "]" + end;
    _lines.push_back(header);
    place = _lines.size();
  }
  _lines.insert(_lines.begin() + static_cast<std::ptrdiff_t>(place), std::move(added));
  return {};
}

bool IniDocument::remove(std::string_view section, std::string_view key) {
  const auto it = std::find_if(_lines.begin(), _lines.end(), [&](const Line& line) {
    return line.kind == Kind::entry && line.section == section && line.key == key;
  });
  if (it == _lines.end()) return false;
  _lines.erase(it);
  return true;
}

}  // namespace tsunagi::service
