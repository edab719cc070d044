#include "chat/OutboxRules.h"

namespace tsunagi::chat {
namespace {

using Kind = line::SendResult::Kind;
using Verdict = OutboxVerdict::Kind;

constexpr int64_t CLOCK_SLACK_MS = 5 * 60'000;

}  // namespace

OutboxVerdict beforeCall(bool earlier, int64_t attempts, const TokenLife& life) {
  if (earlier) {
    // Past the token's life an "Invalid reply token" proves nothing, and another kind of answer cannot be had.
    if (!life.surelyAlive())
      return {Verdict::Unknown, "an attempt had no answer, and the reply token is too old to ask"};
    return {Verdict::Call, ""};
  }
  // LINE's limit is "about" a minute: the first attempt costs nothing, further ones are given up.
  if (attempts > 0 && life.expired()) return {Verdict::Hold, "late: LINE could not be reached in the token's life"};
  return {Verdict::Call, ""};
}

OutboxVerdict afterCall(bool earlier, Kind result, bool aliveBefore, const TokenLife& life) {
  switch (result) {
    case Kind::Delivered:
    case Kind::AlreadyAccepted:
      return {Verdict::Sent, ""};
    case Kind::InvalidReplyToken:
      // Surely alive and yet invalid at the first attempt: somebody else spent it, so the person has an answer.
      if (!earlier && life.surelyAlive()) return {Verdict::Failed, "the reply token was spent by somebody else"};
      if (!earlier) return {Verdict::Hold, "late: LINE no longer took the reply token"};
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

OutboxVerdict beforePush(bool earlier, const std::optional<int64_t>& sinceFirstMs) {
  if (!sinceFirstMs || (*sinceFirstMs >= -CLOCK_SLACK_MS && *sinceFirstMs < PUSH_LIFE_MS)) return {Verdict::Call, ""};
  if (earlier) return {Verdict::Unknown, "an attempt had no clear answer, and the retry key is too old to ask"};
  return {Verdict::Hold, "LINE took no push for too long"};
}

OutboxVerdict afterPush(bool earlier, Kind result) {
  switch (result) {
    case Kind::Delivered:
      return {Verdict::Sent, ""};
    case Kind::AlreadyAccepted:
      return {Verdict::Sent, "an earlier attempt was delivered"};
    case Kind::Refused:
    case Kind::InvalidReplyToken:
      return {Verdict::Failed, "LINE refused the message"};
    case Kind::QuotaExhausted:
      // That LINE looks at the retry key before the quota is nowhere written: an earlier attempt stays unclear.
      if (earlier) return {Verdict::RetryProbe, "no clear answer, and now the month's messages are used up"};
      return {Verdict::AskQuota, "the month's messages are used up"};
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

OutboxVerdict afterQuota(bool confirmed) {
  if (confirmed) return {OutboxVerdict::Kind::Hold, "the month's LINE messages are used up"};
  return {OutboxVerdict::Kind::RetryFirst, "LINE spoke of the monthly limit, but its quota has room: too many at once"};
}

}  // namespace tsunagi::chat
