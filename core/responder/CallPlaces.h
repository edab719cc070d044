#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace tsunagi::responder {

// Who may run when only so many may at once: first come, first served. Pure bookkeeping under the owner's lock.
class CallPlaces {
 public:
  explicit CallPlaces(uint32_t limit) : _limit(limit) {}
  void setLimit(uint32_t limit) { _limit = limit; }  // 0: no limit
  void queue(uint64_t callId) { _waiting.push_back(callId); }
  bool mayEnter(uint64_t callId) const {
    return !_waiting.empty() && _waiting.front() == callId && (_limit == 0 || _running < _limit);
  }
  void enter() { _waiting.pop_front(), ++_running; }
  void giveUp(uint64_t callId) { std::erase(_waiting, callId); }
  void leave() { --_running; }
  size_t running() const { return _running; }
  size_t waiting() const { return _waiting.size(); }

 private:
  uint32_t _limit;
  size_t _running = 0;
  std::deque<uint64_t> _waiting;
};

}  // namespace tsunagi::responder
