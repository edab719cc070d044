#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"
#include "base/SecretString.h"

namespace tsunagi::net {
class CancelToken;
class HttpClient;
struct HttpCall;
}  // namespace tsunagi::net

namespace tsunagi::line {

// Base URLs without a trailing slash; a path is kept as a prefix.
struct ApiEndpoints {
  std::string apiBase = "https://api.line.me";
  std::string dataBase = "https://api-data.line.me";

  // Each base must be https, or http to a loopback address: it carries the access token (S2). No query.
  Status validate() const;
};

// What became of one call that sends messages.
struct SendResult {
  enum class Kind : uint8_t {
    Delivered,          // 2xx
    InvalidReplyToken,  // 400 on reply: spent, expired or never valid; nothing was sent by this call
    AlreadyAccepted,    // 409 on push: an earlier attempt under this retry key was taken; as good as Delivered
    RateLimited,        // 429 that passes
    QuotaExhausted,     // 429 until the month or the plan changes; confirm with the quota before telling anyone
    Unauthorized,       // 401: the access token is wrong or was withdrawn
    Refused,            // any other answer that is final: repeating the same call gives the same
    ServerError,        // 5xx: on reply the effect may have happened
    NotSent,            // no byte left this host: safe to repeat
    Ambiguous,          // bytes left, no whole answer came (a cancel in mid-call too): the effect may have happened
    Cancelled           // by the token before a byte left
  };
  Kind kind = Kind::NotSent;
  int httpStatus = 0;                       // 0 without an answer
  std::string requestId;                    // x-line-request-id; on 409 the accepted one, if LINE told it
  std::vector<std::string> sentMessageIds;  // in message order; may be empty although Delivered
  std::string detail;                       // one line for the operator, escaped, without tokens or message text

  bool delivered() const { return kind == Kind::Delivered || kind == Kind::AlreadyAccepted; }
};
std::string_view kindName(SendResult::Kind kind);  // "Delivered", … for logs and metrics

struct BotInfo {
  std::string userId;  // equals a webhook's destination
  std::string basicId;
  std::string displayName;
  std::string chatMode;        // "chat" or "bot"
  std::string markAsReadMode;  // "manual" or "auto"
};
struct BotInfoResult {
  SendResult call;  // detail, status and kind of the call; info is good when kind is Delivered
  BotInfo info;
};

// LINE's Messaging API, blocking, one call = one connection, every call with a total deadline. Thread-safe; the client
// must outlive it. Branches on the status and reads LINE's words only to tell two meanings of one status apart.
class MessagingApi {
 public:
  static constexpr int64_t REPLY_TOTAL_MS = 8'000;
  static constexpr int64_t PUSH_TOTAL_MS = 10'000;
  static constexpr int64_t LOOKUP_TOTAL_MS = 10'000;

  // Endpoints that do not validate() make every call end NotSent with that text.
  MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken);

  // messagesJson: a JSON array of 1 to 5 message objects, e.g. of textMessagesJson(). The bytes sent are replyBody() of
  // the arguments, so that a probe with the same arguments repeats them exactly. Carries no retry key: LINE answers
  // 400.
  SendResult reply(std::string_view replyToken, std::string_view messagesJson,
                   net::CancelToken* cancel = nullptr) const;
  // retryKey: a UUID, the same on every attempt of this push, from the first on; good for 24 h.
  SendResult push(std::string_view to, std::string_view messagesJson, std::string_view retryKey,
                  net::CancelToken* cancel = nullptr) const;
  BotInfoResult botInfo(net::CancelToken* cancel = nullptr) const;

 private:
  // Completes and performs call; what names it in details; body gets the answer's.
  SendResult send(std::string_view what, std::string_view path, net::HttpCall& call, net::CancelToken* cancel,
                  std::string& body) const;

  const net::HttpClient& _client;
  ApiEndpoints _endpoints;
  SecretString _accessToken;
  std::string _unusable;  // why no call can be made
};

std::string replyBody(std::string_view replyToken, std::string_view messagesJson);
std::string pushBody(std::string_view to, std::string_view messagesJson);
// A JSON array of text messages. Bytes that are not UTF-8 become U+FFFD.
std::string textMessagesJson(const std::vector<std::string>& texts);

}  // namespace tsunagi::line
