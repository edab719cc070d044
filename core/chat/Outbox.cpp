#include "chat/Outbox.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <optional>
#include <string>

namespace tsunagi::chat {
namespace {

using Verdict = OutboxVerdict::Kind;
using store::OutboxState;

constexpr int64_t SHORTEST_BACKOFF_MS = 200;
constexpr int64_t LONGEST_BACKOFF_MS = 5'000;
constexpr int64_t LONGEST_PUSH_BACKOFF_MS = 120'000;
constexpr int64_t TOKEN_BACKOFF_MS = 15'000;
// A push that still fails after so many tries, about a minute, holds up its conversation no longer.
constexpr int PUSH_TRIES_IN_LANE = 8;

int64_t backoffMs(int failures, int64_t longest) {
  return std::min(longest, SHORTEST_BACKOFF_MS << std::min(failures, 20));
}

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("chat.outbox");
  return instance;
}

std::vector<std::string> sentIds(const line::SendResult& result) {
  std::vector<std::string> ids;
  for (const auto& message : result.sentMessages) ids.push_back(message.id);
  return ids;
}

bool isPush(const store::OutboxRow& row) { return row.method == "push"; }
bool wentOut(const store::OutboxRow& row) { return row.state == OutboxState::Sending; }

}  // namespace

Outbox::Outbox(store::BridgeStore& store, const CurrentSettings& settings, LineQuota& quota, OwnerDesk& desk,
               const Clock& clock)
    : _store(store), _settings(settings), _quota(quota), _desk(desk), _clock(clock) {}

LaneStep Outbox::step(const store::OutboxRow& row, int failures) {
  const auto settings = _settings.get();
  return isPush(row) ? push(row, *settings, failures) : reply(row, *settings, failures);
}

LaneStep Outbox::reply(const store::OutboxRow& row, const ChatSettings& settings, int failures) {
  const bool probe = wentOut(row);
  const TokenLife before = tokenLife(row.receipt, _clock, settings.tokenLifeMs);
  if (const auto verdict = beforeCall(probe, row.attempts, before); verdict.kind != Verdict::Call)
    return conclude(row, verdict, {}, failures);
  const ChannelSettings* channel = settings.channel(row.channel);
  if (channel == nullptr || !channel->sender) {
    // Not a failed attempt: the access token is simply not set (any more).
    if (!probe && before.expired())
      return conclude(row, {Verdict::Hold, "late: no access token was set in time"}, {}, failures);
    return {LaneStep::Kind::Waiting, _clock.steadyMs() + std::min(before.remainingMs, TOKEN_BACKOFF_MS)};
  }
  _store.markSending(row.id);
  const line::SendResult result = channel->sender->reply(row.target, row.body);
  // A redelivery may have renewed the token's clock meanwhile.
  const auto now = _store.openOutboxOf(row.inboxId);
  const TokenLife after = tokenLife(now ? now->receipt : row.receipt, _clock, settings.tokenLifeMs);
  return conclude(row, afterCall(probe, result.kind, before.surelyAlive(), after), result, failures);
}

LaneStep Outbox::push(const store::OutboxRow& row, const ChatSettings& settings, int failures) {
  const bool retry = wentOut(row);
  std::optional<int64_t> sinceFirstMs;
  if (row.firstSentMs > 0) sinceFirstMs = _clock.wallMs() - row.firstSentMs;
  if (const auto verdict = beforePush(retry, sinceFirstMs); verdict.kind != Verdict::Call)
    return conclude(row, verdict, {}, failures);
  const ChannelSettings* channel = settings.channel(row.channel);
  if (channel == nullptr || !channel->sender) return {LaneStep::Kind::Waiting, _clock.steadyMs() + TOKEN_BACKOFF_MS};
  _store.markSending(row.id);
  const line::SendResult result = channel->sender->push(row.target, row.body, row.retryKey);
  OutboxVerdict verdict = afterPush(retry, result.kind);
  if (verdict.kind == Verdict::AskQuota) verdict = afterQuota(_quota.confirmUsedUp(*channel, row.recipients));
  if (verdict.kind == Verdict::Sent) _quota.noteSent(*channel, row.recipients);
  return conclude(row, verdict, result, failures);
}

LaneStep Outbox::conclude(const store::OutboxRow& row, const OutboxVerdict& verdict, const line::SendResult& result,
                          int failures) {
  const std::string what =
      (isPush(row) ? "pushed answer " : "answer ") + std::to_string(row.id) + " to [" + row.channel + "]";
  const std::string why = std::string(verdict.reason) + (result.detail.empty() ? "" : ": " + result.detail);
  switch (verdict.kind) {
    case Verdict::Sent:
      _store.finishOutbox(row.id, OutboxState::Sent, result.requestId, verdict.reason, sentIds(result));
      logger().debug("%s: sent, LINE request %s", what, result.requestId);
      return {};
    case Verdict::Failed:
      _store.finishOutbox(row.id, OutboxState::Failed, result.requestId, why);
      logger().warning("%s was not delivered (%s)", what, why);
      return {};
    case Verdict::Hold: {
      const bool kept = _store.holdOutbox(row.id, result.requestId, why);
      logger().warning("%s was not delivered (%s)%s", what, why,
                       std::string(kept ? "; it waits for the conversation's next message" : ""));
      return {};
    }
    case Verdict::Unknown:
      _store.finishOutbox(row.id, OutboxState::Unknown, result.requestId, why);
      logger().warning("%s may or may not have been delivered (%s); it is not sent again", what, why);
      _desk.tell(OwnerCause::AnswerUnknown, row.channel);
      return {};
    case Verdict::WaitToken:
      if (!wentOut(row)) _store.markPending(row.id, result.requestId, why);
      logger().error("%s: LINE refused the access token; put a valid channel_access_token into [%s] (%s)", what,
                     row.channel, result.detail);
      _desk.tell(OwnerCause::AccessToken, row.channel);
      return {LaneStep::Kind::Waiting, _clock.steadyMs() + TOKEN_BACKOFF_MS};
    case Verdict::RetryFirst:
      _store.markPending(row.id, result.requestId, why);
      break;
    case Verdict::RetryProbe:
      _store.noteAttempt(row.id, result.requestId, why);
      break;
    case Verdict::Call:
    case Verdict::AskQuota:
      break;
  }
  logger().information("%s: will be tried again (%s)", what, why);
  const bool beside = isPush(row) && failures >= PUSH_TRIES_IN_LANE;
  const int64_t wait = backoffMs(failures, isPush(row) ? LONGEST_PUSH_BACKOFF_MS : LONGEST_BACKOFF_MS);
  return {beside ? LaneStep::Kind::Beside : LaneStep::Kind::RetryAt, _clock.steadyMs() + wait};
}

}  // namespace tsunagi::chat
