#pragma once
#include <cstdint>

#include "net/EventLoop.h"

namespace tsunagi::net {

class Deadline;
class DeadlineQueue;

class DeadlineOwner {
 public:
  virtual ~DeadlineOwner() = default;
  virtual void onDeadline(Deadline& deadline) = 0;  // [loop] deadline is disarmed already and may be armed again
};

// One waiting place of an owner, in at most one queue at a time. Leaves its queue when destroyed.
class Deadline {
 public:
  explicit Deadline(DeadlineOwner& owner) : _owner(&owner) {}
  ~Deadline() { cancel(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  void cancel();
  bool armed() const { return _queue != nullptr; }
  bool armedIn(const DeadlineQueue& queue) const { return _queue == &queue; }

 private:
  friend class DeadlineQueue;
  DeadlineOwner* _owner;
  DeadlineQueue* _queue = nullptr;
  Deadline* _previous = nullptr;
  Deadline* _next = nullptr;
  int64_t _dueMs = 0;
};

// Deadlines of one length on one loop: arming appends, so the list is in order of time and one timer serves them all,
// however many connections wait. All calls on the loop.
class DeadlineQueue {
 public:
  DeadlineQueue(EventLoop& loop, int64_t lengthMs) : _loop(loop), _lengthMs(lengthMs) {}
  ~DeadlineQueue();  // disarms what is left
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  void arm(Deadline& deadline);  // from now; leaves the place it had, here or elsewhere
  int64_t lengthMs() const { return _lengthMs; }

 private:
  friend class Deadline;
  void unlink(Deadline& deadline);
  void sweep();
  void setTimer();

  EventLoop& _loop;
  int64_t _lengthMs;
  Deadline* _first = nullptr;
  Deadline* _last = nullptr;
  TimerId _timer = 0;
};

}  // namespace tsunagi::net
