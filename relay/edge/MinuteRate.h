#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tsunagi::relay {

// Counts per key and minute. For keys that are known to exist (units), so that its size has a bound. Thread-safe.
class MinuteRate {
 public:
  // Counts one and tells whether it is within perMinute (0 = no limit, nothing counted).
  bool take(const std::string& key, uint32_t perMinute, int64_t nowMs);
  // Would take() refuse? Counts nothing.
  bool exhausted(const std::string& key, uint32_t perMinute, int64_t nowMs) const;
  void forget(const std::string& key);

 private:
  struct Count {
    int64_t minute = 0;
    uint32_t taken = 0;
  };
  mutable std::mutex _mutex;
  std::unordered_map<std::string, Count> _counts;
};

}  // namespace tsunagi::relay
