#include "line/ChatHelpers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "line/Events.h"
#include "line/JsonRead.h"
#include "net/HttpClient.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;

SendResult refuse(std::string_view what, const char* why) {
  SendResult result;
  result.kind = SendResult::Kind::Refused;
  result.detail = std::string(what) + ": " + why + ", nothing was asked";
  return result;
}

}  // namespace

ChatHelpers::ChatHelpers(const net::HttpClient& client, ApiEndpoints endpoints,
                         std::shared_ptr<AccessTokenSource> tokens)
    : _caller(client, std::move(endpoints), std::move(tokens)) {}

ChatHelpers::ChatHelpers(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken)
    : ChatHelpers(client, std::move(endpoints), std::make_shared<StaticAccessToken>(std::move(accessToken))) {}

SendResult ChatHelpers::post(std::string_view what, std::string_view path, std::string body,
                             net::CancelToken* cancel) const {
  net::HttpCall call;
  call.method = "POST";
  call.body = std::move(body);
  call.totalMs = TOTAL_MS;
  call.cancel = cancel;
  return _caller.perform(what, ApiCaller::Host::Api, path, call);
}

SendResult ChatHelpers::startLoading(std::string_view userId, int seconds, net::CancelToken* cancel) const {
  if (!isLineId(userId, "U")) return refuse("loading animation", "it is for 1:1 chats and this is no user's id");
  const json body = {{"chatId", std::string(userId)}, {"loadingSeconds", (std::clamp(seconds, 5, 60) + 4) / 5 * 5}};
  return post("loading animation", "/v2/bot/chat/loading/start", compactJson(body), cancel);
}

SendResult ChatHelpers::markAsRead(std::string_view markAsReadToken, net::CancelToken* cancel) const {
  if (markAsReadToken.empty()) return refuse("mark as read", "the message had no token for it");
  const json body = {{"markAsReadToken", std::string(markAsReadToken)}};
  return post("mark as read", "/v2/bot/chat/markAsRead", compactJson(body), cancel);
}

SendResult ChatHelpers::leave(std::string_view groupOrRoomId, net::CancelToken* cancel) const {
  if (!isLineId(groupOrRoomId, "CR")) return refuse("leave", "this is no group's or room's id");
  const std::string kind = groupOrRoomId[0] == 'C' ? "group" : "room";
  return post("leave", "/v2/bot/" + kind + "/" + std::string(groupOrRoomId) + "/leave", {}, cancel);
}

}  // namespace tsunagi::line
