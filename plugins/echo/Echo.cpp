#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>

#include "kit/responder.hpp"

namespace {

// Answers with the text of the user's last message. To try an installation without a model, and as the double of a
// model in tests: its configuration makes it slow, talkative or failing.
class Echo {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "answers with what was said; for trying things out";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "properties": {
      "prefix": {"type": "string", "default": "", "maxLength": 1000, "description": "put before the answer"},
      "chunk": {"type": "integer", "default": 64, "minimum": 1, "maximum": 100000,
        "description": "bytes per piece of the answer; pieces end between characters"},
      "delay_ms": {"type": "integer", "default": 0, "minimum": 0, "maximum": 3600000,
        "description": "wait before the answer"},
      "chunk_delay_ms": {"type": "integer", "default": 0, "minimum": 0, "maximum": 3600000,
        "description": "wait between its pieces"},
      "fail": {"type": "string", "default": "none", "description": "end each call with this error, after the delay",
        "enum": ["none", "invalid", "unsupported", "unavailable", "rate_limited", "auth", "too_long", "bad_reply",
                 "internal"]},
      "retry_after_ms": {"type": "integer", "default": 0, "minimum": 0, "maximum": 86400000,
        "description": "told with the error"},
      "max_concurrency": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000,
        "description": "calls at once; 0: no limit"},
      "crash": {"type": "boolean", "default": false, "description": "end the whole process in each call"}
    }
  })";

  explicit Echo(responder::Host host)
      : _prefix(host.configText("prefix")),
        _chunk(static_cast<size_t>(host.configInt("chunk", 64))),
        _delayMs(host.configInt("delay_ms")),
        _chunkDelayMs(host.configInt("chunk_delay_ms")),
        _failure(codeOf(host.configText("fail", "none"))),
        _retryAfterMs(static_cast<int32_t>(host.configInt("retry_after_ms"))),
        _maxConcurrency(static_cast<uint32_t>(host.configInt("max_concurrency"))),
        _crash(host.configFlag("crash")) {}

  void chat(const responder::Call& call, const responder::Request& request, responder::Stream& stream) {
    if (_crash) std::abort();
    const std::string answer = _prefix + textOf(request);
    call.waitFor(_delayMs);
    if (_failure != RSP_OK) throw responder::Error(_failure, "echo is configured to fail", 0, _retryAfterMs);
    for (std::string_view rest = answer; !rest.empty();) {
      const std::string_view piece = responder::wholeCharacters(rest, _chunk);
      stream.text(piece);
      rest.remove_prefix(piece.size());
      if (!rest.empty()) call.waitFor(_chunkDelayMs);
    }
    stream.finish();
  }

  responder::Health health(const responder::Call& call) {
    call.check();
    responder::Health health;
    health.state = _failure == RSP_OK ? RSP_HEALTH_READY : RSP_HEALTH_DOWN;
    health.latencyMs = 0;
    if (_failure != RSP_OK) health.detail = "echo is configured to fail";
    return health;
  }

  void models(const responder::Call& call, const responder::EachModel& each) {
    call.check();
    responder::Model model;
    model.id = model.name = "echo";
    model.caps = RSP_CAP_STREAM;
    model.loaded = 1;
    each(model);
  }

  responder::Info info() const {
    responder::Info info;
    info.caps = RSP_CAP_STREAM;
    info.maxConcurrency = _maxConcurrency;
    return info;
  }

 private:
  static int32_t codeOf(const std::string& name) {
    static constexpr std::array<std::pair<const char*, int32_t>, 9> kCodes{{{"none", RSP_OK},
                                                                            {"invalid", RSP_E_INVALID},
                                                                            {"unsupported", RSP_E_UNSUPPORTED},
                                                                            {"unavailable", RSP_E_UNAVAILABLE},
                                                                            {"rate_limited", RSP_E_RATE_LIMITED},
                                                                            {"auth", RSP_E_AUTH},
                                                                            {"too_long", RSP_E_TOO_LONG},
                                                                            {"bad_reply", RSP_E_BAD_REPLY},
                                                                            {"internal", RSP_E_INTERNAL}}};
    const auto found = std::find_if(kCodes.begin(), kCodes.end(), [&](const auto& code) { return name == code.first; });
    if (found == kCodes.end()) throw responder::Error(RSP_E_INVALID, "fail: there is no error of this name");
    return found->second;
  }

  static const char* wordFor(int32_t kind) {
    switch (kind) {
      case RSP_PART_IMAGE:
        return "[image]";
      case RSP_PART_AUDIO:
        return "[audio]";
      case RSP_PART_FILE:
        return "[file]";
      default:
        return "[?]";
    }
  }

  static std::string textOf(const responder::Request& request) {
    const auto message = request.lastUserMessage();
    if (!message) throw responder::Error(RSP_E_INVALID, "the request has no message of the user");
    std::string text;
    for (const responder::Part part : message->parts()) {
      if (!text.empty()) text += '\n';
      text += part.isText() ? std::string(part.data()) : wordFor(part.kind());
    }
    return text;
  }

  const std::string _prefix;
  const size_t _chunk;
  const int64_t _delayMs;
  const int64_t _chunkDelayMs;
  const int32_t _failure;
  const int32_t _retryAfterMs;
  const uint32_t _maxConcurrency;
  const bool _crash;
};

}  // namespace

RESPONDER_PLUGIN(Echo, "org.tsunagi.echo", "Echo", "0.1.0", RSP_CAP_STREAM)
