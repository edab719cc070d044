#include "chat/LineChannel.h"

#include <Poco/Logger.h>

#include <utility>

#include "net/HttpClient.h"

namespace tsunagi::chat {
namespace {

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.line");
  return instance;
}

bool good(const line::SendResult& call, const char* what) {
  if (call.delivered()) return true;
  logger().debug("%s: %s", std::string(what), call.detail);
  return false;
}

}  // namespace

LineChannel::LineChannel(std::shared_ptr<const net::HttpClient> client, line::ApiEndpoints endpoints,
                         std::shared_ptr<line::AccessTokenSource> tokens, net::CancelToken& cancel, const Clock& clock)
    : _client(std::move(client)),
      _lookups(*_client, endpoints, tokens),
      _helpers(*_client, endpoints, tokens),
      _cancel(cancel),
      _clock(clock) {}

LineChannel::~LineChannel() = default;

std::optional<store::Profile> LineChannel::senderProfile(const line::EventSource& source) {
  const auto result = _lookups.sender(source, &_cancel);
  if (!good(result.call, "a profile")) return std::nullopt;
  return store::Profile{result.profile.displayName, result.profile.pictureUrl, result.profile.statusMessage};
}

std::optional<GroupProfile> LineChannel::groupProfile(std::string_view groupId, bool isRoom) {
  GroupProfile profile;
  bool known = false;
  if (!isRoom) {
    const auto summary = _lookups.groupSummary(groupId, &_cancel);
    known = good(summary.call, "a group's name");
    profile.name = summary.summary.groupName;
    profile.pictureUrl = summary.summary.pictureUrl;
  }
  const auto count = _lookups.memberCount(groupId, &_cancel);
  if (good(count.call, "a group's members")) {
    known = true;
    profile.memberCount = count.count;
  }
  return known ? std::optional<GroupProfile>(profile) : std::nullopt;
}

void LineChannel::startLoading(std::string_view userId, int seconds) {
  good(_helpers.startLoading(userId, seconds, &_cancel), "the loading animation");
}

void LineChannel::markAsRead(std::string_view markAsReadToken) {
  good(_helpers.markAsRead(markAsReadToken, &_cancel), "marking as read");
}

std::optional<ChannelApi::Quota> LineChannel::quota() {
  const auto limit = _lookups.quota(&_cancel);
  const auto used = _lookups.consumption(&_cancel);
  if (!good(limit.call, "the quota") || !good(used.call, "the quota's use")) return std::nullopt;
  Quota quota;
  if (limit.limited) quota.limit = limit.value;
  quota.used = used.count;
  return quota;
}

std::optional<ChannelApi::Bot> LineChannel::bot() {
  {
    const std::lock_guard lock(_mutex);
    if (_bot || _clock.steadyMs() < _askBotAtMs) return _bot;
    // Whoever comes meanwhile goes on without.
    _askBotAtMs = _clock.steadyMs() + BOT_RETRY_MS;
  }
  const auto result = _lookups.botInfo(&_cancel);
  if (!good(result.call, "the bot's own data")) return std::nullopt;
  const std::lock_guard lock(_mutex);
  _bot = Bot{result.info.userId, result.info.basicId, result.info.displayName};
  return _bot;
}

}  // namespace tsunagi::chat
