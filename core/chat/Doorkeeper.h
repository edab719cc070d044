#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "chat/Arrival.h"
#include "chat/LineQuota.h"
#include "chat/OwnerDesk.h"
#include "chat/RateLimits.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// How this machine's wall clock stands to the world's, as far as somebody told (J4).
struct ClockView {
  int64_t skewMs = 0;    // own clock minus the relay's
  bool trusted = false;  // no relay and no time service: no age is judged by it (S13)
};

// Says of each event who it is from, what it wants and what is allowed, before anything is fetched, kept or asked of a
// model (S10). Thread-safe; reads the store, and makes a row for a person or group that was never seen. Throws
// sql::SqlError.
class Doorkeeper {
 public:
  // Everything outlives this. clockView: [any thread]
  Doorkeeper(store::Tables& tables, OwnerDesk& desk, const Clock& clock, std::function<ClockView()> clockView);

  Arrival look(const store::InboxRow& row, const line::Event& event, const ChatSettings& settings);

  // A turn begins: it counts towards the sender's, the group's and everybody's limits.
  void countTurn(const Arrival& arrival, const ChatSettings& settings);
  // A sentence of the bridge's own goes to somebody who is not paired: it counts towards the rates, so that nobody
  // makes the bridge talk without end.
  void countWord(const Arrival& arrival, const ChatSettings& settings);
  // What that turn used.
  void countUse(const Arrival& arrival, const ChatSettings& settings, const DayUse& used);
  // What may still be pushed to the arrival's conversation: LINE's quota as given, the owner's bounds, what a push
  // costs there (0: not known).
  PushRoom pushRoom(const Arrival& arrival, const ChatSettings& settings, const LineQuota::Room& quota);
  // Counts a push that is about to begin, also when nothing comes of it, and gives its recipients. 0: there is no room.
  int64_t takePush(const Arrival& arrival, const ChatSettings& settings, const LineQuota::Room& quota);
  // What may be pushed to the owner themself, and that it was.
  PushRoom alarmRoom(int64_t channelId, const ChatSettings& settings, const LineQuota::Room& quota);
  void countAlarm(int64_t channelId);
  int64_t pushedThisMonth(int64_t channelId);  // as the budget counts
  // TellLimited or TellBudget was said; a spent budget is told to the owner, too.
  void markTold(const Arrival& arrival, const ChatSettings& settings);
  // A wrong pairing code. True: too many in all, every open code of the channel must go (S14).
  bool countWrongCode(const Arrival& arrival);

 private:
  struct Meter {
    std::string name;
    Usage usage;
    UsageLimits limits;
  };
  std::vector<Meter> meters(const Arrival& arrival, const ChatSettings& settings);
  MonthUse pushesOf(int64_t channelId);
  std::vector<std::pair<std::string, std::string>> changed(
      const Arrival& arrival, const ChatSettings& settings,
      const std::function<void(const std::vector<UsageKey>&)>& change);
  void change(const Arrival& arrival, const ChatSettings& settings,
              const std::function<void(const std::vector<UsageKey>&)>& change);
  void identify(Arrival& arrival, const ChatSettings& settings);
  void understand(Arrival& arrival, const ChatSettings& settings);
  void readText(Arrival& arrival, const ChatSettings& settings);
  bool codesLocked(const Arrival& arrival);
  int64_t day(const ChatSettings& settings) const;

  store::Tables& _tables;
  OwnerDesk& _desk;
  const Clock& _clock;
  const std::function<ClockView()> _clockView;
  std::mutex _mutex;  // counters are read, changed and written back as one step
};

}  // namespace tsunagi::chat
