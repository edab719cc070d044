#pragma once
#include <cstdint>
#include <functional>

namespace tsunagi::link {

// How long to wait before the next attempt (DESIGN section 4 "Liveness", J28). No clock, no randomness of its own:
// bridges that lost their relay together must not come back together, so every wait but the first after a goaway is
// random.
class ReconnectPolicy {
 public:
  enum class Ending {
    Goaway,       // asked to, or an outage that is over for sure (wake-up, new address): at once
    Healthy,      // a session that had been welcomed and lived a while ended: within 2 s
    Failed,       // anything else that may heal: exponential, 1 s to 60 s, full jitter
    Overloaded,   // 429, 503, 4429: like Failed, but not before what the relay asked for
    Refused,      // 401, 403, 4401, 4403: somebody has to act; 5 to 30 s the first time, then 30 s to 5 min
    Replaced,     // 4409: 5 min, plus or minus a fifth
    Incompatible  // 404, 426 or no subprotocol: 2 min to 5 min
  };
  static constexpr int64_t FIRST_MS = 1'000;
  static constexpr int64_t LONGEST_MS = 60'000;
  static constexpr int64_t REPLACED_MS = 300'000;
  static constexpr int64_t HEALTHY_AFTER_MS = 10'000;  // a welcomed session that lived that long was healthy

  // below(n): uniform in [0, n), n > 0.
  explicit ReconnectPolicy(std::function<uint64_t(uint64_t)> below) : _below(std::move(below)) {}

  // Milliseconds until the next attempt. askedMs: Retry-After, a goaway's jitter; 0 = none.
  int64_t next(Ending ending, int64_t askedMs = 0);
  void reset() { _failures = 0; }  // after a healthy session or a new configuration
  int failures() const { return _failures; }

 private:
  int64_t between(int64_t low, int64_t high) { return low + static_cast<int64_t>(_below(high - low + 1)); }
  int64_t backoff();

  std::function<uint64_t(uint64_t)> _below;
  int _failures = 0;
};

}  // namespace tsunagi::link
