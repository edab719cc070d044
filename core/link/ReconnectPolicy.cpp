#include "link/ReconnectPolicy.h"

#include <algorithm>

namespace tsunagi::link {

namespace {

constexpr int64_t LONGEST_ASKED_MS = 600'000;  // a relay cannot send its bridges away for longer (S16)

}  // namespace

int64_t ReconnectPolicy::backoff() {
  int64_t ceiling = std::min(LONGEST_MS, FIRST_MS << std::min(_failures, 6));
  ++_failures;
  // Full jitter, but never a busy loop.
  return between(50, ceiling);
}

int64_t ReconnectPolicy::next(Ending ending, int64_t askedMs) {
  askedMs = std::clamp<int64_t>(askedMs, 0, LONGEST_ASKED_MS);
  switch (ending) {
    case Ending::Goaway:
      return askedMs == 0 ? 0 : between(0, askedMs);
    case Ending::Healthy:
      _failures = 0;
      return between(0, 2'000);
    case Ending::Failed:
      return backoff();
    case Ending::Overloaded:
      return askedMs + backoff();
    case Ending::Refused:
      ++_failures;
      return _failures <= 1 ? between(5'000, 30'000) : between(30'000, 300'000);
    case Ending::Replaced:
      return between(REPLACED_MS - REPLACED_MS / 5, REPLACED_MS + REPLACED_MS / 5);
    case Ending::Incompatible:
      return between(120'000, 300'000);
  }
  return backoff();
}

}  // namespace tsunagi::link
