#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "kit/BackendError.hpp"
#include "kit/Http.hpp"
#include "kit/LenientJson.hpp"
#include "kit/LineSplitter.hpp"
#include "kit/OpenAiReader.hpp"
#include "kit/SseReader.hpp"

namespace responder {

// The bytes of one chat answer, whatever form they have, to a reader of objects: an event stream, lines of JSON, or one
// JSON object, told by Content-Type, else by the first bytes. A response that is no 2xx becomes its error.
// Reader: object(json), end(), finished().
template <typename Reader>
class AnswerBytes {
 public:
  static constexpr size_t kMaxWhole = size_t{16} << 20;
  static constexpr size_t kMaxError = size_t{64} << 10;
  static constexpr uint64_t kMaxObjects = 1'000'000;

  explicit AnswerBytes(Reader& reader) : _reader(reader) {}

  void head(const HttpHead& head) {
    _status = head.status;
    _retryAfterMs = retryAfterMs(head.field("Retry-After"));
    const std::string type = detail::lowered(head.field("Content-Type"));
    if (_status < 200 || _status > 299)
      _form = Form::Error;
    else if (type.find("text/event-stream") == 0)
      _form = Form::Events;
    else if (type.find("application/x-ndjson") == 0 || type.find("application/jsonl") == 0)
      _form = Form::Lines;
    else if (type.find("application/json") == 0)
      _form = Form::Whole;
  }

  // False: all that is wanted is here.
  bool body(std::string_view bytes) {
    if (_form == Form::Unknown && !recognise(bytes)) return true;
    if (!_begin.empty()) {
      const std::string begin = std::exchange(_begin, {});
      return feed(begin);
    }
    return feed(bytes);
  }

  // The response was read to its end.
  void end() {
    if (_form == Form::Unknown) _form = Form::Whole, _whole = std::exchange(_begin, {});
    if (_form == Form::Error) throw BackendError::ofResponse(_status, _whole).asError(_retryAfterMs);
    if (_form == Form::Whole) {
      const auto object = parseLenient(_whole);
      if (!object)
        throw Error(RSP_E_BAD_REPLY, "the backend's answer is no JSON: " + detail::readable(_whole), _status);
      take(*object);
    }
    if (_form == Form::Events) _events.end([&](std::string_view data) { takeData(data); });
    if (_form == Form::Lines) _lines.end([&](std::string_view line) { takeLine(line); });
    // An error that stood in the stream without being an event of it.
    if (_form == Form::Events && !_reader.finished() && !_events.stray().empty()) {
      const BackendError stray = BackendError::ofResponse(0, _events.stray());
      throw stray.asError();
    }
    _reader.end();
  }

 private:
  enum class Form { Unknown, Events, Lines, Whole, Error };

  bool recognise(std::string_view bytes) {
    _begin.append(bytes);
    const size_t first = _begin.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string::npos) {
      if (_begin.size() > kMaxError) throw Error(RSP_E_BAD_REPLY, "the backend sends nothing but white space");
      return false;
    }
    const std::string_view rest = std::string_view(_begin).substr(first);
    const bool events = rest.front() == ':' || rest.substr(0, 5) == "data:" || rest.substr(0, 6) == "event:" ||
                        rest.substr(0, 3) == "id:" || rest.substr(0, 6) == "retry:";
    if (!events && rest.size() < 6 && rest.front() != '{') return false;
    _form = events ? Form::Events : Form::Whole;
    return true;
  }

  bool feed(std::string_view bytes) {
    switch (_form) {
      case Form::Events:
        _events.feed(bytes, [&](std::string_view data) { takeData(data); });
        return !_done;
      case Form::Lines:
        _lines.feed(bytes, [&](std::string_view line) { takeLine(line); });
        return true;
      default:
        break;
    }
    const size_t limit = _form == Form::Error ? kMaxError : kMaxWhole;
    const size_t room = limit - _whole.size();
    if (bytes.size() > room && _form != Form::Error)
      throw Error(RSP_E_BAD_REPLY, "the backend's answer is larger than 16 MiB", _status);
    _whole.append(bytes.substr(0, room));
    return true;
  }

  void takeData(std::string_view data) {
    if (!OpenAiReader::isDone(data)) return takeLine(data);
    _done = true;
    _events.close();
  }
  void takeLine(std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    const auto object = parseLenient(line);
    if (!object) throw Error(RSP_E_BAD_REPLY, "the backend sent a piece that is no JSON", _status);
    take(*object);
  }
  void take(const nlohmann::json& object) {
    if (++_objects > kMaxObjects) throw Error(RSP_E_BAD_REPLY, "the backend's answer does not end", _status);
    _reader.object(object);
  }

  Reader& _reader;
  Form _form = Form::Unknown;
  int _status = 0;
  int64_t _retryAfterMs = 0;
  SseReader _events;
  LineSplitter _lines;
  std::string _begin;  // until the form is known
  std::string _whole;
  uint64_t _objects = 0;
  bool _done = false;
};

// One chat: the request to the backend, the answer to the reader. Asked again once, and only when no byte of the first
// attempt left this host. Throws Error and Cancelled.
template <typename Reader>
void runChat(const Http& http, const Call& call, const HttpRequest& request, Reader& reader) {
  static constexpr int64_t kPauseMs = 300;
  for (bool again = false;; again = true) {
    AnswerBytes<Reader> answer(reader);
    try {
      http.send(
          call, request, [&](const HttpHead& head) { answer.head(head); },
          [&](std::string_view bytes) { return answer.body(bytes); });
    } catch (const HttpError& error) {
      if (!again && !error.sent() && error.code() == RSP_E_UNAVAILABLE) {
        call.waitFor(kPauseMs);
        continue;
      }
      // All of the answer had come: how the connection ended after it does not matter.
      if (reader.finished()) return reader.end();
      throw;
    }
    return answer.end();
  }
}

}  // namespace responder
