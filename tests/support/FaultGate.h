#pragma once
#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>

#include "base/NamedThread.h"
#include "base/UniqueFd.h"

namespace tsunagi::test {

// A way between two programs that can be spoiled: listens on 127.0.0.1 and carries each connection to a target there. A
// target that is not there resets the caller. Every call may come from any thread; one thread of its own moves the
// bytes and is joined by the destructor, which resets what is open. Throws std::runtime_error when a socket cannot be
// had.
class FaultGate {
 public:
  enum Way : size_t { ToTarget = 0, ToCaller = 1 };

  explicit FaultGate(const std::string& target);  // "127.0.0.1:port"
  ~FaultGate();
  FaultGate(const FaultGate&) = delete;
  FaultGate& operator=(const FaultGate&) = delete;

  const std::string& address() const { return _address; }  // "127.0.0.1:port"

  // Each piece that comes from now on is held back that long, both ways; 0 ends it.
  void delay(std::chrono::milliseconds time);
  // Open connections and those to come end (FIN both ways) when so many bytes more have gone this way.
  void cutAfter(Way way, uint64_t bytes);
  void cutNoMore();
  // Nothing goes this way any more on the connections that are open now, not even their end; nobody is told.
  void stall(Way way);
  void reset();  // RST to both ends of all that is open

  size_t opened() const;  // connections taken so far
  size_t open() const;
  uint64_t carried(Way way) const;  // bytes handed on so far, of all connections

 private:
  struct Piece {
    std::chrono::steady_clock::time_point due;
    std::string bytes;
  };
  struct Flow {
    std::deque<Piece> held;
    size_t heldBytes = 0;
    uint64_t left = UINT64_MAX;  // bytes that may still be taken in before the cut
    bool stalled = false;
    bool ended = false;   // no more comes in
    bool closed = false;  // and the other side was told
  };
  struct Connection {
    UniqueFd ends[2];  // [way] is where that way leads: the target's, the caller's
    Flow flows[2];
  };

  void run();
  void accept();
  bool take(Connection& connection, Way way);  // false: the connection is over
  bool give(Connection& connection, Way way);
  void abort(Connection& connection);
  void wake();

  UniqueFd _listener, _wake;
  sockaddr_in _target{};
  std::string _address;
  mutable std::mutex _mutex;
  std::list<Connection> _connections;
  std::chrono::milliseconds _delay{0};
  uint64_t _cut[2] = {UINT64_MAX, UINT64_MAX};
  uint64_t _carried[2] = {0, 0};
  size_t _opened = 0;
  uint64_t _resets = 0;
  bool _stop = false;
  NamedThread _thread;
};

}  // namespace tsunagi::test
