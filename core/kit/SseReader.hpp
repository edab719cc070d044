#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kit/LineSplitter.hpp"

namespace responder {

// Server-sent events (WHATWG HTML, "Server-sent events") as chat backends send them. Of each event the data counts; its
// lines are joined with LF. Names, ids, retry times and comments are skipped. What is no event stream at all, such as
// an error object without "data:", is kept for the error's text.
class SseReader {
 public:
  static constexpr size_t kMaxStray = 4096;
  static constexpr size_t kMaxData = size_t{4} << 20;

  // each(std::string_view data) for every event; valid for the call.
  template <typename Each>
  void feed(std::string_view bytes, Each&& each) {
    _lines.feed(bytes, [&](std::string_view line) { take(line, each); });
  }

  // An event that no blank line ended is complete all the same when the stream ended in order: some backends leave the
  // last line end away. Whether the answer is whole is told by its finish reason.
  template <typename Each>
  void end(Each&& each) {
    _lines.end([&](std::string_view line) { take(line, each); });
    dispatch(each);
  }

  // Nothing that comes from here on counts, not even the rest of a read that is being taken.
  void close() { _closed = true; }
  uint64_t events() const { return _events; }
  const std::string& stray() const { return _stray; }  // at most kMaxStray bytes, lines joined with LF

 private:
  template <typename Each>
  void take(std::string_view line, Each& each) {
    if (_closed) return;
    if (line.empty()) return dispatch(each);
    if (line.front() == ':') return;
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (name == "data") {
      if (_data.size() + value.size() > kMaxData)
        throw Error(RSP_E_BAD_REPLY, "the backend sent an event of more than 4 MiB");
      if (_hasData) _data += '\n';
      _hasData = true;
      _data += value;
    } else if (name != "event" && name != "id" && name != "retry" && _stray.size() < kMaxStray) {
      if (!_stray.empty()) _stray += '\n';
      _stray += wholeCharacters(line, kMaxStray - _stray.size());
    }
  }
  template <typename Each>
  void dispatch(Each& each) {
    if (!_hasData || _closed) return;
    std::string data;
    data.swap(_data);
    _hasData = false;
    ++_events;
    each(std::string_view(data));
  }

  LineSplitter _lines;
  std::string _data;
  std::string _stray;
  bool _hasData = false;
  bool _closed = false;
  uint64_t _events = 0;
};

}  // namespace responder
