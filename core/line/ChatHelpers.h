#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "line/ApiCaller.h"

namespace tsunagi::line {

// Small calls around a conversation. Best effort, blocking, thread-safe, each with a total deadline; the client must
// outlive it. Ids that are not of LINE's form are Refused without a call.
class ChatHelpers {
 public:
  static constexpr int64_t TOTAL_MS = 5'000;

  ChatHelpers(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens);
  ChatHelpers(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken);

  // The loading animation in a 1:1 chat, until the next message of the bot or for seconds (made a multiple of 5 from 5
  // to 60); again before its end keeps it alive. Seen only while the chat is open.
  SendResult startLoading(std::string_view userId, int seconds = 20, net::CancelToken* cancel = nullptr) const;
  // Marks that message and all before it as read. Only effective while the account's chat mode is "chat".
  SendResult markAsRead(std::string_view markAsReadToken, net::CancelToken* cancel = nullptr) const;
  SendResult leave(std::string_view groupOrRoomId, net::CancelToken* cancel = nullptr) const;

 private:
  SendResult post(std::string_view what, std::string_view path, std::string body, net::CancelToken* cancel) const;

  ApiCaller _caller;
};

}  // namespace tsunagi::line
