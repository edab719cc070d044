#pragma once
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/Binding.hpp"
#include "kit/ChatBody.hpp"
#include "kit/ChatClient.hpp"
#include "kit/Http.hpp"

namespace responder {

// A server with /chat/completions and /models below one address, as most have it. A plugin fills it from its settings
// and adds what its backend does otherwise. Immutable after construction: for any thread.
struct OpenAiBackend {
  Http http;
  Host host;
  std::string apiUrl;  // without a slash at the end: "https://api.example.com/v1"
  std::string secret;  // name of the setting with the key; see rsp_http_request
  std::string secretHeader{};
  std::vector<std::pair<std::string, std::string>> fields{};  // further header fields of every request
  ChatBodyRules rules{};
  bool beginsInThought = false;
  int64_t idleMs = 0;

  HttpRequest request(std::string method, const std::string& url) const {
    HttpRequest request;
    request.method = std::move(method);
    request.url = url;
    request.secret = secret;
    request.secretHeader = secretHeader;
    request.fields = fields;
    return request;
  }

  // One answer from the body to the stream. Returns the model that the backend says it was.
  std::string chat(const Call& call, const nlohmann::json& body, Stream& stream) const {
    HttpRequest post = request("POST", apiUrl + "/chat/completions");
    post.fields.emplace_back("Content-Type", "application/json");
    post.fields.emplace_back("Accept", "text/event-stream");
    post.body = wireText(body);
    post.idleMs = idleMs;
    StreamOutput out(stream);
    OpenAiReader reader(out, beginsInThought);
    runChat(http, call, post, reader);
    stream.finish(reader.finish());
    return reader.model();
  }

  // GET url as a JSON object. Throws what the backend reports.
  nlohmann::json getJson(const Call& call, const std::string& url) const {
    const Http::Response response = http.get(call, request("GET", url));
    if (response.head.status < 200 || response.head.status > 299)
      throw BackendError::ofResponse(response.head.status, response.body)
          .asError(retryAfterMs(response.head.field("Retry-After")));
    const auto parsed = parseLenient(response.body);
    if (!parsed || !parsed->is_object()) throw Error(RSP_E_BAD_REPLY, "the backend's answer is no JSON object");
    if (const auto error = BackendError::of(*parsed)) throw error->asError();
    return *parsed;
  }

  std::vector<Model> models(const Call& call) const {
    std::vector<Model> all;
    const nlohmann::json list = getJson(call, apiUrl + "/models");
    const auto data = list.find("data");
    if (data == list.end() || !data->is_array()) throw Error(RSP_E_BAD_REPLY, "the list of models has no data");
    for (const auto& item : *data) {
      if (!item.is_object()) continue;
      Model model;
      model.id = model.name = detail::textOf(item, "id");
      model.caps = RSP_CAP_STREAM;
      if (!model.id.empty()) all.push_back(std::move(model));
    }
    return all;
  }
};

// What an error of a look at the backend says about its health. advice: what to do when the API is not there.
inline Health healthOf(const Error& error, std::string_view endpointAdvice) {
  Health health;
  health.detail = error.what();
  switch (error.code()) {
    case RSP_E_AUTH:
      health.state = RSP_HEALTH_AUTH;
      break;
    case RSP_E_INVALID:
    case RSP_E_UNSUPPORTED:
    case RSP_E_BAD_REPLY:
      health.state = RSP_HEALTH_ENDPOINT_DISABLED;
      health.detail += std::string(". ") + std::string(endpointAdvice);
      break;
    default:
      health.state = health.detail.find("oading model") != std::string::npos ? RSP_HEALTH_LOADING : RSP_HEALTH_DOWN;
  }
  return health;
}

// Times a look and judges the configured model against what is there. missingAdvice: how to get a model.
template <typename ListModels>
Health healthByModels(const Host& host, std::string_view wanted, std::string_view endpointAdvice,
                      std::string_view missingAdvice, ListModels&& list) {
  const int64_t began = host.nowMs();
  Health health;
  try {
    const std::vector<Model> models = list();
    health.state = RSP_HEALTH_READY;
    health.latencyMs = host.nowMs() - began;
    const bool there =
        std::any_of(models.begin(), models.end(), [&](const Model& model) { return model.id == wanted; });
    if ((wanted.empty() && models.empty()) || (!wanted.empty() && !there)) {
      health.state = RSP_HEALTH_MODEL_MISSING;
      health.detail =
          wanted.empty() ? std::string("no model is there. ") : "there is no model " + std::string(wanted) + ". ";
      health.detail += missingAdvice;
    }
  } catch (const Error& error) {
    health = healthOf(error, endpointAdvice);
    health.latencyMs = host.nowMs() - began;
  }
  return health;
}

// An address as a setting has it, without slashes at its end.
inline std::string addressOf(const Host& host, std::string_view key) {
  std::string text = host.configText(key);
  while (!text.empty() && text.back() == '/') text.pop_back();
  return text;
}

// A setting that holds a JSON object, for example further fields of a request; empty: {}.
inline nlohmann::json objectOf(const Host& host, std::string_view key) {
  const std::string text = host.configText(key);
  if (text.empty()) return nlohmann::json::object();
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!parsed.is_object()) throw Error(RSP_E_INVALID, std::string(key) + " must be a JSON object");
  return parsed;
}

// A setting that is a number with decimals; nothing when it is not set.
inline std::optional<double> numberOf(const Host& host, std::string_view key) {
  const auto text = host.config(key);
  if (!text) return std::nullopt;
  const auto parsed = nlohmann::json::parse(*text, nullptr, false);
  if (!parsed.is_number()) throw Error(RSP_E_INVALID, std::string(key) + " is no number");
  return parsed.get<double>();
}

}  // namespace responder
