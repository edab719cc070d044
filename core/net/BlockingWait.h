#pragma once
#include <poll.h>

#include <cstdint>
#include <span>

#include "net/CancelToken.h"

namespace tsunagi::net {

enum class WaitStatus : uint8_t { Ready, TimedOut, Cancelled };

constexpr int64_t NO_DEADLINE = INT64_MAX;

int64_t waitNowMs();  // the clock of untilMs; never jumps

// Blocks until one of entries is ready (revents are filled), the deadline is there, or the token (may be null) is
// cancelled, which wins over the others. At most 31 entries.
WaitStatus waitFor(std::span<pollfd> entries, int64_t untilMs, const CancelToken* cancel);

}  // namespace tsunagi::net
