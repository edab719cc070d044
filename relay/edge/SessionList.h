#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/EventLoop.h"

namespace tsunagi::relay {

class UnitSession;

// The link sessions of one loop, and their time: one timer for all of them. Sessions with something under way are
// looked at every 250 ms, the idle ones in turns, each within 5 s. On the loop's thread only, the constructor apart.
class SessionList : public std::enable_shared_from_this<SessionList> {
 public:
  explicit SessionList(net::EventLoop& loop) : _loop(loop) {}

  net::EventLoop& loop() { return _loop; }
  void start();
  void stop();  // no more time is kept; sessions stay
  void add(std::shared_ptr<UnitSession> session);
  void remove(UnitSession& session);
  void noteBusy(UnitSession& session);
  void each(const std::function<void(UnitSession&)>& visit);  // sessions may leave meanwhile
  // Asks every present session to dial anew, spread over waveMs.
  void goaway(std::string reason, int64_t waveMs, int64_t jitterMs, std::function<void()> done);

 private:
  void tick();
  void wave(std::shared_ptr<std::vector<std::weak_ptr<UnitSession>>> waiting, size_t perStep, std::string reason,
            int64_t jitterMs, std::function<void()> done);

  net::EventLoop& _loop;
  std::vector<std::shared_ptr<UnitSession>> _sessions;
  std::vector<std::weak_ptr<UnitSession>> _busy;
  size_t _cursor = 0;
  net::TimerId _timer = 0;
  bool _running = false;
};

}  // namespace tsunagi::relay
