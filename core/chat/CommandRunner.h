#pragma once
#include <functional>
#include <string>

#include "base/Clock.h"
#include "chat/Arrival.h"
#include "chat/Doorkeeper.h"
#include "chat/LineQuota.h"
#include "chat/OwnerDesk.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// Carries out what a LINE user tells the bridge itself (docs/commands.md), after the doorkeeper allowed it, and says
// what came of it in the arrival's language. Carried out twice (a crash before the answer was committed) it does no
// harm. Thread-safe; blocks for the store, for LINE's quota and for a responder's list of models; throws sql::SqlError.
class CommandRunner {
 public:
  // stop: ends the turn of that conversation that runs now; false when there is none. [any thread]
  // filesChanged: files are to be removed.
  using StopTurn = std::function<bool(int64_t channelId, const std::string& conversation)>;
  CommandRunner(store::Tables& tables, Doorkeeper& door, LineQuota& quota, OwnerDesk& desk, const Clock& clock,
                StopTurn stop, std::function<void()> filesChanged);

  std::string run(const Arrival& arrival, const ChatSettings& settings);
  std::string pair(const Arrival& arrival);

 private:
  std::string help(const Arrival& arrival) const;
  std::string whoAmI(const Arrival& arrival) const;
  std::string unpair(const Arrival& arrival);
  std::string forget(const Arrival& arrival);
  std::string status(const Arrival& arrival, const ChatSettings& settings);
  std::string quota(const Arrival& arrival, const ChatSettings& settings);
  std::string model(const Arrival& arrival, const ChatSettings& settings);
  std::string pause(const Arrival& arrival);
  std::string resume(const Arrival& arrival);
  std::string allow(const Arrival& arrival, const ChatSettings& settings);
  std::string deny(const Arrival& arrival);
  std::string project(const Arrival& arrival);
  void note(const Arrival& arrival, const char* action, const std::string& detail = {});

  store::Tables& _tables;
  Doorkeeper& _door;
  LineQuota& _quota;
  OwnerDesk& _desk;
  const Clock& _clock;
  const StopTurn _stop;
  const std::function<void()> _filesChanged;
};

}  // namespace tsunagi::chat
