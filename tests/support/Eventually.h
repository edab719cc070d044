#pragma once
#include <chrono>
#include <functional>
#include <thread>

namespace tsunagi::test {

// A hang guard, not a measurement: far above what any step here needs, so that only a hang fails a test.
constexpr std::chrono::seconds HANG_GUARD{60};

// Polls for a condition of another process or thread that offers nothing to wait on. True as soon as it holds.
inline bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds guard = HANG_GUARD) {
  const auto end = std::chrono::steady_clock::now() + guard;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace tsunagi::test
