#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "kit/Errors.hpp"
#include "kit/Request.hpp"

namespace responder {

// What a backend wants to see in the body of /v1/chat/completions.
struct ChatBodyRules {
  std::string model;  // when the request names none; empty: no model is sent
  bool stream = true;
  bool includeUsage = true;                                                   // stream_options.include_usage
  std::string tokenField = "max_tokens";                                      // name of the cap on output
  int64_t maxTokens = 0;                                                      // when the request has none; 0: not sent
  std::optional<double> temperature;                                          // when the request has none
  bool images = true;                                                         // a model that sees
  std::string_view imageTypes = "image/jpeg image/png image/webp image/gif";  // others are refused
  bool onlyLastMessage = false;  // for backends that keep the conversation: system and the newest message
  std::string user;              // empty: not sent
  nlohmann::json extra = nlohmann::json::object();  // further fields; they win
};

// The body. Throws Error(RSP_E_UNSUPPORTED) for a part that the rules do not take, Error(RSP_E_INVALID) for a request
// without a message, Error(RSP_E_INVALID) for options that are no JSON object.
nlohmann::json chatBody(const Request& request, const ChatBodyRules& rules);

std::string base64(std::string_view bytes);

namespace detail {

inline nlohmann::json contentOf(const Message& message, const ChatBodyRules& rules) {
  std::string text;
  nlohmann::json parts = nlohmann::json::array();
  bool onlyText = true;
  const auto flush = [&] {
    if (!text.empty()) parts.push_back({{"type", "text"}, {"text", text}});
    text.clear();
  };
  for (const Part part : message.parts()) {
    switch (part.kind()) {
      case RSP_PART_TEXT:
        if (!text.empty()) text += '\n';
        text += part.data();
        break;
      case RSP_PART_IMAGE: {
        if (!rules.images) throw Error(RSP_E_UNSUPPORTED, "the model takes no pictures");
        const std::string type(part.mime());
        if (type.empty() || (" " + std::string(rules.imageTypes) + " ").find(" " + type + " ") == std::string::npos)
          throw Error(RSP_E_UNSUPPORTED, "the backend takes no pictures of type " + type);
        flush();
        onlyText = false;
        const std::string url = "data:" + type + ";base64," + base64(part.data());
        parts.push_back({{"type", "image_url"}, {"image_url", {{"url", url}}}});
        break;
      }
      default:
        throw Error(RSP_E_UNSUPPORTED, "the backend takes text and pictures only");
    }
  }
  if (onlyText) return text;
  flush();
  return parts;
}

inline const char* roleOf(const Message& message) {
  switch (message.role()) {
    case RSP_ROLE_SYSTEM:
      return "system";
    case RSP_ROLE_USER:
      return "user";
    case RSP_ROLE_ASSISTANT:
      return "assistant";
    default:
      throw Error(RSP_E_UNSUPPORTED, "a message has a role that this plugin does not know");
  }
}

}  // namespace detail

inline nlohmann::json chatBody(const Request& request, const ChatBodyRules& rules) {
  const auto messages = request.messages();
  if (messages.empty()) throw Error(RSP_E_INVALID, "the request has no message");
  nlohmann::json list = nlohmann::json::array();
  for (size_t i = 0; i < messages.size(); ++i) {
    const Message message = messages[i];
    if (rules.onlyLastMessage && i + 1 < messages.size() && message.role() != RSP_ROLE_SYSTEM) continue;
    list.push_back({{"role", detail::roleOf(message)}, {"content", detail::contentOf(message, rules)}});
  }
  nlohmann::json body = {{"messages", std::move(list)}, {"stream", rules.stream}};
  const std::string model = request.model().empty() ? rules.model : std::string(request.model());
  if (!model.empty()) body["model"] = model;
  if (rules.stream && rules.includeUsage) body["stream_options"] = {{"include_usage", true}};
  if (const int64_t cap = request.maxOutputTokens() > 0 ? request.maxOutputTokens() : rules.maxTokens; cap > 0)
    body[rules.tokenField] = cap;
  if (const auto heat = request.temperature() ? request.temperature() : rules.temperature) body["temperature"] = *heat;
  if (!rules.user.empty()) body["user"] = rules.user;
  body.update(rules.extra);
  if (!request.optionsJson().empty()) {
    const auto options = nlohmann::json::parse(request.optionsJson(), nullptr, false);
    if (!options.is_object()) throw Error(RSP_E_INVALID, "the request's options are no JSON object");
    body.update(options);
  }
  return body;
}

// As it goes over the wire: whatever is no UTF-8 in it becomes U+FFFD.
inline std::string wireText(const nlohmann::json& body) {
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

inline std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kLetters[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace responder
