#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace tsunagi::net {

// Hierarchical timer wheel: eleven levels of 64 slots cover all 64-bit ticks, so nothing wraps. Insert, cancel and
// firing cost O(1) each (a timer moves down at most once per level). Knows ticks only, reads no clock. Not thread-safe.
class TimerWheel {
 public:
  using Task = std::function<void()>;

  explicit TimerWheel(uint64_t nowTick);

  // Due at the given tick, at the earliest one tick from now. Returns an id that is never 0 and not soon used again.
  uint64_t insert(uint64_t tick, Task task);
  bool cancel(
      uint64_t id);  // false when unknown, spent or cancelled; also takes back a timer already due but not popped
  // Moves time on; what is due then waits for popDue(), earliest tick first.
  void advance(uint64_t nowTick);
  Task popDue();  // empty when nothing is due
  bool hasDue() const { return _lists[DUE].first != NONE; }
  // A tick before which nothing becomes due: exact for near timers, a slot border for far ones.
  std::optional<uint64_t> nextTick() const;
  size_t size() const { return _size; }

 private:
  static constexpr int BITS = 6;
  static constexpr int LEVELS = 11;
  static constexpr uint32_t SLOTS = 1u << BITS;
  static constexpr uint32_t DUE = LEVELS * SLOTS;
  static constexpr uint32_t NONE = UINT32_MAX;

  struct Node {
    Task task;
    uint64_t tick = 0;
    uint32_t previous = NONE;
    uint32_t next = NONE;
    uint32_t list = NONE;  // NONE = free
    uint32_t generation = 0;
  };
  struct List {
    uint32_t first = NONE;
    uint32_t last = NONE;
  };

  int lowestLevel() const;  // LEVELS when the wheel is empty
  uint64_t firstTick(int level) const;
  void place(uint32_t index);
  void append(uint32_t index, uint32_t list);
  void unlink(uint32_t index);
  Task release(uint32_t index);

  uint64_t _now;
  size_t _size = 0;
  std::array<uint64_t, LEVELS> _occupied{};
  std::array<List, DUE + 1> _lists{};
  std::vector<Node> _nodes;
  std::vector<uint32_t> _free;
};

}  // namespace tsunagi::net
