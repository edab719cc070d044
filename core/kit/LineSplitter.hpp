#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "kit/Errors.hpp"

namespace responder {

// Bytes as they come to whole lines. A line ends with LF, CRLF or CR, also when a read ends between CR and LF; a byte
// order mark at the start is dropped. Throws Error(RSP_E_BAD_REPLY) at a line longer than maxLine bytes.
class LineSplitter {
 public:
  static constexpr size_t kMaxLine = size_t{1} << 20;

  explicit LineSplitter(size_t maxLine = kMaxLine) : _maxLine(maxLine) {}

  // each(std::string_view line), without its end; the view is valid for the call. When it throws, the splitter is done.
  template <typename Each>
  void feed(std::string_view bytes, Each&& each) {
    while (!bytes.empty()) {
      if (_afterCr && bytes.front() == '\n') {
        _afterCr = false;
        bytes.remove_prefix(1);
        continue;
      }
      _afterCr = false;
      const size_t end = bytes.find_first_of("\r\n");
      if (end == std::string_view::npos) {
        append(bytes);
        return;
      }
      _afterCr = bytes[end] == '\r';
      if (_line.empty() && !_first) {
        check(end);
        each(bytes.substr(0, end));
      } else {
        append(bytes.substr(0, end));
        take(each);
      }
      bytes.remove_prefix(end + 1);
    }
  }

  // The last line, when it has no end.
  template <typename Each>
  void end(Each&& each) {
    if (!_line.empty()) take(each);
  }

 private:
  void check(size_t size) const {
    if (size > _maxLine)
      throw Error(RSP_E_BAD_REPLY, "the backend sent a line of more than " + std::to_string(_maxLine) + " bytes");
  }
  void append(std::string_view bytes) {
    check(_line.size() + bytes.size());
    _line.append(bytes);
  }
  template <typename Each>
  void take(Each& each) {
    std::string line;
    line.swap(_line);
    std::string_view view = line;
    if (_first && view.substr(0, 3) == "\xEF\xBB\xBF") view.remove_prefix(3);
    _first = false;
    each(view);
  }

  const size_t _maxLine;
  std::string _line;
  bool _first = true;
  bool _afterCr = false;
};

}  // namespace responder
