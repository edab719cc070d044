#pragma once
#include <cstdint>
#include <string_view>

#include "kit/Errors.hpp"
#include "kit/Request.hpp"

namespace responder {

// Token counts as the backend tells them; -1: not known.
struct Usage {
  int64_t inputTokens = -1;
  int64_t outputTokens = -1;
  int64_t cachedTokens = -1;
  int64_t reasoningTokens = -1;
  int64_t backendMs = -1;
};

// The way of an answer to the host. Only for the thread that is inside chat(). Everything but finish() throws Cancelled
// once the host wants no more; finish() is sent by the kit when chat() returns without it.
class Stream {
 public:
  Stream(rsp_stream_fn function, void* context) : _function(function), _context(context) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Appends to the answer. Whole characters of UTF-8: see wholeCharacters().
  void text(std::string_view piece) { sendText(RSP_EV_TEXT, piece); }
  void reasoning(std::string_view piece) { sendText(RSP_EV_REASONING, piece); }
  // A sign of life, such as "loading model".
  void status(std::string_view line) { sendText(RSP_EV_STATUS, line); }
  void usage(const Usage& usage) {
    rsp_usage raw{};
    raw.struct_size = sizeof raw;
    raw.input_tokens = usage.inputTokens;
    raw.output_tokens = usage.outputTokens;
    raw.cached_tokens = usage.cachedTokens;
    raw.reasoning_tokens = usage.reasoningTokens;
    raw.backend_ms = usage.backendMs;
    rsp_event event = make(RSP_EV_USAGE);
    event.usage = &raw;
    send(event);
  }
  // Last, at most once.
  void finish(int32_t reason = RSP_FINISH_STOP) {
    if (_finished) throw Error(RSP_E_INTERNAL, "finish() was called twice");
    _finished = true;
    rsp_event event = make(RSP_EV_FINISH);
    event.finish = reason;
    _function(_context, &event);
  }
  bool finished() const { return _finished; }

 private:
  static rsp_event make(int32_t kind) {
    rsp_event event{};
    event.struct_size = sizeof event;
    event.kind = kind;
    return event;
  }
  void sendText(int32_t kind, std::string_view piece) {
    rsp_event event = make(kind);
    event.text = str(piece);
    send(event);
  }
  void send(const rsp_event& event) {
    if (_finished) throw Error(RSP_E_INTERNAL, "an event was sent after finish()");
    if (_stopped || _function(_context, &event) != 0) {
      _stopped = true;
      throw Cancelled();
    }
  }

  rsp_stream_fn _function;
  void* _context;
  bool _finished = false;
  bool _stopped = false;
};

}  // namespace responder
