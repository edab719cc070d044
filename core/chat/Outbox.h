#pragma once
#include "base/Clock.h"
#include "chat/ChatSettings.h"
#include "chat/Lanes.h"
#include "chat/TokenClock.h"
#include "store/BridgeStore.h"

namespace tsunagi::chat {

// What to do with an answer's row after one call, or before a call. The pure part of the outbox (DESIGN rule 3).
struct OutboxVerdict {
  enum class Kind {
    Call,        // call LINE now
    Sent,        // final: delivered
    Failed,      // final: surely not delivered
    Unknown,     // final: may have been delivered; never pushed, shown and counted
    RetryFirst,  // nothing was sent: the row is pending again, try later
    RetryProbe,  // unclear: the same body and token again, later
    WaitToken    // the access token was refused: wait for another, or try later; the row's state stays as it was
  };
  Kind kind = Kind::Call;
  const char* reason = "";
};

// Before a call. earlier: some attempt may have reached LINE, so this one is a probe. attempts: calls begun before.
OutboxVerdict beforeCall(bool earlier, int64_t attempts, const TokenLife& life);
// After a call that began with aliveBefore and ended with life.
OutboxVerdict afterCall(bool earlier, line::SendResult::Kind result, bool aliveBefore, const TokenLife& life);

// Sends the answers' rows. One step makes at most one call. Thread-safe; different rows may go at once.
class Outbox {
 public:
  Outbox(store::BridgeStore& store, const CurrentSettings& settings, const Clock& clock);

  // Brings the row nearer to a final state. Throws sql::SqlError; the row is then as it was, or `sending`, and the next
  // step probes.
  LaneStep step(const store::OutboxRow& row, int failures);

 private:
  LaneStep conclude(const store::OutboxRow& row, const OutboxVerdict& verdict, const line::SendResult& result,
                    bool probe, int failures);

  store::BridgeStore& _store;
  const CurrentSettings& _settings;
  const Clock& _clock;
};

}  // namespace tsunagi::chat
