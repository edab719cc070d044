#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::line {

struct SentMessage {
  std::string id;
  std::string quoteToken;  // for quoting it later; empty when LINE gave none
};

// What became of one call to LINE.
struct SendResult {
  enum class Kind : uint8_t {
    Delivered,          // 2xx
    InvalidReplyToken,  // 400 on reply: spent, expired or never valid; nothing was sent by this call
    AlreadyAccepted,    // 409 on push: an earlier attempt under this retry key was taken; as good as Delivered
    RateLimited,        // 429 that passes
    QuotaExhausted,     // 429 until the month or the plan changes; confirm with the quota before telling anyone
    Unauthorized,       // 401, or no access token is to be had: the credentials are wrong or were withdrawn
    Refused,            // any other answer that is final: repeating the same call gives the same
    ServerError,        // 5xx: on reply the effect may have happened
    NotSent,            // no byte of the call left this host: safe to repeat
    Ambiguous,          // bytes left, no whole answer came (a cancel in mid-call too): the effect may have happened
    Cancelled           // by the token before a byte left
  };
  Kind kind = Kind::NotSent;
  int httpStatus = 0;                     // 0 without an answer
  std::string requestId;                  // x-line-request-id; on 409 the accepted one, if LINE told it
  std::vector<SentMessage> sentMessages;  // in message order, at most 5; may be empty although Delivered
  std::string detail;                     // one line for the operator, escaped, without tokens or message text

  bool delivered() const { return kind == Kind::Delivered || kind == Kind::AlreadyAccepted; }
};
std::string_view kindName(SendResult::Kind kind);  // "Delivered", … for logs and metrics

}  // namespace tsunagi::line
