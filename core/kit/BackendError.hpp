#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "kit/Errors.hpp"
#include "kit/LenientJson.hpp"

namespace responder {

// What a backend says went wrong: {"error":{"message","type","code"}}, {"error":"text"}, {"object":"error","message"},
// {"detail":…}, plain text or a page of HTML.
struct BackendError {
  std::string message;  // may be empty
  std::string type;     // "rate_limit_error", "invalid_request_error" ...
  std::string code;     // a word, or empty
  int status = 0;       // the HTTP status, or the number the error carries as code

  // Is the object an error? Looked at before anything else of it: a 200 may carry one.
  static std::optional<BackendError> of(const nlohmann::json& object);
  // From a response that is no 2xx.
  static BackendError ofResponse(int status, std::string_view body);
  // For the host, with a code by what can be done about it. retryAfterMs: 0 = not told.
  Error asError(int64_t retryAfterMs = 0) const;
};

// The value of a Retry-After field in milliseconds, at most five minutes; 0 when it is none. Dates count as none.
inline int64_t retryAfterMs(std::string_view field) {
  int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (failure != std::errc() || seconds < 0) return 0;
  if (end != field.data() + field.size() && *end != '.' && *end != ' ') return 0;
  return std::min<int64_t>(seconds, 300) * 1000;
}

namespace detail {

inline std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return low;
}

inline std::string textOf(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? unmarked(found->get_ref<const std::string&>()) : std::string();
}

// The title of an HTML page, else the first words of any text.
inline std::string readable(std::string_view body) {
  const std::string low = lowered(body.substr(0, 8192));
  if (const size_t open = low.find("<title>"); open != std::string::npos) {
    const size_t from = open + 7;
    body = body.substr(from, low.find('<', from) - from);
  } else if (low.find("<html") != std::string::npos || low.find("<!doctype") != std::string::npos) {
    return "a page of HTML";
  }
  std::string out;
  for (const char c : body.substr(0, 400)) {
    const bool space = static_cast<unsigned char>(c) <= 0x20;
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return std::string(wholeCharacters(out, 160));
}

inline bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace detail

inline std::optional<BackendError> BackendError::of(const nlohmann::json& object) {
  if (!object.is_object()) return std::nullopt;
  BackendError result;
  const auto error = object.find("error");
  if (error != object.end() && error->is_string() && !error->get_ref<const std::string&>().empty()) {
    result.message = unmarked(error->get_ref<const std::string&>());
    return result;
  }
  const bool nested = error != object.end() && error->is_object();
  const bool flat = detail::textOf(object, "object") == "error";
  if (!nested && !flat) return std::nullopt;
  const nlohmann::json& from = nested ? *error : object;
  result.message = detail::textOf(from, "message");
  result.type = detail::textOf(from, "type");
  result.code = detail::textOf(from, "code");
  if (const auto code = from.find("code"); code != from.end() && code->is_number_integer()) {
    const auto number = code->get<int64_t>();
    if (number >= 400 && number < 600) result.status = static_cast<int>(number);
  }
  return result;
}

inline BackendError BackendError::ofResponse(int status, std::string_view body) {
  BackendError result;
  if (const auto object = parseLenient(body)) {
    if (auto told = of(*object)) {
      result = std::move(*told);
    } else if (object->is_object()) {
      result.message = detail::textOf(*object, "message");
      if (result.message.empty()) result.message = detail::textOf(*object, "detail");
    }
  } else {
    result.message = detail::readable(body);
  }
  result.status = status;
  return result;
}

inline Error BackendError::asError(int64_t retryAfter) const {
  const std::string about = detail::lowered(type + " " + code + " " + message);
  const auto says = [&](std::initializer_list<std::string_view> words) { return detail::mentions(about, words); };
  std::string text = status != 0 ? "HTTP " + std::to_string(status) : std::string("the backend reports an error");
  if (!message.empty()) text += ": " + message;
  const auto fail = [&](int32_t kind, std::string_view advice = {}) {
    if (!advice.empty()) text += " (" + std::string(advice) + ")";
    return Error(kind, text, status, static_cast<int32_t>(retryAfter));
  };
  if (says({"insufficient_quota", "credit_balance", "insufficient credit", "billing"}) || status == 402)
    return fail(RSP_E_AUTH, "the account has no credit left");
  if (says({"context_length", "exceed_context", "context window", "maximum context", "too many tokens"}) ||
      status == 413)
    return fail(RSP_E_TOO_LONG);
  if (status == 429 || says({"rate_limit", "rate limit", "slow_down"})) return fail(RSP_E_RATE_LIMITED);
  if (status == 401 || says({"authentication_error", "invalid_api_key"}))
    return fail(RSP_E_AUTH, "check the key of this responder");
  if (status == 403 && says({"proxy_attribution"})) return fail(RSP_E_INVALID);
  if (status == 403) return fail(RSP_E_AUTH, "the key is not allowed, or the backend refuses this host");
  if (says({"no models loaded", "model is unloaded", "loading model", "overloaded"})) return fail(RSP_E_UNAVAILABLE);
  if (says({"image", "vision", "multimodal", "mmproj"}) && says({"support", "does not", "cannot", "not able"}))
    return fail(RSP_E_UNSUPPORTED);
  if (says({"unexpected endpoint"})) return fail(RSP_E_INVALID, "base_url lacks its path, such as /v1");
  if (status == 404 && message.find("model") == std::string::npos && type.empty())
    return fail(RSP_E_INVALID, "wrong base_url, or this API is switched off at the backend");
  if (status >= 300 && status < 400)
    return fail(RSP_E_INVALID, "the backend redirects: set base_url to where it leads");
  if (status == 408 || status == 425 || status >= 500 || says({"overloaded", "server_error", "api_error", "timeout"}))
    return fail(RSP_E_UNAVAILABLE);
  if (status >= 400 || says({"invalid_request", "not_found"})) return fail(RSP_E_INVALID);
  return fail(RSP_E_BAD_REPLY);
}

}  // namespace responder
