#include "chat/LineQuota.h"

#include <Poco/Logger.h>

#include <algorithm>

#include "chat/PromptText.h"

namespace tsunagi::chat {
namespace {

constexpr int JAPAN_MINUTES = 9 * 60;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.line");
  return instance;
}

std::string meterName(const std::string& channel) { return std::string(store::Meters::MONTH) + "quota:" + channel; }

std::optional<int64_t> leftOf(const ChannelApi::Quota& quota) {
  if (!quota.limit) return std::nullopt;
  return std::max<int64_t>(0, *quota.limit - quota.used);
}

}  // namespace

int64_t lineMonth(int64_t wallMs) {
  const CivilTime now = civilTime(wallMs, JAPAN_MINUTES);
  return now.year * 12 + now.month - 1;
}

std::optional<ChannelApi::Quota> LineQuota::ask(const ChannelSettings& channel) {
  const auto quota = channel.api ? channel.api->quota() : std::nullopt;
  {
    const std::lock_guard lock(_mutex);
    Told& told = _told[channel.name];
    told.askAtMs = _clock.steadyMs() + (quota ? FRESH_MS : RETRY_MS);
    if (!quota) return std::nullopt;
    told.month = lineMonth(_clock.wallMs());
    told.left = leftOf(*quota);
  }
  setUsedUp(channel.name, leftOf(*quota).value_or(1) <= 0);
  return quota;
}

LineQuota::Room LineQuota::room(const ChannelSettings& channel) {
  bool fresh = false;
  {
    const std::lock_guard lock(_mutex);
    const auto told = _told.find(channel.name);
    fresh = told != _told.end() && _clock.steadyMs() < told->second.askAtMs;
  }
  if (!fresh) ask(channel);
  const Room room = known(channel.name);
  if (room.usedUp) _desk.tell(OwnerCause::QuotaUsedUp, channel.name);
  return room;
}

bool LineQuota::confirmUsedUp(const ChannelSettings& channel, int64_t recipients) {
  const auto quota = ask(channel);
  const bool confirmed = quota && leftOf(*quota).value_or(recipients) < recipients;
  if (confirmed) _desk.tell(OwnerCause::QuotaUsedUp, channel.name);
  return confirmed;
}

void LineQuota::noteSent(const ChannelSettings& channel, int64_t recipients) {
  const std::lock_guard lock(_mutex);
  if (auto& left = _told[channel.name].left) left = std::max<int64_t>(0, *left - recipients);
}

LineQuota::Room LineQuota::known(const std::string& channel) {
  Room room;
  room.usedUp = isUsedUp(channel);
  const std::lock_guard lock(_mutex);
  const auto told = _told.find(channel);
  if (told != _told.end() && told->second.month == lineMonth(_clock.wallMs())) room.left = told->second.left;
  return room;
}

bool LineQuota::isUsedUp(const std::string& channel) {
  return _meters.get(meterName(channel)) == std::to_string(lineMonth(_clock.wallMs()));
}

void LineQuota::setUsedUp(const std::string& channel, bool usedUp) {
  if (isUsedUp(channel) == usedUp) return;
  _meters.set({{meterName(channel), usedUp ? std::to_string(lineMonth(_clock.wallMs())) : std::string()}});
  if (usedUp)
    logger().warning(
        "[%s]: the month's LINE messages are used up; nothing is pushed until next month or a larger plan, answers "
        "wait "
        "for the conversation's next message",
        channel);
  else
    logger().information("[%s]: LINE has messages for this month again", channel);
}

}  // namespace tsunagi::chat
