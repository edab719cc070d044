#include <array>
#include <string>
#include <string_view>

#include "kit/OpenAiBackend.hpp"
#include "kit/responder.hpp"

namespace {

using namespace responder;

// What differs between servers that speak like OpenAI. A setting of the operator wins over its profile.
struct Profile {
  std::string_view name;
  std::string_view tokenField;  // the cap on output
  bool needsKey;
  bool needsModel;
  bool includeUsage;
};
constexpr std::array<Profile, 8> PROFILES{{
    {"generic", "max_tokens", false, false, true},
    {"openai", "max_completion_tokens", true, true, true},
    {"openrouter", "max_tokens", true, true, false},
    {"anthropic", "max_tokens", true, true, true},
    {"litellm", "max_tokens", false, true, true},
    {"llama-server", "max_tokens", false, false, true},
    {"vllm", "max_tokens", false, true, true},
    {"localai", "max_tokens", false, true, true},
}};

const Profile& profileOf(const Host& host) {
  const std::string name = host.configText("profile", "generic");
  for (const Profile& profile : PROFILES)
    if (profile.name == name) return profile;
  throw Error(RSP_E_INVALID, "profile: there is none of this name");
}

// Any server with OpenAI's /chat/completions: the clouds, and llama.cpp, vLLM or LocalAI at home.
class OpenAi {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "any server that speaks like OpenAI, in a cloud or at home";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "properties": {
      "profile": {"type": "string", "default": "generic", "description": "defaults for a known server",
        "enum": ["generic", "openai", "openrouter", "anthropic", "litellm", "llama-server", "vllm", "localai"]},
      "base_url": {"type": "string", "format": "uri", "description": "the API's address, mostly ending in /v1"},
      "api_key": {"type": "string", "writeOnly": true, "description": "the key of the server"},
      "model": {"type": "string", "default": "", "maxLength": 200, "description": "the model to ask"},
      "images": {"type": "boolean", "default": false, "description": "yes: the model sees pictures"},
      "temperature": {"type": "number", "minimum": 0, "maximum": 2, "description": "without it the server's own"},
      "max_tokens": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000000,
        "description": "longest answer; 0: the server's own limit"},
      "token_field": {"type": "string", "default": "", "description": "name of that limit in the request",
        "enum": ["", "max_tokens", "max_completion_tokens"]},
      "think_open": {"type": "boolean", "default": false,
        "description": "yes: answers begin inside a thought, since the template opened it"},
      "extra_body": {"type": "string", "default": "", "maxLength": 10000,
        "description": "a JSON object of further fields for each request"},
      "idle_s": {"type": "integer", "default": 0, "minimum": 0, "maximum": 3600,
        "description": "give up after so many seconds without a byte; 0: only at the answer's own limit"},
      "max_concurrency": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000,
        "description": "calls at once; 0: no limit"}
    },
    "required": ["base_url"]
  })";

  explicit OpenAi(Host host)
      : _host(host),
        _backend{Http(host), host, addressOf(host, "base_url"), "api_key"},
        _images(host.configFlag("images")) {
    const Profile& profile = profileOf(host);
    if (profile.needsKey && !host.secret("api_key"))
      throw Error(RSP_E_INVALID, "api_key_file is missing: put the key into a file of its own and name it");
    ChatBodyRules& rules = _backend.rules;
    rules.model = host.configText("model");
    if (profile.needsModel && rules.model.empty()) throw Error(RSP_E_INVALID, "model is missing: name the one to ask");
    rules.images = _images;
    rules.includeUsage = profile.includeUsage;
    rules.tokenField = host.configText("token_field");
    if (rules.tokenField.empty()) rules.tokenField = profile.tokenField;
    rules.maxTokens = host.configInt("max_tokens");
    rules.temperature = numberOf(host, "temperature");
    rules.extra = objectOf(host, "extra_body");
    _backend.beginsInThought = host.configFlag("think_open");
    _backend.idleMs = host.configInt("idle_s") * 1000;
  }

  void chat(const Call& call, const Request& request, Stream& stream) {
    _backend.chat(call, chatBody(request, _backend.rules), stream);
  }

  Health health(const Call& call) {
    return healthByModels(_host, _backend.rules.model, "base_url must be the address above /chat/completions.",
                          "Name one of those that `responder models` lists.", [&] { return _backend.models(call); });
  }

  void models(const Call& call, const EachModel& each) {
    for (Model& model : _backend.models(call)) {
      if (_images && model.id == _backend.rules.model) model.caps |= RSP_CAP_IMAGES;
      if (!each(model)) return;
    }
  }

  Info info() const {
    Info info;
    info.caps = RSP_CAP_STREAM | (_images ? RSP_CAP_IMAGES : 0u);
    info.maxConcurrency = static_cast<uint32_t>(_host.configInt("max_concurrency"));
    return info;
  }

 private:
  Host _host;
  OpenAiBackend _backend;
  const bool _images;
};

}  // namespace

RESPONDER_PLUGIN(OpenAi, "org.tsunagi.openai", "OpenAI-compatible", "0.1.0", RSP_CAP_STREAM | RSP_CAP_IMAGES)
