#include "relay/spool/EventFields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tsunagi::relay {

using nlohmann::json;

std::string encodeHeaders(const EventHeaders& headers) {
  json list = json::array();
  for (const auto& [name, value] : headers) list.push_back(json::array({name, value}));
  return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

EventHeaders decodeHeaders(std::string_view text) {
  EventHeaders headers;
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return headers;
  for (const json& item : list) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_string()) return {};
    headers.emplace_back(item[0].get<std::string>(), item[1].get<std::string>());
  }
  return headers;
}

int64_t ageMs(const Received& received, const Clock& clock) {
  const int64_t age = received.sameBoot ? clock.steadyMs() - received.steadyMs : clock.wallMs() - received.wallMs;
  return std::max<int64_t>(age, 0);
}

}  // namespace tsunagi::relay
