#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::linesim {

// What a webhook tells about one text message.
struct TextEvent {
  std::string webhookEventId;
  std::string messageId;
  std::string quoteToken;
  std::string replyToken;
  std::string text;
  std::string userId;
  std::string groupId;  // empty in 1:1
  int64_t timestampMs = 0;
  bool isRedelivery = false;
};

// The body as LINE writes it: compact, UTF-8, characters beyond the basic plane as pairs of upper-case \u escapes.
std::string webhookBody(std::string_view destination, const std::vector<TextEvent>& events);

// Writes every character beyond the basic plane of JSON text as its two escapes; such characters stand in strings only.
std::string escapeAstral(std::string_view json);

}  // namespace tsunagi::linesim
