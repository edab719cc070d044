#pragma once
#include <cstdint>
#include <optional>

#include "chat/TokenClock.h"
#include "line/SendResult.h"

namespace tsunagi::chat {

// The pure part of the outbox (DESIGN rule 3): what to do with a row before a call to LINE, and after one.
struct OutboxVerdict {
  enum class Kind {
    Call,        // call LINE now
    Sent,        // final: delivered
    Failed,      // final: surely not delivered, and LINE would refuse it again
    Hold,        // final for the row: surely not delivered; the answer waits for the conversation's next token
    Unknown,     // final: may have been delivered; never sent again, shown and counted
    RetryFirst,  // nothing was sent: the row is pending again, try later
    RetryProbe,  // unclear: the same body again, under the same token or retry key, later
    WaitToken,   // the access token was refused: wait for another, or try later; the row's state stays as it was
    AskQuota     // LINE says that the month's messages are used up: see afterQuota()
  };
  Kind kind = Kind::Call;
  const char* reason = "";
};

// --- by a reply token ---

// Before a call. earlier: some attempt may have reached LINE, so this one is a probe. attempts: calls begun before.
OutboxVerdict beforeCall(bool earlier, int64_t attempts, const TokenLife& life);
// After a call that began with aliveBefore and ended with life.
OutboxVerdict afterCall(bool earlier, line::SendResult::Kind result, bool aliveBefore, const TokenLife& life);

// --- by push ---

// LINE knows a retry key for 24 h; behind that the same key sends again. This much of it is used.
constexpr int64_t PUSH_LIFE_MS = 12 * 3'600'000LL;
// sinceFirstMs: since the first attempt, by the wall clock; nothing before it. It is below 0 when that clock went back:
// beyond a few minutes the key's age is not known any more.
OutboxVerdict beforePush(bool earlier, const std::optional<int64_t>& sinceFirstMs);
OutboxVerdict afterPush(bool earlier, line::SendResult::Kind result);
// After AskQuota: confirmed when LINE's quota endpoints say so too; else it was a rate limit, or a campaign that only
// reserves the month's rest.
OutboxVerdict afterQuota(bool confirmed);

}  // namespace tsunagi::chat
