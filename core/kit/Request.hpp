#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "abi/responder.h"

namespace responder {

// Typed views over a request. They cost nothing, own nothing and live as long as the call.

inline std::string_view view(rsp_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.data, text.len);
}
inline rsp_str str(std::string_view text) { return rsp_str{text.data(), text.size()}; }

// A range of views over the ABI's arrays of pointers.
template <typename View, typename Raw>
class Views {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using pointer = const View*;
    using reference = View;
    explicit Iterator(const Raw* const* at) : _at(at) {}
    View operator*() const { return View(**_at); }
    Iterator& operator++() { return ++_at, *this; }
    Iterator operator++(int) { return Iterator(_at++); }
    friend bool operator==(Iterator a, Iterator b) { return a._at == b._at; }
    friend bool operator!=(Iterator a, Iterator b) { return a._at != b._at; }

   private:
    const Raw* const* _at;
  };
  Views(const Raw* const* first, size_t count) : _first(first), _count(count) {}
  Iterator begin() const { return Iterator(_first); }
  Iterator end() const { return Iterator(_count == 0 ? _first : _first + _count); }
  size_t size() const { return _count; }
  bool empty() const { return _count == 0; }
  View operator[](size_t index) const { return View(*_first[index]); }

 private:
  const Raw* const* _first;
  size_t _count;
};

class Part {
 public:
  explicit Part(const rsp_part& raw) : _raw(&raw) {}
  int32_t kind() const { return _raw->kind; }  // RSP_PART_*; there may be others
  bool isText() const { return kind() == RSP_PART_TEXT; }
  std::string_view data() const { return view(_raw->data); }
  std::string_view mime() const { return view(_raw->mime); }
  std::string_view name() const { return view(_raw->name); }  // from outside; never a path

 private:
  const rsp_part* _raw;
};

class Message {
 public:
  explicit Message(const rsp_message& raw) : _raw(&raw) {}
  int32_t role() const { return _raw->role; }  // RSP_ROLE_*; there may be others
  Views<Part, rsp_part> parts() const { return {_raw->parts, _raw->n_parts}; }

 private:
  const rsp_message* _raw;
};

class Request {
 public:
  explicit Request(const rsp_request& raw) : _raw(&raw) {}
  Views<Message, rsp_message> messages() const { return {_raw->messages, _raw->n_messages}; }  // oldest first
  // The newest message of the user, if there is one.
  std::optional<Message> lastUserMessage() const {
    for (size_t i = messages().size(); i-- > 0;)
      if (messages()[i].role() == RSP_ROLE_USER) return messages()[i];
    return std::nullopt;
  }
  std::string_view model() const { return view(_raw->model); }  // empty: the plugin's default
  std::string_view conversationId() const { return view(_raw->conversation_id); }
  std::optional<double> temperature() const {
    return std::isnan(_raw->temperature) ? std::nullopt : std::optional<double>(_raw->temperature);
  }
  int64_t maxOutputTokens() const { return _raw->max_output_tokens; }  // 0: the backend's default
  std::string_view optionsJson() const { return view(_raw->options_json); }
  bool accepts(int32_t eventKind) const {
    return eventKind >= 0 && eventKind < 32 && (_raw->accept & RSP_ACCEPT(static_cast<uint32_t>(eventKind))) != 0;
  }

 private:
  const rsp_request* _raw;
};

}  // namespace responder
