#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "chat/Arrival.h"
#include "chat/CallThread.h"
#include "chat/ChatSettings.h"
#include "chat/Doorkeeper.h"
#include "chat/Lanes.h"
#include "chat/LineQuota.h"
#include "chat/OwnerDesk.h"
#include "chat/RecentTurns.h"
#include "chat/ReplyPlan.h"
#include "chat/RunningCalls.h"
#include "chat/TokenClock.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// What a turn works with; everything outlives it.
struct TurnParts {
  store::Tables& tables;
  RunningCalls& calls;
  const Clock& clock;
  Doorkeeper& door;
  LineQuota& quota;
  OwnerDesk& desk;
  RecentTurns& recent;
  std::mutex& delivering;  // held while it is decided by which event a kept answer goes out, until that is committed
  std::function<void(const std::function<void()>& write)> persist;  // a commit worth waiting for
  std::function<LaneStep(int64_t inboxId, int failures)> send;      // the event's open outbox row, one step
};

// One question to a responder, from the messages that make it up to the answer's row: its context, the call, what the
// chat shows meanwhile, and by which token the answer goes out (J20). Of one lane; used once.
class Turn {
 public:
  static constexpr int64_t SEND_MARGIN_MS = 5'000;  // of the token's life, kept for sending
  static constexpr int64_t MAX_MERGED = 20;         // messages of one turn
  static constexpr int LOADING_SECONDS = 20;

  // pushLate: the token was dead on arrival, and the answer is to be pushed.
  Turn(TurnParts parts, std::shared_ptr<const ChatSettings> settings, const ResponderChoice& responder, Arrival asked,
       bool pushLate = false);

  // Throws sql::SqlError: then the event is as it was last committed.
  LaneStep run(int failures);

 private:
  void addBehind();
  responder::ChatOutcome ask();
  void showLoading();
  void sendButton();
  TokenLife life();
  TurnFacts facts(bool ready);
  int64_t takePush();
  const Arrival& newest() const { return _arrivals.back(); }
  LaneStep conclude(const responder::ChatOutcome& outcome, int failures);
  LaneStep fail(Phrase what, int failures);
  LaneStep hand(const std::vector<std::string>& texts, const std::string& rest, store::InboxState state,
                const char* outcome, int failures);
  void keep(const std::vector<std::string>& texts, const std::string& rest, store::InboxState state, bool apology);
  std::vector<int64_t> merged() const;  // all but the newest
  std::vector<int64_t> behind() const;  // all but the first

  const TurnParts _parts;
  const std::shared_ptr<const ChatSettings> _settings;
  const ResponderChoice& _responder;
  const bool _pushLate;
  std::vector<Arrival> _arrivals;  // oldest first; the answer goes out by the newest one's token
  std::vector<std::string> _answeredIds;
  size_t _missed = 0;  // of these came too late for an answer of their own
  bool _buttonSent = false;
  int64_t _nextLoadingMs = 0;
  int64_t _beganMs = 0;
  int64_t _answeredMs = 0;
};

}  // namespace tsunagi::chat
