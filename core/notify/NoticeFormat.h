#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/Url.h"
#include "notify/Notice.h"

namespace tsunagi::notify {

// The forms in which the usual receivers want a notice; all are a JSON body by POST.
enum class NoticeFormat : uint8_t {
  Json,    // {"program","host","cause","about","text","time"}
  Ntfy,    // to the server's root, with the topic that the address ends with in the body
  Slack,   // {"text"}; Mattermost, Rocket.Chat and Discord's …/slack take the same
  Discord  // {"content"}
};
std::optional<NoticeFormat> parseNoticeFormat(std::string_view word);  // "json", "ntfy", "slack", "discord"
NoticeFormat guessNoticeFormat(const net::Url& url);                   // by its host

struct NoticeRequest {
  net::Url url;
  std::string body;
};
// program and host: who says it. wallMs: when it happened.
NoticeRequest noticeRequest(NoticeFormat format, const net::Url& url, const Notice& notice, std::string_view program,
                            std::string_view host, int64_t wallMs);

}  // namespace tsunagi::notify
