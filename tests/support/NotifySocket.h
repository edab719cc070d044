#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/UniqueFd.h"
#include "tests/support/Eventually.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {

// The service manager's end of sd_notify: give address() to a program as NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(bool abstractAddress = false);
  const std::string& address() const { return _address; }  // a path, or "@name"
  // Waits for a datagram with this line ("READY=1") and returns it whole; throws when the guard ends. Datagrams are
  // taken in order: those before it are dropped.
  std::string waitFor(const std::string& line, std::chrono::milliseconds guard = HANG_GUARD);

 private:
  TempFolder _folder;
  std::string _address;
  UniqueFd _socket;
};

}  // namespace tsunagi::test
