#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "chat/Arrival.h"
#include "chat/ChatSettings.h"
#include "chat/CommandRunner.h"
#include "chat/Doorkeeper.h"
#include "chat/EventChanges.h"
#include "chat/Lanes.h"
#include "chat/LineQuota.h"
#include "chat/Outbox.h"
#include "chat/OwnerDesk.h"
#include "chat/RecentTurns.h"
#include "chat/RunningCalls.h"
#include "chat/StopSignal.h"
#include "line/Events.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// Takes one event from the inbox to its end: what it changes, what is decided about it, what is kept of it, and then
// nothing, one sentence, a command's answer or a responder's. The answer's row is committed with the event's end, and
// then sent. Whatever happens in between, a restart goes on from the last commit: the responder is not asked again once
// an answer exists, and an event that took the process down three times is given up. Thread-safe; blocks for a
// responder's or LINE's time.
class TurnRunner : public LaneWork {
 public:
  static constexpr int64_t MAX_ATTEMPTS = 3;

  struct Hooks {
    std::function<ClockView()> clockView;  // [any thread]
    std::function<void()> filesChanged;    // a file is to be fetched or removed
  };
  TurnRunner(store::Tables& tables, const CurrentSettings& settings, RunningCalls& calls, StopSignal& stop,
             OwnerDesk& desk, const Clock& clock, Hooks hooks);

  LaneStep handle(const store::LaneEntry& entry, int failures) override;
  void noticed(const store::LaneEntry& entry) override;
  const RecentTurns& recentTurns() const { return _recent; }
  // LINE's month of each channel that was seen, as it is known.
  struct PushMonth {
    std::string channel;
    LineQuota::Room quota;
    int64_t pushed = 0;  // recipients, as the budget counts
  };
  std::vector<PushMonth> pushMonths();
  // Pushes notices to the owner, for notify::Notifier; lives no longer than this.
  std::shared_ptr<notify::NoticeSink> ownerPush();

 private:
  using Settings = std::shared_ptr<const ChatSettings>;
  LaneStep handleOrThrow(const store::LaneEntry& entry, int failures);
  void startNew(Arrival& arrival);
  LaneStep act(const Arrival& arrival, const Settings& settings, int failures);
  LaneStep sayNotice(const Arrival& arrival, const Settings& settings, const std::string& text, int failures);
  LaneStep runCommand(const Arrival& arrival, const Settings& settings, int failures);
  LaneStep tapped(const Arrival& arrival, const Settings& settings, int failures);
  LaneStep answer(const Arrival& arrival, const Settings& settings, int failures);
  LaneStep late(const Arrival& arrival, LatePlan plan);
  LatePlan latePlan(const Arrival& arrival, const Settings& settings);
  bool mayBegin(const Arrival& arrival, const Settings& settings, LaneStep& instead, int failures,
                bool byButton = false);
  int64_t waitForSettings(const TokenLife& life, bool withoutToken) const;
  LaneStep giveUp(const Arrival& arrival, int failures, bool byButton);
  void finish(const Arrival& arrival, const char* outcome);
  LaneStep send(int64_t inboxId, int failures);
  void persist(const std::function<void()>& write);

  store::Tables& _tables;
  const CurrentSettings& _settings;
  RunningCalls& _calls;
  StopSignal& _stop;
  OwnerDesk& _desk;
  const Clock& _clock;
  Doorkeeper _door;
  LineQuota _quota;
  EventChanges _changes;
  CommandRunner _commands;
  Outbox _outbox;
  RecentTurns _recent;
  std::mutex _delivering;  // see TurnParts
  const std::function<void()> _filesChanged;
};

}  // namespace tsunagi::chat
