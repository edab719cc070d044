#include "chat/OwnerPush.h"

#include <Poco/Logger.h>

#include "chat/OutboxRules.h"
#include "line/MessageJson.h"
#include "sql/Database.h"

namespace tsunagi::chat {
namespace {

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("notify");
  return instance;
}

}  // namespace

notify::NoticeSink::Outcome OwnerPush::deliver(const notify::NoticeEntry& entry, net::CancelToken&) {
  try {
    return push(entry);
  } catch (const sql::SqlError& e) {
    logger().warning("the notice \"%s\" waits for the store: %s", entry.notice.cause, std::string(e.what()));
    return Outcome::Later;
  }
}

notify::NoticeSink::Outcome OwnerPush::push(const notify::NoticeEntry& entry) {
  const auto settings = _settings.get();
  const std::string sentence = OwnerDesk::sentence(entry.notice, settings->language);
  const int64_t ageMs = _clock.wallMs() - entry.wallMs;
  if (sentence.empty() || ageMs < 0 || ageMs > PUSH_LIFE_MS) return Outcome::Never;
  for (const auto& channel : settings->channels) {
    const bool ofAnother = settings->channel(entry.notice.about) != nullptr && channel.name != entry.notice.about;
    if (ofAnother || !channel.sender) continue;
    const auto owner = _tables.people.firstOwner(channel.name);
    if (!owner) continue;
    const LineQuota::Room quota = _quota.room(channel);
    if (!mayPush(_door.alarmRoom(owner->channelId, *settingsOf(settings, channel.name), quota), true))
      return Outcome::Never;
    const auto result = channel.sender->push(
        owner->lineUserId, line::textMessagesJson({say(Phrase::OwnerNotice, settings->language, {{"text", sentence}})}),
        entry.key);
    const OutboxVerdict::Kind verdict = afterPush(true, result.kind).kind;
    if (verdict == OutboxVerdict::Kind::Failed) {
      logger().warning("the notice \"%s\" was not pushed: %s", entry.notice.cause, result.detail);
      return Outcome::Never;
    }
    if (verdict != OutboxVerdict::Kind::Sent) return Outcome::Later;
    _door.countAlarm(owner->channelId);
    _quota.noteSent(channel, 1);
    _desk.said({"", {entry.key}});
    return Outcome::Done;
  }
  return Outcome::Never;
}

}  // namespace tsunagi::chat
