#include "tools/linesim/CallRates.h"

#include <algorithm>

namespace tsunagi::linesim {

CallRates::Limit CallRates::documented(const std::string& endpoint) {
  constexpr int64_t SECOND = 1'000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;
  if (endpoint == "webhookTest") return {60, HOUR};
  if (endpoint == "webhook") return {1000, MINUTE};
  if (endpoint == "loading") return {100, SECOND};
  if (endpoint == "multicast") return {200, SECOND};
  return {2000, SECOND};
}

bool CallRates::take(const std::string& endpoint, int64_t nowMs) {
  auto found = _buckets.find(endpoint);
  if (found == _buckets.end()) {
    const auto own = _own.find(endpoint);
    const Limit limit = own == _own.end() ? documented(endpoint) : own->second;
    found = _buckets.emplace(endpoint, Bucket{limit, static_cast<double>(limit.calls), nowMs}).first;
  }
  Bucket& bucket = found->second;
  const auto most = static_cast<double>(bucket.limit.calls);
  const auto passed = static_cast<double>(std::max<int64_t>(nowMs - bucket.atMs, 0));
  bucket.calls = std::min(most, bucket.calls + most * passed / static_cast<double>(bucket.limit.perMs));
  bucket.atMs = nowMs;
  if (bucket.calls < 1) return false;
  bucket.calls -= 1;
  return true;
}

void CallRates::set(const std::string& endpoint, std::optional<Limit> limit) {
  _own.erase(endpoint);
  if (limit) _own.emplace(endpoint, *limit);
  _buckets.erase(endpoint);
}

}  // namespace tsunagi::linesim
