#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"

namespace tsunagi::service {

// An INI file that keeps every byte: comments, blank lines, order, spacing, line ends and a byte order mark survive
// parse() and text(), and a change touches only the lines it must.
//
//   [section]            names: letters, digits, _ - . ; the same section may be opened again
//   key = value          the value is raw: no escapes, no quotes, no expansion; blanks around it are not part of it
//   # comment, ; comment on lines of their own; "# ..." behind a value belongs to the value (S21)
//
// Not thread-safe while being changed; a const document may be read from any thread.
class IniDocument {
 public:
  struct Entry {
    std::string section, key, value;
    size_t line = 0;  // from 1
  };
  struct Section {
    std::string name;
    size_t line = 0;  // of its first header
  };
  static constexpr size_t maxFile = 1024 * 1024;
  static constexpr size_t maxLine = 16 * 1024;

  // Never throws on bad input: what is wrong is in errors(), all of it, and text() still gives back the input.
  // fileName only labels the errors ("bridge.ini:12: ...").
  static IniDocument parse(std::string_view text, std::string fileName);

  const std::string& fileName() const { return _fileName; }
  const std::vector<std::string>& errors() const { return _errors; }  // at most maxErrors and one line for the rest
  std::string text() const;

  std::vector<Entry> entries() const;     // in the order of the file
  std::vector<Section> sections() const;  // each once, in the order of the file
  std::optional<Entry> find(std::string_view section, std::string_view key) const;

  // Changes the value of an existing line, or adds a line at the end of the section (made at the end of the file if
  // need be). Refuses names and values that would not be read back as they are. Line numbers of entries() follow.
  Status set(std::string_view section, std::string_view key, std::string_view value);
  bool remove(std::string_view section, std::string_view key);  // the one line; false if there was none

 private:
  static constexpr size_t maxErrors = 50;
  enum class Kind { other, header, entry };
  struct Line {
    Kind kind = Kind::other;
    std::string bytes;  // with its line end
    std::string section, key, value;
    size_t valueAt = 0, valueLength = 0;  // where the value stands in bytes
  };
  Line read(std::string_view bytes, const std::string& section, size_t number);
  void complain(size_t line, const std::string& what);
  std::string lineEnd() const;

  std::string _fileName;
  std::string _mark;  // the byte order mark, if there was one
  std::vector<Line> _lines;
  std::vector<std::string> _errors;
  size_t _suppressed = 0;
};

}  // namespace tsunagi::service
