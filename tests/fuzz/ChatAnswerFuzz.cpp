// A backend's answer, from bytes to text: the first byte chooses how it comes. Only Error may come out, the text is
// UTF-8 without NUL, and how the bytes are cut changes nothing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/Encoding.h"
#include "kit/ChatClient.hpp"

using namespace responder;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Heard : ChatOutput {
  void text(std::string_view piece) override { said += piece; }
  void reasoning(std::string_view piece) override { thought += piece; }
  void usage(const Usage&) override {}
  std::string said, thought;
};

struct Outcome {
  std::string said, thought, error;
};

Outcome read(std::string_view bytes, int status, const char* type, size_t pieceSize) {
  Heard heard;
  OpenAiReader reader(heard);
  AnswerBytes<OpenAiReader> answer(reader);
  Outcome outcome;
  try {
    HttpHead head;
    head.status = status;
    head.fields.emplace_back("Content-Type", type);
    answer.head(head);
    for (size_t at = 0; at < bytes.size(); at += pieceSize)
      if (!answer.body(bytes.substr(at, pieceSize))) break;
    answer.end();
  } catch (const Error& error) {
    outcome.error = error.what();
    require(error.code() != RSP_OK);
  }
  outcome.said = heard.said;
  outcome.thought = heard.thought;
  for (const std::string* text : {&outcome.said, &outcome.thought}) {
    require(tsunagi::isValidUtf8(*text));
    require(text->find('\0') == std::string::npos);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static constexpr const char* TYPES[] = {"text/event-stream", "application/json", "application/x-ndjson", "",
                                          "text/html"};
  const char* type = TYPES[data[0] % 5];
  const int status = data[0] / 5 % 8 == 0 ? 500 : 200;
  const Outcome whole = read(bytes, status, type, bytes.size() + 1);
  const Outcome cut = read(bytes, status, type, 1 + data[0] / 40);
  require(whole.said == cut.said);
  require(whole.thought == cut.thought);
  require(whole.error == cut.error);
  return 0;
}
