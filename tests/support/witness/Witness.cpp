#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include "kit/responder.hpp"

namespace {

// Answers with the text of the user's last message, and tells a test about it through files in `folder`: "asked-1",
// "asked-2" … have the request, a line "role: text" for each message (line breaks in it as " | "), before them "model:
// …" when one is wanted. While there is a file "hold", no call is answered whose last message has what stands in it.
class Witness {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "for tests: writes down what it is asked";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "required": ["folder"],
    "properties": {
      "folder": {"type": "string", "description": "where the requests are written"},
      "answer": {"type": "string", "default": "", "description": "said instead of the user's words"},
      "repeat": {"type": "integer", "default": 1, "minimum": 1, "maximum": 1000000,
        "description": "how often it is said, one line each"},
      "tokens": {"type": "integer", "default": 0, "minimum": 0, "maximum": 1000000000,
        "description": "what each answer is said to have used"}
    }
  })";

  explicit Witness(responder::Host host)
      : _folder(host.configText("folder")),
        _answer(host.configText("answer")),
        _repeat(host.configInt("repeat", 1)),
        _tokens(host.configInt("tokens")) {}

  void chat(const responder::Call& call, const responder::Request& request, responder::Stream& stream) {
    std::string asked, last;
    if (!request.model().empty()) asked = "model: " + std::string(request.model()) + "\n";
    for (const responder::Message message : request.messages()) {
      std::string text;
      for (const responder::Part part : message.parts()) {
        if (!text.empty()) text += '\n';
        text += part.isText() ? std::string(part.data()) : "[part]";
      }
      if (message.role() == RSP_ROLE_USER) last = text;
      asked += std::string(roleName(message.role())) + ": " + inOneLine(text) + "\n";
    }
    writeDown(asked);
    while (isHeld(last)) call.waitFor(5);
    const std::string answer = _answer.empty() ? last : _answer;
    for (int64_t i = 0; i < _repeat; ++i) stream.text((i == 0 ? "" : "\n") + answer);
    if (_tokens > 0) {
      responder::Usage usage;
      usage.outputTokens = _tokens;
      stream.usage(usage);
    }
    stream.finish();
  }

  responder::Health health(const responder::Call& call) {
    call.check();
    responder::Health health;
    health.state = RSP_HEALTH_READY;
    return health;
  }

  void models(const responder::Call& call, const responder::EachModel& each) {
    call.check();
    for (const char* id : {"small", "Large"}) {
      responder::Model model;
      model.id = model.name = id;
      model.caps = RSP_CAP_STREAM;
      each(model);
    }
  }

 private:
  static std::string_view roleName(int32_t role) {
    switch (role) {
      case RSP_ROLE_SYSTEM:
        return "system";
      case RSP_ROLE_USER:
        return "user";
      case RSP_ROLE_ASSISTANT:
        return "assistant";
      default:
        return "?";
    }
  }

  static std::string inOneLine(const std::string& text) {
    std::string line;
    for (const char c : text) line += c == '\n' ? std::string(" | ") : std::string(1, c);
    return line;
  }

  bool isHeld(const std::string& question) const {
    std::ifstream hold(_folder / "hold");
    const std::string words{std::istreambuf_iterator<char>(hold), {}};
    return hold.is_open() && question.find(words) != std::string::npos;
  }

  // Whole as soon as it is seen.
  void writeDown(const std::string& asked) {
    const std::lock_guard lock(_mutex);
    int number = 1;
    while (std::filesystem::exists(_folder / ("asked-" + std::to_string(number)))) ++number;
    const auto unfinished = _folder / "unfinished";
    std::ofstream(unfinished, std::ios::binary) << asked;
    std::filesystem::rename(unfinished, _folder / ("asked-" + std::to_string(number)));
  }

  const std::filesystem::path _folder;
  const std::string _answer;
  const int64_t _repeat;
  const int64_t _tokens;
  std::mutex _mutex;
};

}  // namespace

RESPONDER_PLUGIN(Witness, "org.tsunagi.witness", "Witness", "0.1.0", RSP_CAP_STREAM)
