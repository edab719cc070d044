#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "line/ApiCaller.h"
#include "line/Events.h"

namespace tsunagi::line {

// In each result `call` tells what became of the call; the rest is good when call.kind is Delivered. Texts are a
// stranger's: bounded, valid UTF-8, otherwise as LINE sent them.

struct BotInfo {
  std::string userId;  // equals a webhook's destination
  std::string basicId;
  std::string displayName;
  std::string chatMode;        // "chat" or "bot"
  std::string markAsReadMode;  // "manual" or "auto"
};
struct BotInfoResult {
  SendResult call;
  BotInfo info;
};

struct Profile {
  std::string userId;
  std::string displayName;
  std::string pictureUrl;
  std::string statusMessage;  // only of friends
  std::string language;       // only of friends, BCP 47
};
struct ProfileResult {
  SendResult call;
  Profile profile;
};

struct GroupSummary {
  std::string groupId;
  std::string groupName;
  std::string pictureUrl;
};
struct GroupSummaryResult {
  SendResult call;
  GroupSummary summary;
};

struct CountResult {
  SendResult call;
  int64_t count = 0;
};

struct QuotaResult {
  SendResult call;
  bool limited = false;
  int64_t value = 0;  // messages per month when limited
};

// What can be asked of LINE about people, chats and this month's quota. Best effort: no answer here may decide whether
// an event is handled. Blocking, thread-safe, each call with a total deadline; the client must outlive it. Ids that are
// not of LINE's form are Refused without a call. A 404 (httpStatus) means LINE shows nothing about that id to this bot.
class LineLookups {
 public:
  static constexpr int64_t TOTAL_MS = 10'000;

  LineLookups(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens);
  LineLookups(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken);

  BotInfoResult botInfo(net::CancelToken* cancel = nullptr) const;
  ProfileResult profile(std::string_view userId, net::CancelToken* cancel = nullptr) const;
  ProfileResult groupMember(std::string_view groupId, std::string_view userId,
                            net::CancelToken* cancel = nullptr) const;
  ProfileResult roomMember(std::string_view roomId, std::string_view userId, net::CancelToken* cancel = nullptr) const;
  // The one of the three above that can know this event's sender.
  ProfileResult sender(const EventSource& source, net::CancelToken* cancel = nullptr) const;
  GroupSummaryResult groupSummary(std::string_view groupId, net::CancelToken* cancel = nullptr) const;
  CountResult memberCount(std::string_view groupOrRoomId, net::CancelToken* cancel = nullptr) const;  // without the bot
  QuotaResult quota(net::CancelToken* cancel = nullptr) const;
  CountResult consumption(net::CancelToken* cancel = nullptr) const;  // approximate, says LINE

 private:
  struct Answer;
  Answer get(std::string_view what, const std::string& path, const char* required, net::CancelToken* cancel) const;
  ProfileResult member(std::string_view what, std::string_view kind, std::string_view chatId, std::string_view userId,
                       net::CancelToken* cancel) const;

  ApiCaller _caller;
};

}  // namespace tsunagi::line
