#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace tsunagi::chat {

// Where the time of one answered event went, in milliseconds.
struct TurnTimes {
  std::string webhookEventId;
  int64_t relayMs = 0;      // LINE's request to the relay's sending, as the relay says; 0 in direct mode
  int64_t queuedMs = 0;     // reception to the turn's begin: signature, commit, the lane's queue
  int64_t responderMs = 0;  // the responder's whole answer
  int64_t lineMs = 0;       // committing the answer and the call to LINE
};

// The last answered events, for /status. Thread-safe.
class RecentTurns {
 public:
  static constexpr size_t KEPT = 50;
  void add(TurnTimes times);
  std::vector<TurnTimes> list() const;  // oldest first

 private:
  mutable std::mutex _mutex;
  std::deque<TurnTimes> _turns;
};

}  // namespace tsunagi::chat
