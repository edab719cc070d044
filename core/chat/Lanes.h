#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "store/Rows.h"

namespace tsunagi::chat {

// What is to happen with the entry at the head of a lane after a step of work.
struct LaneStep {
  enum class Kind {
    Finished,  // nothing more to do: the lane goes on with the next
    RetryAt,   // the same entry again at atSteadyMs
    Beside,    // the same, but the lane goes on with the next: from now on the entry has a lane of its own
    Waiting    // the same entry again when the settings change, at the latest at atSteadyMs
  };
  Kind kind = Kind::Finished;
  int64_t atSteadyMs = 0;
};

class LaneWork {
 public:
  virtual ~LaneWork() = default;
  // An entry came behind one that is in hand. Quick; must not throw. Called by whoever adds.
  virtual void noticed(const store::LaneEntry&) {}
  // One step for the head of a lane; blocks as long as it takes; must not throw. Called on a worker's thread, never
  // twice at once for the same lane. failures: how often this entry asked for RetryAt or Beside in a row, for growing
  // waits.
  virtual LaneStep handle(const store::LaneEntry& entry, int failures) = 0;
};

// One FIFO per channel and conversation, and workers that take the heads of ready lanes: order within a conversation,
// parallel across them. Taps on buttons have a FIFO of their own beside it, and workers that a slow turn cannot keep
// busy (ADR 021). Thread-safe. The entries' truth is in the store; here are only ids.
class Lanes {
 public:
  static constexpr int TAP_WORKERS = 2;  // a tap asks no responder

  Lanes(LaneWork& work, const Clock& clock);
  ~Lanes();  // stop() and join()
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  void add(const std::vector<store::LaneEntry>& entries);  // behind what is there, in this order
  void start(int workers);
  void settingsChanged();  // waiting and parked lanes are tried now
  size_t backlog() const;  // entries not finished
  size_t waiting() const;  // lanes that wait for a time or for settings
  // How long a worker without work sleeps before it looks at the parked lanes; nothing: until it is woken.
  std::optional<int64_t> sleepMs() const;

  void stop();  // workers end after the step in hand; does not wait
  // Waits until no step is in hand. False when graceMs of real time were not enough.
  bool waitIdle(int64_t graceMs);
  void join();  // [after stop()]

  // For tests: works on the calling thread until no lane is ready. Returns the number of steps.
  size_t runReady();

 private:
  using Key = std::tuple<int64_t, std::string, bool>;  // channel, conversation, of taps
  // The workers of one kind and what waits for them.
  struct Crew {
    std::deque<Key> ready;
    std::condition_variable changed;
  };
  struct Lane {
    std::deque<store::LaneEntry> entries;
    bool queued = false;  // in its crew's `ready`, or a worker has it
    bool parked = false;  // in _parked
    bool inHand = false;  // a worker has its head
    int failures = 0;
  };
  void work(Crew& crew);
  bool step(std::unique_lock<std::mutex>& lock, Crew& crew);
  Crew& crewOf(const Key& key) { return std::get<bool>(key) ? _tapping : _talking; }
  void wakeDue(int64_t nowMs);
  std::optional<int64_t> untilNextMs() const;
  void makeReady(const Key& key, Lane& lane);
  void park(const Key& key, Lane& lane, const LaneStep& step);
  void leave(const Key& key, Lane& lane);

  LaneWork& _work;
  const Clock& _clock;
  mutable std::mutex _mutex;
  std::map<Key, Lane> _lanes;
  Crew _talking, _tapping;
  std::multimap<int64_t, Key> _parked;
  size_t _backlog = 0;
  size_t _inHand = 0;
  std::condition_variable _idle;
  bool _stopping = false;
  std::vector<NamedThread> _workers;
};

}  // namespace tsunagi::chat
