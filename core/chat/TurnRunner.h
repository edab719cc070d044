#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "chat/ChatSettings.h"
#include "chat/Lanes.h"
#include "chat/Outbox.h"
#include "chat/RecentTurns.h"
#include "chat/RunningCalls.h"
#include "chat/StopSignal.h"
#include "line/Events.h"
#include "store/BridgeStore.h"

namespace tsunagi::chat {

// Takes one event from the inbox to its end: answers a text message by the responder, commits the answer's row with the
// event's end, and sends that row. Whatever happens in between, a restart goes on from the last commit: the responder
// is not asked again once an answer exists, and an event that took the process down three times is given up.
// Thread-safe; blocks for a responder's or LINE's time.
class TurnRunner : public LaneWork {
 public:
  static constexpr int64_t MAX_ATTEMPTS = 3;
  static constexpr int64_t SEND_MARGIN_MS = 5'000;  // of the token's life, kept for sending

  TurnRunner(store::BridgeStore& store, const CurrentSettings& settings, RunningCalls& calls, StopSignal& stop,
             const Clock& clock);

  LaneStep handle(const store::LaneEntry& entry, int failures) override;
  const RecentTurns& recentTurns() const { return _recent; }

 private:
  LaneStep handleOrThrow(const store::LaneEntry& entry, int failures);
  LaneStep turn(const store::InboxRow& row, const line::Event& event, int failures);
  LaneStep waitForSettings(const store::InboxRow& row, const TokenLife& life);
  void commitAnswer(const store::InboxRow& row, store::InboxState state, const char* outcome,
                    const std::vector<std::string>& texts);
  LaneStep send(int64_t inboxId, int failures);
  void persist(const std::function<void()>& write);

  store::BridgeStore& _store;
  const CurrentSettings& _settings;
  RunningCalls& _calls;
  StopSignal& _stop;
  const Clock& _clock;
  Outbox _outbox;
  RecentTurns _recent;
};

// An answer as LINE takes it: at most five text messages of at most 5000 UTF-16 units; what is beyond is cut and
// marked.
std::vector<std::string> answerTexts(const std::string& answer, Language language);
// Is this an event that the bridge answers, as far as the event alone tells?
bool isAnswerable(const line::Event& event);

}  // namespace tsunagi::chat
