#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/Clock.h"
#include "chat/ChatSettings.h"
#include "chat/OwnerDesk.h"
#include "store/Meters.h"

namespace tsunagi::chat {

// Months as LINE counts its messages: in Japan's time. The figure grows by one each month.
int64_t lineMonth(int64_t wallMs);

// What LINE still sends for a channel this month, as its quota endpoints last told. That a month's messages are used up
// is kept in the store until the month ends or LINE tells otherwise. Thread-safe; blocks for LINE (two calls) and the
// store; throws sql::SqlError.
class LineQuota {
 public:
  static constexpr int64_t FRESH_MS = 10 * 60'000;  // how long an answer of LINE counts
  static constexpr int64_t RETRY_MS = 60'000;       // after a question that LINE did not answer

  // Everything outlives it.
  LineQuota(store::Meters& meters, OwnerDesk& desk, const Clock& clock) : _meters(meters), _desk(desk), _clock(clock) {}

  struct Room {
    bool usedUp = false;
    std::optional<int64_t> left;  // nothing: no limit, or not known
  };
  Room room(const ChannelSettings& channel);  // for a push: that there is none is told to the owner
  // LINE refused a push to that many people because the month's messages are used up: do its quota endpoints say so
  // too? False also when they cannot be asked.
  bool confirmUsedUp(const ChannelSettings& channel, int64_t recipients);
  // Asks LINE now; nothing when it does not tell.
  std::optional<ChannelApi::Quota> ask(const ChannelSettings& channel);
  void noteSent(const ChannelSettings& channel, int64_t recipients);  // a push went out

  // As it is known, without asking LINE.
  Room known(const std::string& channel);

 private:
  struct Told {
    int64_t month = 0;
    std::optional<int64_t> left;
    int64_t askAtMs = 0;  // steady; when LINE is asked again
  };
  void setUsedUp(const std::string& channel, bool usedUp);
  bool isUsedUp(const std::string& channel);

  store::Meters& _meters;
  OwnerDesk& _desk;
  const Clock& _clock;
  std::mutex _mutex;  // guards what follows
  std::map<std::string, Told> _told;
};

}  // namespace tsunagi::chat
