#include "chat/MessageSender.h"

#include <utility>

namespace tsunagi::chat {

LineSender::LineSender(const net::HttpClient& client, line::ApiEndpoints endpoints, SecretString accessToken,
                       net::CancelToken& cancel)
    : _api(client, std::move(endpoints), std::move(accessToken)), _cancel(cancel) {}

line::SendResult LineSender::reply(std::string_view replyToken, std::string_view messagesJson) {
  return _api.reply(replyToken, messagesJson, &_cancel);
}

}  // namespace tsunagi::chat
