#include "line/MessagingApi.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "line/JsonRead.h"
#include "net/HttpClient.h"

namespace tsunagi::line {

std::string replyBody(std::string_view replyToken, std::string_view messagesJson) {
  return "{\"replyToken\":" + compactJson(std::string(replyToken)) + ",\"messages\":" + std::string(messagesJson) + "}";
}

std::string pushBody(std::string_view to, std::string_view messagesJson) {
  return "{\"to\":" + compactJson(std::string(to)) + ",\"messages\":" + std::string(messagesJson) + "}";
}

MessagingApi::MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints,
                           std::shared_ptr<AccessTokenSource> tokens)
    : _caller(client, std::move(endpoints), std::move(tokens)) {}

MessagingApi::MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken)
    : MessagingApi(client, std::move(endpoints), std::make_shared<StaticAccessToken>(std::move(accessToken))) {}

SendResult MessagingApi::reply(std::string_view replyToken, std::string_view messagesJson,
                               net::CancelToken* cancel) const {
  net::HttpCall call;
  call.method = "POST";
  call.body = replyBody(replyToken, messagesJson);
  call.totalMs = REPLY_TOTAL_MS;
  call.cancel = cancel;
  return _caller.perform("reply", ApiCaller::Host::Api, "/v2/bot/message/reply", call);
}

SendResult MessagingApi::push(std::string_view to, std::string_view messagesJson, std::string_view retryKey,
                              net::CancelToken* cancel) const {
  net::HttpCall call;
  call.method = "POST";
  call.body = pushBody(to, messagesJson);
  call.headers.set("X-Line-Retry-Key", std::string(retryKey));
  call.totalMs = PUSH_TOTAL_MS;
  call.cancel = cancel;
  return _caller.perform("push", ApiCaller::Host::Api, "/v2/bot/message/push", call);
}

}  // namespace tsunagi::line
