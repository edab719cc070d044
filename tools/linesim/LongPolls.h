#pragma once
#include <atomic>
#include <functional>
#include <list>
#include <optional>

#include "net/EventLoop.h"
#include "net/HttpServer.h"

namespace tsunagi::linesim {

// Requests that wait for something to happen. Lives on one loop; notify() may come from anywhere.
class LongPolls {
 public:
  static constexpr size_t MAX_WAITING = 2'000;
  static constexpr int64_t MAX_WAIT_MS = 50'000;  // below the server's own deadline
  // Nothing while there is nothing to tell yet; at the limit it is asked with last = true and must answer.
  using Ask = std::function<std::optional<net::HttpResponse>(bool last)>;

  explicit LongPolls(net::EventLoop& loop) : _loop(loop) {}

  void wait(int64_t waitMs, Ask ask, net::HttpReply reply);  // [loop] answers at once when it can, or when waitMs is 0
  void notify();                                             // [any thread] something happened
  void endAll();                                             // [loop] everyone gets what there is

 private:
  struct Waiter {
    Ask ask;
    net::HttpReply reply;
    net::TimerId timer;
  };
  void check();
  net::EventLoop& _loop;
  std::list<Waiter> _waiters;
  std::atomic<bool> _posted{false};
};

}  // namespace tsunagi::linesim
