#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace tsunagi::relay {

// Counts how long something took, for a Prometheus histogram. Thread-safe, without a lock; what is read while others
// count may miss the newest.
class TimeHistogram {
 public:
  static constexpr std::array<double, 11> BOUNDS{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2};  // s

  struct Snapshot {
    std::vector<std::pair<double, uint64_t>> upTo;  // cumulative, by bound
    uint64_t count = 0;
    uint64_t micros = 0;  // sum
  };

  void add(uint64_t micros);
  Snapshot snapshot() const;

 private:
  std::array<std::atomic<uint64_t>, BOUNDS.size() + 1> _counts{};  // the last: beyond all bounds
  std::atomic<uint64_t> _micros{0};
};

}  // namespace tsunagi::relay
