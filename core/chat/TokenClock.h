#pragma once
#include <cstdint>

#include "base/Clock.h"
#include "store/Rows.h"

namespace tsunagi::chat {

// What is left of a reply token's life. Told by the steady clock, so that a wrong or jumping wall clock does not matter
// (J4). After a reboot of the machine only the wall clock is left; then the figure is a guess.
struct TokenLife {
  int64_t remainingMs = 0;  // may be negative
  bool certain = false;
  // Sure enough to conclude from "Invalid reply token" that an earlier attempt was delivered (DESIGN rule 3).
  bool surelyAlive() const { return certain && remainingMs > marginMs; }
  bool expired() const { return remainingMs <= 0; }

  // LINE tells no exact life: its last part is not relied upon.
  static constexpr int64_t MARGIN_MS = 3'000;
  int64_t marginMs = MARGIN_MS;  // MARGIN_MS, or a quarter of a shorter life
};

TokenLife tokenLife(const store::Receipt& receipt, const Clock& clock, int64_t lifeMs);

}  // namespace tsunagi::chat
