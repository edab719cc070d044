#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/SecretString.h"
#include "line/ApiCaller.h"
#include "line/MessageJson.h"

namespace tsunagi::line {

// Sending by LINE's Messaging API, blocking, one call = one connection, every call with a total deadline (and, when an
// access token must be issued first, that call's). Thread-safe; the client must outlive it. Branches on the status and
// reads LINE's words only to tell two meanings of one status apart.
class MessagingApi {
 public:
  static constexpr int64_t REPLY_TOTAL_MS = 8'000;
  static constexpr int64_t PUSH_TOTAL_MS = 10'000;

  MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens);
  MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken);  // a static token

  // messagesJson: a JSON array of 1 to 5 message objects, e.g. of messagesJson(). The bytes sent are replyBody() of
  // the arguments, so that a probe with the same arguments repeats them exactly. Carries no retry key: LINE answers
  // 400.
  SendResult reply(std::string_view replyToken, std::string_view messagesJson,
                   net::CancelToken* cancel = nullptr) const;
  // retryKey: a UUID, the same on every attempt of this push, from the first on; good for 24 h.
  SendResult push(std::string_view to, std::string_view messagesJson, std::string_view retryKey,
                  net::CancelToken* cancel = nullptr) const;

 private:
  ApiCaller _caller;
};

std::string replyBody(std::string_view replyToken, std::string_view messagesJson);
std::string pushBody(std::string_view to, std::string_view messagesJson);

}  // namespace tsunagi::line
