#include "relay/edge/TimeHistogram.h"

#include <algorithm>

namespace tsunagi::relay {

void TimeHistogram::add(uint64_t micros) {
  const auto bound = std::lower_bound(BOUNDS.begin(), BOUNDS.end(), static_cast<double>(micros) / 1e6);
  _counts[static_cast<size_t>(bound - BOUNDS.begin())].fetch_add(1, std::memory_order_relaxed);
  _micros.fetch_add(micros, std::memory_order_relaxed);
}

TimeHistogram::Snapshot TimeHistogram::snapshot() const {
  Snapshot snapshot;
  snapshot.micros = _micros.load(std::memory_order_relaxed);
  for (size_t i = 0; i < BOUNDS.size(); ++i) {
    snapshot.count += _counts[i].load(std::memory_order_relaxed);
    snapshot.upTo.emplace_back(BOUNDS[i], snapshot.count);
  }
  snapshot.count += _counts.back().load(std::memory_order_relaxed);
  return snapshot;
}

}  // namespace tsunagi::relay
