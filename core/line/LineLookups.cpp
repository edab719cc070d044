#include "line/LineLookups.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "line/JsonRead.h"
#include "net/HttpClient.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

constexpr size_t MAX_ID = 256;
constexpr size_t MAX_NAME = 1024;
constexpr size_t MAX_URL = 4096;

SendResult refuseId(std::string_view what) {
  SendResult result;
  result.kind = Kind::Refused;
  result.detail = std::string(what) + ": the id is none of LINE's, nothing was asked";
  return result;
}

std::string path(std::initializer_list<std::string_view> parts) {
  std::string result = "/v2/bot";
  for (const std::string_view part : parts) result.append("/").append(part);
  return result;
}

}  // namespace

struct LineLookups::Answer {
  SendResult call;
  json content;
  bool good() const { return call.kind == Kind::Delivered; }
};

LineLookups::LineLookups(const net::HttpClient& client, ApiEndpoints endpoints,
                         std::shared_ptr<AccessTokenSource> tokens)
    : _caller(client, std::move(endpoints), std::move(tokens)) {}

LineLookups::LineLookups(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken)
    : LineLookups(client, std::move(endpoints), std::make_shared<StaticAccessToken>(std::move(accessToken))) {}

LineLookups::Answer LineLookups::get(std::string_view what, const std::string& path, const char* required,
                                     net::CancelToken* cancel) const {
  net::HttpCall call;
  call.totalMs = TOTAL_MS;
  call.cancel = cancel;
  net::HttpResult answer;
  Answer result{_caller.perform(what, ApiCaller::Host::Api, path, call, &answer), json()};
  if (!result.good()) return result;
  result.content = parseJson(answer.body);
  if (memberOf(result.content, required).is_null()) {
    result.call.kind = Kind::Refused;
    result.call.detail = std::string(what) + ": the answer has no " + required + "; is api_base really LINE's?";
  }
  return result;
}

BotInfoResult LineLookups::botInfo(net::CancelToken* cancel) const {
  Answer answer = get("bot info", path({"info"}), "userId", cancel);
  const json& content = answer.content;
  BotInfoResult result{std::move(answer.call), {}};
  if (result.call.kind == Kind::Delivered)
    result.info = {stringOf(content, "userId", MAX_ID), stringOf(content, "basicId", MAX_ID),
                   textOf(content, "displayName", MAX_NAME), stringOf(content, "chatMode", MAX_ID),
                   stringOf(content, "markAsReadMode", MAX_ID)};
  return result;
}

ProfileResult LineLookups::member(std::string_view what, std::string_view kind, std::string_view chatId,
                                  std::string_view userId, net::CancelToken* cancel) const {
  Answer answer =
      get(what, chatId.empty() ? path({kind, userId}) : path({kind, chatId, "member", userId}), "displayName", cancel);
  const json& content = answer.content;
  ProfileResult result{std::move(answer.call), {}};
  if (result.call.kind == Kind::Delivered)
    result.profile = {std::string(userId), textOf(content, "displayName", MAX_NAME),
                      stringOf(content, "pictureUrl", MAX_URL), textOf(content, "statusMessage", MAX_NAME),
                      stringOf(content, "language", MAX_ID)};
  return result;
}

ProfileResult LineLookups::profile(std::string_view userId, net::CancelToken* cancel) const {
  if (!isLineId(userId, "U")) return {refuseId("profile"), {}};
  return member("profile", "profile", {}, userId, cancel);
}

ProfileResult LineLookups::groupMember(std::string_view groupId, std::string_view userId,
                                       net::CancelToken* cancel) const {
  if (!isLineId(groupId, "C") || !isLineId(userId, "U")) return {refuseId("group member"), {}};
  return member("group member", "group", groupId, userId, cancel);
}

ProfileResult LineLookups::roomMember(std::string_view roomId, std::string_view userId,
                                      net::CancelToken* cancel) const {
  if (!isLineId(roomId, "R") || !isLineId(userId, "U")) return {refuseId("room member"), {}};
  return member("room member", "room", roomId, userId, cancel);
}

ProfileResult LineLookups::sender(const EventSource& source, net::CancelToken* cancel) const {
  switch (source.kind) {
    case EventSource::Kind::User:
      return profile(source.userId, cancel);
    case EventSource::Kind::Group:
      return groupMember(source.groupId, source.userId, cancel);
    case EventSource::Kind::Room:
      return roomMember(source.roomId, source.userId, cancel);
    case EventSource::Kind::None:
      break;
  }
  return {refuseId("profile"), {}};
}

GroupSummaryResult LineLookups::groupSummary(std::string_view groupId, net::CancelToken* cancel) const {
  if (!isLineId(groupId, "C")) return {refuseId("group summary"), {}};
  Answer answer = get("group summary", path({"group", groupId, "summary"}), "groupName", cancel);
  const json& content = answer.content;
  GroupSummaryResult result{std::move(answer.call), {}};
  if (result.call.kind == Kind::Delivered)
    result.summary = {std::string(groupId), textOf(content, "groupName", MAX_NAME),
                      stringOf(content, "pictureUrl", MAX_URL)};
  return result;
}

CountResult LineLookups::memberCount(std::string_view groupOrRoomId, net::CancelToken* cancel) const {
  if (!isLineId(groupOrRoomId, "CR")) return {refuseId("member count"), 0};
  const std::string_view kind = groupOrRoomId[0] == 'C' ? "group" : "room";
  Answer answer = get("member count", path({kind, groupOrRoomId, "members", "count"}), "count", cancel);
  return {std::move(answer.call), std::max<int64_t>(0, integerOf(answer.content, "count"))};
}

QuotaResult LineLookups::quota(net::CancelToken* cancel) const {
  Answer answer = get("quota", path({"message", "quota"}), "type", cancel);
  QuotaResult result{std::move(answer.call), false, 0};
  result.limited = stringOf(answer.content, "type", MAX_ID) == "limited";
  if (result.limited) result.value = std::max<int64_t>(0, integerOf(answer.content, "value"));
  return result;
}

CountResult LineLookups::consumption(net::CancelToken* cancel) const {
  Answer answer = get("quota consumption", path({"message", "quota", "consumption"}), "totalUsage", cancel);
  return {std::move(answer.call), std::max<int64_t>(0, integerOf(answer.content, "totalUsage"))};
}

}  // namespace tsunagi::line
