#include "tools/linesim/RequestFields.h"

#include <charconv>

namespace tsunagi::linesim {

using nlohmann::json;

std::string RequestFields::text(const char* name, const char* fallback) {
  const auto value = _object.find(name);
  if (value != _object.end() && value->is_string()) return value->get<std::string>();
  if (fallback != nullptr && value == _object.end()) return fallback;
  complain(std::string(name) + " must be a string");
  return {};
}

uint64_t RequestFields::number(const char* name, uint64_t fallback, uint64_t maximum) {
  const auto value = _object.find(name);
  if (value == _object.end()) return fallback;
  const bool whole = value->is_number_unsigned() || (value->is_number_integer() && value->get<int64_t>() >= 0);
  if (whole && value->get<uint64_t>() <= maximum) return value->get<uint64_t>();
  complain(std::string(name) + " must be a whole number up to " + std::to_string(maximum));
  return fallback;
}

bool RequestFields::flag(const char* name, bool fallback) {
  const auto value = _object.find(name);
  if (value == _object.end()) return fallback;
  if (!value->is_boolean()) complain(std::string(name) + " must be true or false");
  return value->is_boolean() && value->get<bool>();
}

std::optional<std::string_view> queryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return std::nullopt;
}

std::optional<int64_t> parseWait(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 1'000'000) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit == "ms") return number;
  if (unit == "s" || unit.empty()) return number * 1000;
  return std::nullopt;
}

net::HttpResponse errorResponse(int status, const std::string& error) {
  return net::HttpResponse::json(status, json{{"error", error}}.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::optional<net::HttpResponse> checkChangingCall(const net::HttpRequest& head) {
  const auto origin = head.headers.find("Origin");
  const auto host = head.headers.find("Host");
  if (origin && (!host || (*origin != "http://" + std::string(*host) && *origin != "https://" + std::string(*host))))
    return errorResponse(403, "a page of another origin may not do this");
  const auto type = head.headers.find("Content-Type");
  if (!type || !net::equalsIgnoreCase(type->substr(0, type->find(';')), "application/json"))
    return errorResponse(415, "the content type must be application/json");
  return std::nullopt;
}

}  // namespace tsunagi::linesim
