#pragma once
#include <cstdint>
#include <string>

namespace tsunagi {

// Time as a constructor argument, so that protocol and policy code can be tested without waiting. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds on a clock that never jumps and counts sleep (CLOCK_BOOTTIME): for ages and deadlines.
  virtual int64_t steadyMs() const = 0;
  // Milliseconds since 1970-01-01 UTC: for display and storage only; may be wrong or jump (J4).
  virtual int64_t wallMs() const = 0;
  // Names the run of the steady clock: equal ids mean that stored steadyMs values can be compared.
  virtual const std::string& bootId() const = 0;

  static const Clock& system();
};

// A clock that stands still until it is moved. For tests; not thread-safe while being moved.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t steady = 1'000'000, int64_t wall = 1'760'000'000'000) : _steady(steady), _wall(wall) {}
  int64_t steadyMs() const override { return _steady; }
  int64_t wallMs() const override { return _wall; }
  const std::string& bootId() const override { return _bootId; }
  void advance(int64_t ms) { _steady += ms, _wall += ms; }
  void setWall(int64_t wall) { _wall = wall; }
  void reboot(std::string id, int64_t steady) { _bootId = std::move(id), _steady = steady; }

 private:
  int64_t _steady;
  int64_t _wall;
  std::string _bootId = "manual";
};

}  // namespace tsunagi
