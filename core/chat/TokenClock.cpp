#include "chat/TokenClock.h"

#include <algorithm>

namespace tsunagi::chat {

TokenLife tokenLife(const store::Receipt& receipt, const Clock& clock, int64_t lifeMs) {
  const int64_t margin = std::min(TokenLife::MARGIN_MS, lifeMs / 4);
  const int64_t age = std::max<int64_t>(receipt.ageMs, 0);
  if (receipt.bootId == clock.bootId()) {
    const int64_t since = clock.steadyMs() - receipt.steadyMs;
    // A steady clock that went back is a machine restored from a snapshot: nothing is certain.
    if (since >= 0) return {lifeMs - age - since, true, margin};
    return {lifeMs - age, false, margin};
  }
  const int64_t since = std::max<int64_t>(clock.wallMs() - receipt.wallMs, 0);
  return {lifeMs - age - since, false, margin};
}

}  // namespace tsunagi::chat
