#include "chat/Outbox.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <string>

namespace tsunagi::chat {
namespace {

using Kind = line::SendResult::Kind;
using Verdict = OutboxVerdict::Kind;

constexpr int64_t SHORTEST_BACKOFF_MS = 200;
constexpr int64_t LONGEST_BACKOFF_MS = 5'000;
constexpr int64_t TOKEN_BACKOFF_MS = 15'000;

int64_t backoffMs(int failures) { return std::min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS << std::min(failures, 10)); }

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.outbox");
  return instance;
}

std::vector<std::string> sentIds(const line::SendResult& result) {
  std::vector<std::string> ids;
  for (const auto& message : result.sentMessages) ids.push_back(message.id);
  return ids;
}

}  // namespace

OutboxVerdict beforeCall(bool earlier, int64_t attempts, const TokenLife& life) {
  if (earlier) {
    // Past the token's life an "Invalid reply token" proves nothing, and another kind of answer cannot be had.
    if (!life.surelyAlive())
      return {Verdict::Unknown, "an attempt had no answer, and the reply token is too old to ask"};
    return {Verdict::Call, ""};
  }
  // LINE's limit is "about" a minute: the first attempt costs nothing, further ones are given up.
  if (attempts > 0 && life.expired()) return {Verdict::Failed, "late: LINE could not be reached in the token's life"};
  return {Verdict::Call, ""};
}

OutboxVerdict afterCall(bool earlier, Kind result, bool aliveBefore, const TokenLife& life) {
  switch (result) {
    case Kind::Delivered:
    case Kind::AlreadyAccepted:
      return {Verdict::Sent, ""};
    case Kind::InvalidReplyToken:
      if (!earlier) return {Verdict::Failed, "late: LINE no longer took the reply token"};
      if (aliveBefore && !life.expired()) return {Verdict::Sent, "an earlier attempt was delivered"};
      return {Verdict::Unknown, "the reply token ran out before an attempt could be confirmed"};
    case Kind::Refused:
    case Kind::QuotaExhausted:
      // The same body had the same answer before, so the earlier attempt was not delivered either.
      return {Verdict::Failed, "LINE refused the message"};
    case Kind::Unauthorized:
      return {Verdict::WaitToken, "access token refused"};
    case Kind::RateLimited:
    case Kind::NotSent:
    case Kind::Cancelled:
      return {earlier ? Verdict::RetryProbe : Verdict::RetryFirst, "not sent"};
    case Kind::ServerError:
    case Kind::Ambiguous:
      break;
  }
  return {Verdict::RetryProbe, "no clear answer"};
}

Outbox::Outbox(store::BridgeStore& store, const CurrentSettings& settings, const Clock& clock)
    : _store(store), _settings(settings), _clock(clock) {}

LaneStep Outbox::step(const store::OutboxRow& row, int failures) {
  const auto settings = _settings.get();
  const bool probe = row.state == store::OutboxState::Sending;
  const TokenLife before = tokenLife(row.receipt, _clock, settings->tokenLifeMs);
  if (const auto verdict = beforeCall(probe, row.attempts, before); verdict.kind != Verdict::Call)
    return conclude(row, verdict, {}, probe, failures);
  const ChannelSettings* channel = settings->channel(row.channel);
  if (channel == nullptr || !channel->sender) {
    // Not a failed attempt: the access token is simply not set (any more).
    if (!probe && before.expired())
      return conclude(row, {Verdict::Failed, "late: no access token was set in time"}, {}, probe, failures);
    return {LaneStep::Kind::Waiting, _clock.steadyMs() + std::min(before.remainingMs, TOKEN_BACKOFF_MS)};
  }
  _store.markSending(row.id);
  const line::SendResult result = channel->sender->reply(row.target, row.body);
  // A redelivery may have renewed the token's clock meanwhile.
  const auto now = _store.openOutboxOf(row.inboxId);
  const TokenLife after = tokenLife(now ? now->receipt : row.receipt, _clock, settings->tokenLifeMs);
  return conclude(row, afterCall(probe, result.kind, before.surelyAlive(), after), result, probe, failures);
}

LaneStep Outbox::conclude(const store::OutboxRow& row, const OutboxVerdict& verdict, const line::SendResult& result,
                          bool probe, int failures) {
  const std::string what = "answer " + std::to_string(row.id) + " to [" + row.channel + "]";
  const std::string why = std::string(verdict.reason) + (result.detail.empty() ? "" : ": " + result.detail);
  switch (verdict.kind) {
    case Verdict::Sent:
      _store.finishOutbox(row.id, store::OutboxState::Sent, result.requestId, verdict.reason, sentIds(result));
      logger().debug("%s: sent, LINE request %s", what, result.requestId);
      return {};
    case Verdict::Failed:
      _store.finishOutbox(row.id, store::OutboxState::Failed, result.requestId, why);
      logger().warning("%s was not delivered (%s)", what, why);
      return {};
    case Verdict::Unknown:
      _store.finishOutbox(row.id, store::OutboxState::Unknown, result.requestId, why);
      logger().warning("%s may or may not have been delivered (%s); it is not sent again", what, why);
      return {};
    case Verdict::WaitToken:
      if (!probe) _store.markPending(row.id, why);
      logger().error("%s: LINE refused the access token; put a valid channel_access_token into [%s] (%s)", what,
                     row.channel, result.detail);
      return {LaneStep::Kind::Waiting, _clock.steadyMs() + TOKEN_BACKOFF_MS};
    case Verdict::RetryFirst:
      _store.markPending(row.id, why);
      break;
    case Verdict::RetryProbe:
    case Verdict::Call:
      break;
  }
  logger().information("%s: will be tried again (%s)", what, why);
  return {LaneStep::Kind::RetryAt, _clock.steadyMs() + backoffMs(failures)};
}

}  // namespace tsunagi::chat
