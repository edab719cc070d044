#pragma once
#include "base/Clock.h"
#include "chat/ChatSettings.h"
#include "chat/Lanes.h"
#include "chat/LineQuota.h"
#include "chat/OutboxRules.h"
#include "chat/OwnerDesk.h"
#include "store/BridgeStore.h"

namespace tsunagi::chat {

// Sends the answers' rows, by reply token or by push. One step makes at most one sending call. Thread-safe; different
// rows may go at once.
class Outbox {
 public:
  // Everything outlives the outbox.
  Outbox(store::BridgeStore& store, const CurrentSettings& settings, LineQuota& quota, OwnerDesk& desk,
         const Clock& clock);

  // Brings the row nearer to a final state. Throws sql::SqlError; the row is then as it was, or `sending`, and the next
  // step probes.
  LaneStep step(const store::OutboxRow& row, int failures);

 private:
  LaneStep reply(const store::OutboxRow& row, const ChatSettings& settings, int failures);
  LaneStep push(const store::OutboxRow& row, const ChatSettings& settings, int failures);
  LaneStep conclude(const store::OutboxRow& row, const OutboxVerdict& verdict, const line::SendResult& result,
                    int failures);

  store::BridgeStore& _store;
  const CurrentSettings& _settings;
  LineQuota& _quota;
  OwnerDesk& _desk;
  const Clock& _clock;
};

}  // namespace tsunagi::chat
