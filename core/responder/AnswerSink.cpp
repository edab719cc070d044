#include "responder/AnswerSink.h"

#include <algorithm>
#include <utility>

#include "responder/SinkTable.h"

namespace tsunagi::responder {
namespace {

constexpr int kContinue = 0;
constexpr int kStop = 1;
constexpr int kPatienceAfterStop = 16;  // events that may still come before it is called misbehaviour

// The longest prefix of valid UTF-8 that has at most maxBytes and ends between characters.
size_t cutBefore(std::string_view text, size_t maxBytes) {
  size_t cut = std::min(maxBytes, text.size());
  while (cut > 0 && cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

}  // namespace

AnswerSink::AnswerSink(Hooks hooks, size_t maxBytes) : _hooks(std::move(hooks)), _maxBytes(maxBytes) {}

int32_t AnswerSink::callback(void* ctx, const rsp_event* event) {
  try {
    const auto sink = SinkTable<AnswerSink>::instance().find(ctx);
    return sink == nullptr ? kStop : sink->take(event);
  } catch (...) {
    return kStop;  // out of memory, at the worst: the answer would have a hole
  }
}

int32_t AnswerSink::take(const rsp_event* event) {
  if (std::this_thread::get_id() != _thread) {
    _calledFromElsewhere = true;
    _hooks.misbehaved("an event came on a thread that is not inside chat()");
    return kStop;
  }
  if (event == nullptr || event->struct_size < sizeof(uint32_t) * 2) {
    _hooks.misbehaved("an event without content");
    return kContinue;
  }
  if (_finished) {
    _hooks.misbehaved(event->kind == RSP_EV_FINISH ? "a second finish event" : "an event after the finish event");
    return kStop;
  }
  if (_stoppedByReader || _full || _failure != nullptr || _hooks.mustStop()) {
    if (event->kind == RSP_EV_FINISH)
      finish(*event);
    else if (event->kind == RSP_EV_TEXT && !_full)
      _refusedText = true;
    if (++_eventsAfterStop == kPatienceAfterStop) _hooks.misbehaved("goes on streaming after it was told to stop");
    return kStop;
  }
  switch (event->kind) {
    case RSP_EV_TEXT:
      return RSP_HAS(event, text) ? takeText(event->text) : kContinue;
    case RSP_EV_USAGE:
      if (RSP_HAS(event, usage) && event->usage != nullptr && RSP_HAS(event->usage, backend_ms)) {
        const auto known = [](int64_t count) { return std::max<int64_t>(count, -1); };
        _answer.inputTokens = known(event->usage->input_tokens);
        _answer.outputTokens = known(event->usage->output_tokens);
        _answer.cachedTokens = known(event->usage->cached_tokens);
        _answer.reasoningTokens = known(event->usage->reasoning_tokens);
        _answer.backendMs = known(event->usage->backend_ms);
      }
      return kContinue;
    case RSP_EV_FINISH:
      finish(*event);
      return kContinue;
    default:
      return kContinue;
  }
}

void AnswerSink::finish(const rsp_event& event) {
  _finished = true;
  const bool known = RSP_HAS(&event, finish) && event.finish >= RSP_FINISH_STOP && event.finish <= RSP_FINISH_TOOL;
  _answer.finish = known ? event.finish : RSP_FINISH_STOP;
}

int32_t AnswerSink::takeText(const rsp_str& text) {
  if (text.len == 0) return kContinue;
  if (text.data == nullptr) {
    _hooks.misbehaved("a text event without data");
    return kContinue;
  }
  // More than fits is not even looked at; the 4 bytes are the character that may still be open.
  const size_t useful = std::min(text.len, _maxBytes - _answer.text.size() + 4);
  const size_t replaced = _repair.replaced();
  const size_t splits = _repair.splits();
  std::string piece = _repair.feed(std::string_view(text.data, useful));
  if (_repair.replaced() != replaced) _hooks.misbehaved("text that is not UTF-8");
  if (useful == text.len && _repair.splits() != splits) _hooks.misbehaved("a text event that ends inside a character");
  deliver(std::move(piece));
  return _full || _stoppedByReader || _failure != nullptr ? kStop : kContinue;
}

void AnswerSink::deliver(std::string text) {
  if (text.size() > _maxBytes - _answer.text.size()) {
    text.resize(cutBefore(text, _maxBytes - _answer.text.size()));
    _full = true;
  }
  if (text.empty()) return;
  _answer.text += text;
  try {
    if (_hooks.onText && !_hooks.onText(text)) _stoppedByReader = true;
  } catch (...) {
    _failure = std::current_exception();
  }
}

void AnswerSink::conclude(bool pluginSaysOk, ChatOutcome& outcome) {
  const bool whole = pluginSaysOk && !_refusedText && !_stoppedByReader && !_full && _failure == nullptr;
  if (const std::string rest = _repair.finish(); !rest.empty() && !_full) {
    _hooks.misbehaved("an answer that ends inside a character");
    if (whole) deliver(rest);
  }
  if (whole && !_finished) _hooks.misbehaved("chat() returned without a finish event");
  if (!pluginSaysOk && _finished && _eventsAfterStop == 0) _hooks.misbehaved("chat() failed after its finish event");
  outcome.text = std::move(_answer.text);
  outcome.truncated = _full;
  outcome.finish = _full ? ChatOutcome::kFinishLength : _answer.finish;
  outcome.inputTokens = _answer.inputTokens;
  outcome.outputTokens = _answer.outputTokens;
  outcome.cachedTokens = _answer.cachedTokens;
  outcome.reasoningTokens = _answer.reasoningTokens;
  outcome.backendMs = _answer.backendMs;
}

}  // namespace tsunagi::responder
