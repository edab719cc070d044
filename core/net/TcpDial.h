#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/UniqueFd.h"
#include "net/EventLoop.h"

namespace tsunagi::net {

// Connects to the first of several addresses that answers, without blocking (RFC 8305 section 5): the next one is tried
// 250 ms after the one before, or as soon as it failed. On the loop's thread. Destroying it gives up.
class TcpDial {
 public:
  // A connected non-blocking socket, or none and what went wrong with each address. Called once, perhaps within
  // start(); it must not destroy the dial.
  using Done = std::function<void(UniqueFd socket, const std::string& problems)>;

  TcpDial(EventLoop& loop, std::vector<std::string> addresses, uint16_t port, Done done);
  ~TcpDial();
  TcpDial(const TcpDial&) = delete;
  TcpDial& operator=(const TcpDial&) = delete;
  void start();
  void giveUp();  // done is not called any more; allowed within it

 private:
  struct Try;
  static constexpr int64_t STAGGER_MS = 250;
  static constexpr size_t MAX_AT_ONCE = 8;

  void next();
  bool begin(const std::string& address);
  void concluded(Try& attempt);
  void problem(const std::string& address, int error);
  void finish(UniqueFd socket);

  EventLoop& _loop;
  std::vector<std::string> _addresses;
  uint16_t _port;
  Done _done;
  size_t _next = 0;
  TimerId _timer = 0;
  std::vector<std::unique_ptr<Try>> _tries;
  std::string _problems;
};

}  // namespace tsunagi::net
