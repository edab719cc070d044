#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/BlockingWait.h"

namespace Poco::Net {
class StreamSocket;
}

namespace tsunagi::net {

// How a connection attempt ended: a non-blocking socket, or none with the reason.
struct DialOutcome {
  std::unique_ptr<Poco::Net::StreamSocket> socket;
  WaitStatus status = WaitStatus::Ready;  // TimedOut or Cancelled when that was the reason
  std::string error;

  DialOutcome();
  DialOutcome(DialOutcome&&) noexcept;
  ~DialOutcome();
};

// Blocking. Tries every address (IP literals), the next one 250 ms after the one before or as soon as it failed; the
// first that connects wins.
DialOutcome dialTcp(const std::vector<std::string>& addresses, uint16_t port, int64_t untilMs,
                    const CancelToken* cancel);
DialOutcome dialUnix(const std::string& path, int64_t untilMs, const CancelToken* cancel);

}  // namespace tsunagi::net
