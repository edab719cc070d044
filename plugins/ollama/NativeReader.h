#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "kit/AnswerText.hpp"
#include "kit/BackendError.hpp"

// Reads answers of Ollama's own /api/chat: one JSON object to a line, the last with "done". Objects come from
// parseLenient(). Functions throw Error for what Ollama reports, and whatever the output throws.
class NativeReader {
 public:
  explicit NativeReader(responder::ChatOutput& out) : _out(out), _text(out) {}

  void object(const nlohmann::json& object) {
    using namespace responder;
    if (const auto error = BackendError::of(object)) throw error->asError();
    if (!object.is_object()) throw Error(RSP_E_BAD_REPLY, "Ollama sent JSON that is no object");
    if (const auto message = object.find("message"); message != object.end() && message->is_object()) {
      if (const auto thought = message->find("thinking"); thought != message->end() && thought->is_string())
        _text.reasoning(thought->get_ref<const std::string&>());
      if (const auto content = message->find("content"); content != message->end() && content->is_string())
        _text.text(content->get_ref<const std::string&>());
    }
    if (object.value("done", nlohmann::json()) != true) return;
    _finished = true;
    const std::string reason = detail::textOf(object, "done_reason");
    if (reason == "length") _finish = RSP_FINISH_LENGTH;
    if (reason == "load" || reason == "unload")
      throw Error(RSP_E_UNAVAILABLE, "Ollama loaded or unloaded the model instead of answering");
    const auto number = [&](const char* key) -> int64_t {
      const auto value = object.find(key);
      return value != object.end() && value->is_number_integer() ? value->get<int64_t>() : -1;
    };
    Usage usage;
    usage.inputTokens = number("prompt_eval_count");
    usage.outputTokens = number("eval_count");
    if (const int64_t ns = number("total_duration"); ns >= 0) usage.backendMs = ns / 1'000'000;
    _out.usage(usage);
  }

  void end() {
    using namespace responder;
    if (!_finished) throw Error(RSP_E_BAD_REPLY, "the answer was cut: Ollama ended it without \"done\"");
    _text.end(_finish == RSP_FINISH_LENGTH);
    if (_text.hasText()) return;
    throw Error(RSP_E_BAD_REPLY, _text.hasThought()
                                     ? "the model thought and said nothing; give it more tokens or less thinking"
                                     : "the model's answer was empty");
  }

  bool finished() const { return _finished; }
  int32_t finish() const { return _finish; }

 private:
  responder::ChatOutput& _out;
  responder::AnswerText _text;
  bool _finished = false;
  int32_t _finish = RSP_FINISH_STOP;
};
