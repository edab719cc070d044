#include "notify/NoticeFormat.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tsunagi::notify {
namespace {

using nlohmann::json;

constexpr int64_t WALL_MS = 1'780'239'600'000;

net::Url url(const char* text) { return net::Url::parse(text).value(); }

NoticeRequest request(NoticeFormat format, const char* to, const std::string& text = "the disk is full") {
  return noticeRequest(format, url(to), {"store", "line", text}, "tsunagi-bridge", "minipc", WALL_MS);
}

TEST(NoticeFormat, IsToldByTheHost) {
  EXPECT_EQ(guessNoticeFormat(url("https://ntfy.sh/topic")), NoticeFormat::Ntfy);
  EXPECT_EQ(guessNoticeFormat(url("https://ntfy.example.com/topic")), NoticeFormat::Ntfy);
  EXPECT_EQ(guessNoticeFormat(url("https://hooks.slack.com/services/T/B/X")), NoticeFormat::Slack);
  EXPECT_EQ(guessNoticeFormat(url("https://discord.com/api/webhooks/1/x")), NoticeFormat::Discord);
  EXPECT_EQ(guessNoticeFormat(url("https://discord.com/api/webhooks/1/x/slack?wait=true")), NoticeFormat::Slack);
  EXPECT_EQ(guessNoticeFormat(url("https://example.com/hook")), NoticeFormat::Json);
  EXPECT_EQ(guessNoticeFormat(url("https://evil-discord.com.example.com/x")), NoticeFormat::Json);
}

TEST(NoticeFormat, NtfyGetsItsTopicInTheBody) {
  const auto made = request(NoticeFormat::Ntfy, "https://ntfy.example.com/my-topic?auth=abc");
  EXPECT_EQ(made.url.target, "/?auth=abc");
  const json body = json::parse(made.body);
  EXPECT_EQ(body.at("topic"), "my-topic");
  EXPECT_EQ(body.at("title"), "tsunagi-bridge on minipc");
  EXPECT_EQ(body.at("message"), "the disk is full");
  EXPECT_EQ(request(NoticeFormat::Ntfy, "https://ntfy.sh/my-topic").url.target, "/");
}

TEST(NoticeFormat, SlackAndDiscordCannotBeMadeToCallEverybody) {
  const auto slack = request(NoticeFormat::Slack, "https://hooks.slack.com/services/T/B/X", "<!channel> a & b");
  EXPECT_EQ(slack.url.target, "/services/T/B/X");
  EXPECT_EQ(json::parse(slack.body).at("text"), "*tsunagi-bridge on minipc*\n&lt;!channel&gt; a &amp; b");
  const auto discord = request(NoticeFormat::Discord, "https://discord.com/api/webhooks/1/x", std::string(5'000, 'x'));
  const json body = json::parse(discord.body);
  EXPECT_EQ(body.at("allowed_mentions"), (json{{"parse", json::array()}}));
  EXPECT_LE(body.at("content").get<std::string>().size(), 2'000u) << "Discord's limit";
}

TEST(NoticeFormat, JsonHasEverything) {
  const json body = json::parse(request(NoticeFormat::Json, "https://example.com/hook").body);
  EXPECT_EQ(body, (json{{"program", "tsunagi-bridge"},
                        {"host", "minipc"},
                        {"cause", "store"},
                        {"about", "line"},
                        {"text", "the disk is full"},
                        {"time", "2026-05-31T15:00:00Z"}}));
}

TEST(NoticeFormat, ALongTextIsCutOnACharacter) {
  std::string text;
  while (text.size() < 1'600) text += "あ";
  const std::string sent = json::parse(request(NoticeFormat::Json, "https://example.com/").body).at("text");
  EXPECT_EQ(sent, "the disk is full");
  const std::string cut = json::parse(request(NoticeFormat::Json, "https://example.com/", text).body).at("text");
  EXPECT_EQ(cut.substr(cut.size() - 6), "あ...");
}

}  // namespace
}  // namespace tsunagi::notify
