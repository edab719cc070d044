#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "NativeReader.h"
#include "kit/OpenAiBackend.hpp"
#include "kit/responder.hpp"

namespace {

using namespace responder;

// Ollama, by its OpenAI surface or by its own API, which alone takes num_ctx and keep_alive and lets the model's own
// sampling stand.
class Ollama {
 public:
  static constexpr const char* kVendor = "Tsunagi";
  static constexpr const char* kDescription = "a model in Ollama";
  static constexpr const char* kConfigSchema = R"({
    "type": "object",
    "properties": {
      "base_url": {"type": "string", "format": "uri", "paths": ["/v1", "/api"],
        "default": "http://127.0.0.1:11434", "description": "Ollama's address, without /v1"},
      "api_key": {"type": "string", "writeOnly": true, "description": "for a proxy before it that wants one"},
      "api": {"type": "string", "default": "openai", "enum": ["openai", "native"],
        "description": "native: num_ctx, keep_alive and the model's own sampling"},
      "model": {"type": "string", "default": "", "maxLength": 200,
        "description": "as `ollama list` shows it; without it the first of that list"},
      "think": {"type": "string", "default": "no", "enum": ["no", "yes", "low", "medium", "high", "auto"],
        "description": "auto: as the model does by itself"},
      "num_ctx": {"type": "integer", "minimum": 256, "maximum": 10000000,
        "description": "length of the context in tokens; api = native only"},
      "keep_alive": {"type": "string", "maxLength": 20,
        "description": "how long the model stays loaded, such as 30m, or -1; api = native only"},
      "temperature": {"type": "number", "minimum": 0, "maximum": 2,
        "description": "without it the model's own, with api = openai 1"},
      "max_tokens": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10000000,
        "description": "longest answer; 0: no limit"},
      "images": {"type": "string", "default": "auto", "enum": ["auto", "yes", "no"],
        "description": "does the model see pictures; auto: Ollama is asked"},
      "max_concurrency": {"type": "integer", "default": 1, "minimum": 0, "maximum": 10000,
        "description": "calls at once, as OLLAMA_NUM_PARALLEL; 0: no limit"}
    }
  })";

  explicit Ollama(Host host)
      : _host(host),
        _baseUrl(addressOf(host, "base_url")),
        _backend{Http(host), host, _baseUrl + "/v1", "api_key"},
        _native(host.configText("api") == "native"),
        _think(host.configText("think")),
        _images(host.configText("images")),
        _sees(_images == "yes") {
    if (!_native)
      for (const char* key : {"num_ctx", "keep_alive"})
        if (host.config(key))
          throw Error(RSP_E_INVALID, std::string(key) + " is not taken by Ollama's OpenAI API: set api = native");
    ChatBodyRules& rules = _backend.rules;
    rules.model = host.configText("model");
    rules.imageTypes = "image/jpeg image/png image/webp";
    rules.temperature = numberOf(host, "temperature");
    rules.maxTokens = host.configInt("max_tokens");
  }

  void chat(const Call& call, const Request& request, Stream& stream) {
    try {
      ask(call, request, stream, !_cannotThink);
    } catch (const Error& error) {
      // Some models refuse to be told whether to think. Nothing of an answer has come then.
      if (_cannotThink || error.httpStatus() != 400 ||
          std::string_view(error.what()).find("think") == std::string_view::npos)
        throw;
      _cannotThink = true;
      ask(call, request, stream, false);
    }
  }

  Health health(const Call& call) {
    const std::string& model = _backend.rules.model;
    Health health = healthByModels(_host, model, "base_url must be Ollama's address without /v1.",
                                   "Get one with `ollama pull" + (model.empty() ? "" : " " + model) + "`.",
                                   [&] { return installed(call); });
    if (health.state == RSP_HEALTH_READY) learn(call, model.empty() ? firstModel(call) : model);
    return health;
  }

  void models(const Call& call, const EachModel& each) {
    for (Model& model : installed(call)) {
      if (_sees && sameModel(model.id, _backend.rules.model)) model.caps |= RSP_CAP_IMAGES;
      if (!each(model)) return;
    }
  }

  Info info() const {
    Info info;
    info.caps = RSP_CAP_STREAM | (_sees ? RSP_CAP_IMAGES : 0u);
    info.maxConcurrency = static_cast<uint32_t>(_host.configInt("max_concurrency", 1));
    info.contextTokens = _host.configInt("num_ctx", _contextTokens);
    return info;
  }

 private:
  void ask(const Call& call, const Request& request, Stream& stream, bool sayThink) {
    ChatBodyRules rules = _backend.rules;
    if (rules.model.empty() && request.model().empty()) rules.model = firstModel(call);
    if (_native) return askNative(call, nativeBody(request, rules, sayThink), stream);
    if (sayThink && _think != "auto")
      rules.extra["reasoning_effort"] = _think == "no" ? "none" : _think == "yes" ? "medium" : _think;
    _backend.chat(call, chatBody(request, rules), stream);
  }

  void askNative(const Call& call, const nlohmann::json& body, Stream& stream) {
    HttpRequest post = _backend.request("POST", _baseUrl + "/api/chat");
    post.fields.emplace_back("Content-Type", "application/json");
    post.body = wireText(body);
    StreamOutput out(stream);
    NativeReader reader(out);
    runChat(_backend.http, call, post, reader);
    stream.finish(reader.finish());
  }

  nlohmann::json nativeBody(const Request& request, const ChatBodyRules& rules, bool sayThink) const {
    const nlohmann::json plain = chatBody(request, rules);
    nlohmann::json body = {{"model", plain["model"]}, {"stream", true}, {"messages", nlohmann::json::array()}};
    for (const auto& message : plain["messages"]) body["messages"].push_back(nativeMessage(message));
    nlohmann::json options = nlohmann::json::object();
    if (const int64_t length = _host.configInt("num_ctx"); length > 0) options["num_ctx"] = length;
    if (plain.contains("temperature")) options["temperature"] = plain["temperature"];
    if (plain.contains("max_tokens")) options["num_predict"] = plain["max_tokens"];
    if (!options.empty()) body["options"] = std::move(options);
    if (const std::string alive = _host.configText("keep_alive"); !alive.empty()) {
      const auto number = nlohmann::json::parse(alive, nullptr, false);
      body["keep_alive"] = number.is_number() ? number : nlohmann::json(alive);
    }
    if (sayThink && _think == "no") body["think"] = false;
    if (sayThink && _think == "yes") body["think"] = true;
    if (sayThink && (_think == "low" || _think == "medium" || _think == "high")) body["think"] = _think;
    return body;
  }

  // Text parts joined, pictures beside them as base64.
  static nlohmann::json nativeMessage(const nlohmann::json& message) {
    nlohmann::json native = {{"role", message["role"]}};
    if (message["content"].is_string()) {
      native["content"] = message["content"];
      return native;
    }
    std::string text;
    nlohmann::json images = nlohmann::json::array();
    for (const auto& part : message["content"]) {
      if (part["type"] == "text") {
        text += (text.empty() ? "" : "\n") + part["text"].get<std::string>();
      } else {
        const auto& url = part["image_url"]["url"].get_ref<const std::string&>();
        images.push_back(url.substr(url.find(',') + 1));
      }
    }
    native["content"] = std::move(text);
    native["images"] = std::move(images);
    return native;
  }

  std::string firstModel(const Call& call) const {
    const auto models = installed(call);
    if (models.empty()) throw Error(RSP_E_INVALID, "Ollama has no model: get one with `ollama pull`");
    return models.front().id;
  }

  std::vector<Model> installed(const Call& call) const {
    std::vector<Model> all;
    const nlohmann::json list = _backend.getJson(call, _baseUrl + "/api/tags");
    const auto found = list.find("models");
    if (found == list.end() || !found->is_array()) throw Error(RSP_E_BAD_REPLY, "the list of models has another form");
    for (const auto& item : *found) {
      if (!item.is_object()) continue;
      Model model;
      model.id = model.name = detail::textOf(item, "name");
      model.caps = RSP_CAP_STREAM;
      if (model.id.empty()) continue;
      // "qwen3" is asked for as well as "qwen3:latest".
      if (sameModel(model.id, _backend.rules.model)) model.id = _backend.rules.model;
      all.push_back(std::move(model));
    }
    return all;
  }

  static bool sameModel(std::string_view listed, std::string_view wanted) {
    return listed == wanted ||
           (wanted.find(':') == std::string_view::npos && listed == std::string(wanted) + ":latest");
  }

  // Best effort: what the model can, and the length of its context.
  void learn(const Call& call, const std::string& model) {
    try {
      HttpRequest post = _backend.request("POST", _baseUrl + "/api/show");
      post.fields.emplace_back("Content-Type", "application/json");
      post.body = wireText({{"model", model}});
      const auto shown = parseLenient(_backend.http.get(call, post).body);
      if (!shown || !shown->is_object()) return;
      if (const auto can = shown->find("capabilities"); can != shown->end() && can->is_array() && _images == "auto")
        _sees = std::find(can->begin(), can->end(), "vision") != can->end();
      if (const auto facts = shown->find("model_info"); facts != shown->end() && facts->is_object())
        for (const auto& [key, value] : facts->items())
          if (key.size() > 15 && key.substr(key.size() - 15) == ".context_length" && value.is_number_integer())
            _contextTokens = value.get<int64_t>();
    } catch (const Error& error) {
      _host.debug(std::string("what the model can is not known: ") + error.what(), call.id());
    }
  }

  Host _host;
  const std::string _baseUrl;
  OpenAiBackend _backend;
  const bool _native;
  const std::string _think;
  const std::string _images;
  std::atomic<bool> _sees;
  std::atomic<bool> _cannotThink{false};
  std::atomic<int64_t> _contextTokens{0};
};

}  // namespace

RESPONDER_PLUGIN(Ollama, "org.tsunagi.ollama", "Ollama", "0.1.0", RSP_CAP_STREAM | RSP_CAP_IMAGES)
