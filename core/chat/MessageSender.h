#pragma once
#include <memory>
#include <string_view>

#include "line/MessagingApi.h"

namespace tsunagi::chat {

// What the outbox needs of LINE for one channel. Thread-safe; blocks for at most one call's deadline.
class MessageSender {
 public:
  virtual ~MessageSender() = default;
  // The bytes that go out depend on the two arguments alone, so that a probe repeats them exactly.
  virtual line::SendResult reply(std::string_view replyToken, std::string_view messagesJson) = 0;
  // to: LINE's id of a person, group or room. retryKey: a UUID, the same on every attempt.
  virtual line::SendResult push(std::string_view to, std::string_view messagesJson, std::string_view retryKey) = 0;
};

// The real one: line::MessagingApi with a cancel token that ends its calls at shutdown.
class LineSender : public MessageSender {
 public:
  // cancel outlives the sender.
  LineSender(std::shared_ptr<const net::HttpClient> client, line::ApiEndpoints endpoints,
             std::shared_ptr<line::AccessTokenSource> tokens, net::CancelToken& cancel);
  ~LineSender() override;
  line::SendResult reply(std::string_view replyToken, std::string_view messagesJson) override;
  line::SendResult push(std::string_view to, std::string_view messagesJson, std::string_view retryKey) override;

 private:
  std::shared_ptr<const net::HttpClient> _client;
  line::MessagingApi _api;
  net::CancelToken& _cancel;
};

}  // namespace tsunagi::chat
