#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace tsunagi::linesim {

// Retry keys of accepted calls, remembered for 24 h (line-api.md section 4). Not thread-safe.
class RetryKeys {
 public:
  static constexpr int64_t LIFE_MS = 24 * 60 * 60 * 1000;
  static constexpr size_t MAX_KEYS = 100'000;

  struct Accepted {
    std::string requestId;
    std::string body;  // of the answer
    int64_t firstMs;   // steady time
  };
  // Nothing when the key is new or so old that it counts as new.
  const Accepted* find(const std::string& key, int64_t nowMs);
  bool full(int64_t nowMs);
  void add(const std::string& key, Accepted accepted) { _keys[key] = std::move(accepted); }

 private:
  std::map<std::string, Accepted> _keys;
};

}  // namespace tsunagi::linesim
