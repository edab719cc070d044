#include "net/BlockingWait.h"

#include <algorithm>
#include <array>

#include "base/Clock.h"

namespace tsunagi::net {

int64_t waitNowMs() { return Clock::system().steadyMs(); }

WaitStatus waitFor(std::span<pollfd> entries, int64_t untilMs, const CancelToken* cancel) {
  constexpr int64_t LONGEST_MS = 60'000;
  std::array<pollfd, 32> all{};
  const size_t count = std::min(entries.size(), all.size() - 1);
  std::copy_n(entries.begin(), count, all.begin());
  all[count] = {cancel ? cancel->waitFd() : -1, POLLIN, 0};
  while (true) {
    const int64_t left = std::max<int64_t>(untilMs - waitNowMs(), 0);
    const int timeout = static_cast<int>(std::min(left, LONGEST_MS));
    const int ready = ::poll(all.data(), static_cast<nfds_t>(count + 1), timeout);
    if (ready > 0) {
      if (all[count].revents) return WaitStatus::Cancelled;
      std::copy_n(all.begin(), count, entries.begin());
      return WaitStatus::Ready;
    }
    if (left == 0) return WaitStatus::TimedOut;
  }
}

}  // namespace tsunagi::net
