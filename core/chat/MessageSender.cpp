#include "chat/MessageSender.h"

#include <utility>

#include "net/HttpClient.h"

namespace tsunagi::chat {

LineSender::LineSender(std::shared_ptr<const net::HttpClient> client, line::ApiEndpoints endpoints,
                       SecretString accessToken, net::CancelToken& cancel)
    : _client(std::move(client)), _api(*_client, std::move(endpoints), std::move(accessToken)), _cancel(cancel) {}

LineSender::~LineSender() = default;

line::SendResult LineSender::reply(std::string_view replyToken, std::string_view messagesJson) {
  return _api.reply(replyToken, messagesJson, &_cancel);
}

}  // namespace tsunagi::chat
