#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "net/HttpMessage.h"

namespace tsunagi::linesim {

// Reads fields of a control request and keeps the first complaint.
class RequestFields {
 public:
  explicit RequestFields(const nlohmann::json& object) : _object(object) {}

  std::string text(const char* name, const char* fallback = nullptr);  // required without a fallback
  uint64_t number(const char* name, uint64_t fallback, uint64_t maximum);
  bool flag(const char* name, bool fallback = false);
  bool has(const char* name) const { return _object.contains(name); }
  // The complaint about one of several words.
  void complain(const std::string& text) {
    if (_problem.empty()) _problem = text;
  }
  const std::string& problem() const { return _problem; }  // empty = all is well

 private:
  const nlohmann::json& _object;
  std::string _problem;
};

// The value of name in "a=1&b=2"; not percent-decoded.
std::optional<std::string_view> queryValue(std::string_view query, std::string_view name);
// "30s", "500ms" or plain seconds; nothing when it is none of these.
std::optional<int64_t> parseWait(std::string_view text);

net::HttpResponse errorResponse(int status, const std::string& error);
// Why a browser or a script may not make this changing call (S8); nothing when it may.
std::optional<net::HttpResponse> checkChangingCall(const net::HttpRequest& head);

}  // namespace tsunagi::linesim
