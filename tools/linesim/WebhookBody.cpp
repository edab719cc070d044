#include "tools/linesim/WebhookBody.h"

#include <nlohmann/json.hpp>

#include "line/Utf8.h"

namespace tsunagi::linesim {

using nlohmann::ordered_json;

namespace {

void appendEscape(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789ABCDEF"[unit >> shift & 15];
}

}  // namespace

std::string escapeAstral(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    const line::CodePoint point = line::decodeUtf8(json, at);
    if (point.value < 0x10000) {
      out += json.substr(at, point.bytes);
    } else {
      const auto offset = static_cast<unsigned>(point.value - 0x10000);
      appendEscape(out, 0xD800 + (offset >> 10));
      appendEscape(out, 0xDC00 + (offset & 0x3FF));
    }
    at += point.bytes;
  }
  return out;
}

std::string webhookBody(std::string_view destination, const std::vector<EventContent>& events) {
  ordered_json body;
  body["destination"] = std::string(destination);
  body["events"] = ordered_json::array();
  for (const EventContent& event : events) {
    ordered_json item;
    item["type"] = event.type;
    const ordered_json payload = ordered_json::parse(event.payload);
    for (const auto& [name, value] : payload.items()) item[name] = value;
    item["webhookEventId"] = event.webhookEventId;
    item["deliveryContext"] = {{"isRedelivery", event.isRedelivery}};
    item["timestamp"] = event.timestampMs;
    if (!event.source.empty()) item["source"] = ordered_json::parse(event.source);
    if (!event.replyToken.empty()) item["replyToken"] = event.replyToken;
    item["mode"] = event.isStandby ? "standby" : "active";
    body["events"].push_back(std::move(item));
  }
  return escapeAstral(body.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace tsunagi::linesim
