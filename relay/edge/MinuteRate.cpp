#include "relay/edge/MinuteRate.h"

namespace tsunagi::relay {

namespace {

constexpr int64_t MINUTE_MS = 60'000;

}  // namespace

bool MinuteRate::take(const std::string& key, uint32_t perMinute, int64_t nowMs) {
  if (perMinute == 0) return true;
  std::lock_guard lock(_mutex);
  Count& count = _counts[key];
  const int64_t minute = nowMs / MINUTE_MS;
  if (count.minute != minute) count = {minute, 0};
  if (count.taken >= perMinute) return false;
  ++count.taken;
  return true;
}

bool MinuteRate::exhausted(const std::string& key, uint32_t perMinute, int64_t nowMs) const {
  if (perMinute == 0) return false;
  std::lock_guard lock(_mutex);
  auto found = _counts.find(key);
  return found != _counts.end() && found->second.minute == nowMs / MINUTE_MS && found->second.taken >= perMinute;
}

void MinuteRate::forget(const std::string& key) {
  std::lock_guard lock(_mutex);
  _counts.erase(key);
}

}  // namespace tsunagi::relay
