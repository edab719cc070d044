#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "kit/AnswerText.hpp"
#include "kit/BackendError.hpp"

namespace responder {

// Reads answers of /v1/chat/completions: the chunks of a stream or one whole object, as OpenAI and those that speak
// like it send them. Objects come from parseLenient(). Unknown fields are ignored; an error is looked for first.
// Functions throw Error for what the backend reports, and whatever the output throws.
class OpenAiReader {
 public:
  explicit OpenAiReader(ChatOutput& out, bool beginsInThought = false) : _out(out), _text(out, beginsInThought) {}

  // One event's data. [DONE] and what follows it is no object: see isDone().
  void object(const nlohmann::json& object) {
    if (const auto error = BackendError::of(object)) throw error->asError();
    if (!object.is_object()) throw Error(RSP_E_BAD_REPLY, "the backend sent JSON that is no object");
    if (_model.empty()) _model = detail::textOf(object, "model");
    takeUsage(object);
    const auto choices = object.find("choices");
    if (choices == object.end() || !choices->is_array()) return;
    for (const auto& choice : *choices)
      if (choice.is_object() && choice.value("index", nlohmann::json(0)) == 0) takeChoice(choice);
  }

  // After the last object, or when the connection ended. Success is a finish reason and a text: neither the end of the
  // stream nor [DONE] says that the answer is whole.
  void end() {
    if (!finished()) throw Error(RSP_E_BAD_REPLY, "the answer was cut: the backend ended it without a finish reason");
    _text.end(_finish == RSP_FINISH_LENGTH);
    if (_text.hasText() || _finish == RSP_FINISH_FILTER) return;
    if (_tools) throw Error(RSP_E_BAD_REPLY, "the model asked for a tool instead of answering; offer it none");
    throw Error(RSP_E_BAD_REPLY, _text.hasThought()
                                     ? "the model thought and said nothing; give it more tokens or less thinking"
                                     : "the model's answer was empty");
  }

  bool finished() const { return _finished; }
  bool hasText() const { return _text.hasText(); }
  int32_t finish() const { return _finish; }           // RSP_FINISH_*
  const std::string& model() const { return _model; }  // as the backend says; may be empty

  static bool isDone(std::string_view data) {
    while (!data.empty() && static_cast<unsigned char>(data.front()) <= ' ') data.remove_prefix(1);
    while (!data.empty() && static_cast<unsigned char>(data.back()) <= ' ') data.remove_suffix(1);
    return data == "[DONE]";
  }

 private:
  void takeChoice(const nlohmann::json& choice) {
    for (const char* const name : {"delta", "message"})
      if (const auto said = choice.find(name); said != choice.end() && said->is_object()) takeSaid(*said);
    const auto reason = choice.find("finish_reason");
    if (reason == choice.end() || !reason->is_string()) return;
    const auto& word = reason->get_ref<const std::string&>();
    if (word == "error") throw Error(RSP_E_UNAVAILABLE, "the backend gave up in the middle of its answer");
    _finished = true;
    if (word == "length" || word == "max_tokens") _finish = RSP_FINISH_LENGTH;
    if (word == "content_filter") _finish = RSP_FINISH_FILTER;
    if (word == "tool_calls" || word == "function_call") _tools = true;
  }

  void takeSaid(const nlohmann::json& said) {
    for (const char* const name : {"reasoning_content", "reasoning", "thinking"})
      if (const auto thought = said.find(name); thought != said.end() && thought->is_string())
        _text.reasoning(thought->get_ref<const std::string&>());
    if (const auto content = said.find("content"); content != said.end()) {
      if (content->is_string()) _text.text(content->get_ref<const std::string&>());
      if (content->is_array())
        for (const auto& part : *content)
          if (part.is_object())
            if (const auto text = part.find("text"); text != part.end() && text->is_string())
              _text.text(text->get_ref<const std::string&>());
    }
    if (const auto refusal = said.find("refusal"); refusal != said.end() && refusal->is_string())
      _text.text(refusal->get_ref<const std::string&>());
  }

  void takeUsage(const nlohmann::json& object) {
    const auto found = object.find("usage");
    if (found == object.end() || !found->is_object()) return;
    const auto number = [](const nlohmann::json& from, const char* key) -> int64_t {
      const auto value = from.find(key);
      return value != from.end() && value->is_number_integer() ? value->get<int64_t>() : -1;
    };
    const auto inner = [&](const char* group, const char* key) -> int64_t {
      const auto details = found->find(group);
      return details != found->end() && details->is_object() ? number(*details, key) : -1;
    };
    Usage usage;
    usage.inputTokens = number(*found, "prompt_tokens");
    usage.outputTokens = number(*found, "completion_tokens");
    usage.cachedTokens = inner("prompt_tokens_details", "cached_tokens");
    usage.reasoningTokens = inner("completion_tokens_details", "reasoning_tokens");
    // Some send zeros with every chunk until the last.
    if (usage.inputTokens > 0 || usage.outputTokens > 0) _out.usage(usage);
  }

  ChatOutput& _out;
  AnswerText _text;
  std::string _model;
  int32_t _finish = RSP_FINISH_STOP;
  bool _finished = false;
  bool _tools = false;
};

}  // namespace responder
