#include "net/DeadlineQueue.h"

namespace tsunagi::net {

void Deadline::cancel() {
  if (_queue) _queue->unlink(*this);
}

DeadlineQueue::~DeadlineQueue() {
  while (_first) unlink(*_first);
  _loop.cancel(_timer);
}

void DeadlineQueue::arm(Deadline& deadline) {
  deadline.cancel();
  deadline._queue = this;
  deadline._dueMs = _loop.nowMs() + _lengthMs;
  deadline._previous = _last;
  deadline._next = nullptr;
  (_last ? _last->_next : _first) = &deadline;
  _last = &deadline;
  if (_timer == 0) setTimer();
}

void DeadlineQueue::unlink(Deadline& deadline) {
  (deadline._previous ? deadline._previous->_next : _first) = deadline._next;
  (deadline._next ? deadline._next->_previous : _last) = deadline._previous;
  deadline._queue = nullptr;
  deadline._previous = deadline._next = nullptr;
}

void DeadlineQueue::setTimer() {
  _timer = _loop.callAfter(_first->_dueMs - _loop.nowMs(), [this] { sweep(); });
}

// The timer is not moved when the first entry leaves: it finds the next one then, at most once per length in vain.
void DeadlineQueue::sweep() {
  _timer = 0;
  while (_first && _first->_dueMs <= _loop.nowMs()) {
    Deadline& due = *_first;
    unlink(due);
    due._owner->onDeadline(due);
  }
  if (_first && _timer == 0) setTimer();
}

}  // namespace tsunagi::net
