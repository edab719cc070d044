#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::linesim {

// What a webhook tells about one event. JSON parts are texts of objects, written by this program.
struct EventContent {
  std::string type;
  std::string payload = "{}";  // the members beside the common ones: "message", "postback", …
  std::string webhookEventId;
  std::string source;      // empty = none
  std::string replyToken;  // empty = none
  int64_t timestampMs = 0;
  bool isStandby = false;
  bool isRedelivery = false;
};

// The body as LINE writes it: compact, UTF-8, characters beyond the basic plane as pairs of upper-case \u escapes.
std::string webhookBody(std::string_view destination, const std::vector<EventContent>& events);

// Writes every character beyond the basic plane of JSON text as its two escapes; such characters stand in strings only.
std::string escapeAstral(std::string_view json);

}  // namespace tsunagi::linesim
