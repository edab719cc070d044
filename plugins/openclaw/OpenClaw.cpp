#include <algorithm>
#include <string>
#include <string_view>

#include "kit/OpenAiBackend.hpp"
#include "kit/responder.hpp"

namespace {

using namespace responder;

// An OpenClaw gateway. Its token is the owner of the machine it runs on, so whoever may chat through it speaks as that
// owner within the agent's tools: the agent must be named, and the host lets only owners in by default.
class OpenClaw {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "an agent of an OpenClaw gateway; whoever chats acts on that machine";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "properties": {
      "base_url": {"type": "string", "format": "uri", "paths": ["/v1", "/readyz"],
        "default": "http://127.0.0.1:18789", "description": "the gateway's address, without /v1"},
      "gateway_token": {"type": "string", "writeOnly": true, "description": "gateway.auth.token of openclaw.json"},
      "agent": {"type": "string", "default": "", "maxLength": 64,
        "description": "the agent that answers; make one without tools for LINE"},
      "allow_owner_agent": {"type": "boolean", "default": false,
        "description": "yes: the agent may be main or default, which can do all that its owner can"},
      "model_form": {"type": "string", "default": "slash", "enum": ["slash", "colon"],
        "description": "colon: for versions before 2026.3"},
      "backend_model": {"type": "string", "default": "", "maxLength": 200,
        "description": "provider/model in place of the agent's own"},
      "images": {"type": "boolean", "default": true, "description": "yes: the agent's model sees pictures"},
      "max_concurrency": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000,
        "description": "calls at once; 0: no limit"}
    }
  })";

  explicit OpenClaw(Host host)
      : _host(host),
        _agent(checkedAgent(host)),
        _baseUrl(addressOf(host, "base_url")),
        _backend{Http(host), host, _baseUrl + "/v1", "gateway_token"},
        _images(host.configFlag("images")) {
    ChatBodyRules& rules = _backend.rules;
    rules.model = std::string("openclaw") + (host.configText("model_form") == "colon" ? ":" : "/") + _agent;
    rules.images = _images;
    rules.imageTypes = "image/jpeg image/png image/webp image/gif image/heic image/heif";
    // The gateway keeps the conversation under `user`; what is sent again would be read twice.
    rules.onlyLastMessage = true;
    _backend.fields.emplace_back("x-openclaw-message-channel", "line");
    if (const std::string model = host.configText("backend_model"); !model.empty())
      _backend.fields.emplace_back("x-openclaw-model", model);
  }

  void chat(const Call& call, const Request& request, Stream& stream) {
    ChatBodyRules rules = _backend.rules;
    rules.user = sessionOf(request.conversationId());
    nlohmann::json body = chatBody(request, rules);
    body["model"] = rules.model;  // a name of the conversation's model is none of the gateway's
    _backend.chat(call, body, stream);
  }

  Health health(const Call& call) {
    Health health;
    try {
      const Http::Response ready = _backend.http.get(call, _backend.request("GET", _baseUrl + "/readyz"));
      if (ready.head.status == 503) {
        health.state = RSP_HEALTH_LOADING;
        health.detail = "the gateway is starting or stopping";
        return health;
      }
    } catch (const Error& error) {
      health = healthOf(error, "base_url must be the gateway's address without /v1.");
      if (health.state == RSP_HEALTH_DOWN) health.detail += ". Is `openclaw gateway` running there?";
      return health;
    }
    return healthByModels(_host, _backend.rules.model,
                          "Set gateway.http.endpoints.chatCompletions.enabled to true in openclaw.json.",
                          "Add the agent to agents.entries of openclaw.json.", [&] {
                            auto models = _backend.models(call);
                            // Older ones name agents with a colon, and list only the default's.
                            for (const Model& model : models)
                              if (model.id.find('/') == std::string::npos && model.id.find(':') == std::string::npos) {
                                models.push_back(model);
                                models.back().id = _backend.rules.model;
                                break;
                              }
                            return models;
                          });
  }

  void models(const Call& call, const EachModel& each) {
    for (Model& model : _backend.models(call)) {
      if (_images) model.caps |= RSP_CAP_IMAGES;
      if (!each(model)) return;
    }
  }

  Info info() const {
    Info info;
    info.caps = RSP_CAP_STREAM | RSP_CAP_SESSIONS | RSP_CAP_HOST_TOOLS | (_images ? RSP_CAP_IMAGES : 0u);
    info.maxConcurrency = static_cast<uint32_t>(_host.configInt("max_concurrency"));
    return info;
  }

 private:
  static std::string checkedAgent(const Host& host) {
    const std::string agent = host.configText("agent");
    const bool owners = agent.empty() || agent == "main" || agent == "default";
    if (owners && !host.configFlag("allow_owner_agent"))
      throw Error(RSP_E_INVALID,
                  "agent is missing or the owner's own: name one without tools, or set allow_owner_agent = yes when "
                  "everybody who may chat may act on that machine");
    if (agent.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
        std::string::npos)
      throw Error(RSP_E_INVALID, "agent has characters that no agent's id has");
    return agent.empty() ? "default" : agent;
  }

  // The gateway's key of a conversation. It lowers the case of letters, so nothing here may depend on it.
  static std::string sessionOf(std::string_view conversationId) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string session = "tsunagi-";
    for (const char c : conversationId) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (plain) {
        session += c;
      } else {
        session += '_';
        session += kHex[byte >> 4];
        session += kHex[byte & 15];
      }
    }
    return session;
  }

  Host _host;
  const std::string _agent;
  const std::string _baseUrl;
  OpenAiBackend _backend;
  const bool _images;
};

}  // namespace

RESPONDER_PLUGIN(OpenClaw, "org.tsunagi.openclaw", "OpenClaw", "0.1.0",
                 RSP_CAP_STREAM | RSP_CAP_SESSIONS | RSP_CAP_HOST_TOOLS | RSP_CAP_IMAGES)
