#include <atomic>
#include <string>
#include <string_view>

#include "kit/OpenAiBackend.hpp"
#include "kit/responder.hpp"

namespace {

using namespace responder;

// LM Studio's server. Models are loaded when they are asked for, which takes a while; with that switched off, or a
// model gone, it may answer with another one than was asked.
class LmStudio {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "a model in LM Studio";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "properties": {
      "base_url": {"type": "string", "format": "uri", "paths": ["/v1", "/api/v1"],
        "default": "http://127.0.0.1:1234", "description": "LM Studio's address, without /v1"},
      "api_key": {"type": "string", "writeOnly": true, "description": "when \"Require Authentication\" is on"},
      "model": {"type": "string", "default": "", "maxLength": 200,
        "description": "the model to ask; without it the loaded one"},
      "only_this_model": {"type": "boolean", "default": false,
        "description": "yes: an answer of another model is an error; else a warning"},
      "ttl_s": {"type": "integer", "default": 0, "minimum": 0, "maximum": 604800,
        "description": "unload the model after so long without use; 0: LM Studio's own rule"},
      "temperature": {"type": "number", "minimum": 0, "maximum": 2, "description": "without it the model's own"},
      "max_tokens": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000000,
        "description": "longest answer; 0: no limit"},
      "max_concurrency": {"type": "integer", "default": 1, "minimum": 0, "maximum": 10000,
        "description": "calls at once; 0: no limit"}
    }
  })";

  explicit LmStudio(Host host)
      : _host(host),
        _baseUrl(addressOf(host, "base_url")),
        _backend{Http(host), host, _baseUrl + "/v1", "api_key"},
        _onlyThisModel(host.configFlag("only_this_model")) {
    ChatBodyRules& rules = _backend.rules;
    rules.model = host.configText("model");
    rules.imageTypes = "image/jpeg image/png image/webp";
    rules.temperature = numberOf(host, "temperature");
    rules.maxTokens = host.configInt("max_tokens");
    if (const int64_t ttl = host.configInt("ttl_s"); ttl > 0) rules.extra["ttl"] = ttl;
  }

  void chat(const Call& call, const Request& request, Stream& stream) {
    const nlohmann::json body = chatBody(request, _backend.rules);
    const std::string wanted = body.value("model", "");
    const std::string answered = _backend.chat(call, body, stream);
    if (wanted.empty() || answered.empty() || answered == wanted) return;
    if (_onlyThisModel) throw Error(RSP_E_BAD_REPLY, "LM Studio answered with " + answered + " instead of " + wanted);
    if (!_warned.exchange(true))
      _host.warn("LM Studio answers with " + answered + " instead of " + wanted +
                     "; load that model, or name the one that is meant",
                 call.id());
  }

  Health health(const Call& call) {
    return healthByModels(_host, _backend.rules.model, "base_url must be LM Studio's address without /v1.",
                          "Get one with `lms get`, or name one that is there.", [&] { return listed(call); });
  }

  void models(const Call& call, const EachModel& each) {
    for (const Model& model : listed(call))
      if (!each(model)) return;
  }

  Info info() const {
    Info info;
    info.caps = RSP_CAP_STREAM | (_sees ? RSP_CAP_IMAGES : 0u);
    info.maxConcurrency = static_cast<uint32_t>(_host.configInt("max_concurrency", 1));
    info.contextTokens = _contextTokens;
    return info;
  }

 private:
  // By LM Studio's own list, which tells more; older versions have only OpenAI's. Learns whether the model sees.
  std::vector<Model> listed(const Call& call) {
    try {
      return ownList(call);
    } catch (const Error& error) {
      if (error.code() != RSP_E_INVALID && error.code() != RSP_E_BAD_REPLY) throw;
    }
    return _backend.models(call);
  }

  std::vector<Model> ownList(const Call& call) {
    const nlohmann::json list = _backend.getJson(call, _baseUrl + "/api/v1/models");
    const auto found = list.find("models");
    if (found == list.end() || !found->is_array()) throw Error(RSP_E_BAD_REPLY, "the list of models has another form");
    std::vector<Model> all;
    for (const auto& item : *found) {
      if (!item.is_object() || item.value("type", "llm") != "llm") continue;
      Model model;
      model.id = item.value("key", "");
      model.name = item.value("display_name", model.id);
      model.caps = RSP_CAP_STREAM;
      if (const auto can = item.find("capabilities");
          can != item.end() && can->is_object() && can->value("vision", false))
        model.caps |= RSP_CAP_IMAGES;
      if (const auto length = item.find("max_context_length"); length != item.end() && length->is_number_integer())
        model.contextTokens = length->get<int64_t>();
      const auto loaded = item.find("loaded_instances");
      model.loaded = loaded != item.end() && loaded->is_array() ? (loaded->empty() ? 0 : 1) : -1;
      if (model.id.empty()) continue;
      const std::string& wanted = _backend.rules.model;
      if (model.id == wanted || (wanted.empty() && model.loaded == 1)) {
        _sees = (model.caps & RSP_CAP_IMAGES) != 0;
        _contextTokens = model.contextTokens;
      }
      all.push_back(std::move(model));
    }
    return all;
  }

  Host _host;
  const std::string _baseUrl;
  OpenAiBackend _backend;
  const bool _onlyThisModel;
  std::atomic<bool> _warned{false};
  std::atomic<bool> _sees{false};  // until a look says so, it does not
  std::atomic<int64_t> _contextTokens{0};
};

}  // namespace

RESPONDER_PLUGIN(LmStudio, "org.tsunagi.lmstudio", "LM Studio", "0.1.0", RSP_CAP_STREAM | RSP_CAP_IMAGES)
