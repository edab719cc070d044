#include "notify/NoticeFormat.h"

#include <ctime>
#include <nlohmann/json.hpp>

namespace tsunagi::notify {
namespace {

using nlohmann::json;

constexpr size_t MAX_TEXT = 1'500;  // bytes; Discord takes 2000 signs

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string dump(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

// Cut on a character.
std::string cut(std::string_view text) {
  if (text.size() <= MAX_TEXT) return std::string(text);
  size_t end = MAX_TEXT;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// What Slack takes for markup ("<!channel>" calls everybody).
std::string slackText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

std::string utcTime(int64_t wallMs) {
  const std::time_t seconds = wallMs / 1000;
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &time)};
}

// ".../topic?query" into the root with that query, and the topic.
std::pair<std::string, std::string> splitTopic(const std::string& target) {
  const size_t query = target.find('?');
  std::string path = target.substr(0, query);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return {"/" + (query == std::string::npos ? std::string() : target.substr(query)), path.substr(path.rfind('/') + 1)};
}

}  // namespace

std::optional<NoticeFormat> parseNoticeFormat(std::string_view word) {
  if (word == "json") return NoticeFormat::Json;
  if (word == "ntfy") return NoticeFormat::Ntfy;
  if (word == "slack") return NoticeFormat::Slack;
  if (word == "discord") return NoticeFormat::Discord;
  return std::nullopt;
}

NoticeFormat guessNoticeFormat(const net::Url& url) {
  const std::string_view path = std::string_view(url.target).substr(0, url.target.find('?'));
  if (url.host == "discord.com" || url.host == "discordapp.com" || endsWith(url.host, ".discord.com"))
    return endsWith(path, "/slack") ? NoticeFormat::Slack : NoticeFormat::Discord;
  if (url.host == "hooks.slack.com" || url.host == "hooks.slack-gov.com") return NoticeFormat::Slack;
  if (url.host == "ntfy.sh" || url.host.compare(0, 5, "ntfy.") == 0) return NoticeFormat::Ntfy;
  return NoticeFormat::Json;
}

NoticeRequest noticeRequest(NoticeFormat format, const net::Url& url, const Notice& notice, std::string_view program,
                            std::string_view host, int64_t wallMs) {
  NoticeRequest request{url, {}};
  const std::string text = cut(notice.text);
  const std::string sender = std::string(program) + " on " + std::string(host);
  switch (format) {
    case NoticeFormat::Ntfy: {
      const auto [target, topic] = splitTopic(url.target);
      request.url.target = target;
      request.body = dump({{"topic", topic}, {"title", sender}, {"message", text}, {"tags", {"warning"}}});
      break;
    }
    case NoticeFormat::Slack:
      request.body = dump({{"text", "*" + slackText(sender) + "*\n" + slackText(text)}});
      break;
    case NoticeFormat::Discord:
      request.body =
          dump({{"content", "**" + sender + "**\n" + text}, {"allowed_mentions", {{"parse", json::array()}}}});
      break;
    case NoticeFormat::Json:
      request.body = dump({{"program", program},
                           {"host", host},
                           {"cause", notice.cause},
                           {"about", notice.about},
                           {"text", text},
                           {"time", utcTime(wallMs)}});
      break;
  }
  return request;
}

}  // namespace tsunagi::notify
