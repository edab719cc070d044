#include "chat/MessageSender.h"

#include <utility>

#include "net/HttpClient.h"

namespace tsunagi::chat {

LineSender::LineSender(std::shared_ptr<const net::HttpClient> client, line::ApiEndpoints endpoints,
                       std::shared_ptr<line::AccessTokenSource> tokens, net::CancelToken& cancel)
    : _client(std::move(client)), _api(*_client, std::move(endpoints), std::move(tokens)), _cancel(cancel) {}

LineSender::~LineSender() = default;

line::SendResult LineSender::reply(std::string_view replyToken, std::string_view messagesJson) {
  return _api.reply(replyToken, messagesJson, &_cancel);
}

line::SendResult LineSender::push(std::string_view to, std::string_view messagesJson, std::string_view retryKey) {
  return _api.push(to, messagesJson, retryKey, &_cancel);
}

}  // namespace tsunagi::chat
