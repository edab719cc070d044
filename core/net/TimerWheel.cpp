#include "net/TimerWheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tsunagi::net {

TimerWheel::TimerWheel(uint64_t nowTick) : _now(nowTick) {}

uint64_t TimerWheel::insert(uint64_t tick, Task task) {
  uint32_t index;
  if (_free.empty()) {
    index = static_cast<uint32_t>(_nodes.size());
    _nodes.emplace_back();
  } else {
    index = _free.back();
    _free.pop_back();
  }
  Node& node = _nodes[index];
  node.task = std::move(task);
  node.tick = std::max(tick, _now + 1);
  ++node.generation;
  ++_size;
  place(index);
  return (static_cast<uint64_t>(node.generation) << 32) | (index + 1);
}

bool TimerWheel::cancel(uint64_t id) {
  const uint64_t position = id & UINT32_MAX;
  if (position == 0 || position > _nodes.size()) return false;
  const auto index = static_cast<uint32_t>(position - 1);
  if (_nodes[index].list == NONE || _nodes[index].generation != id >> 32) return false;
  unlink(index);
  release(index);
  return true;
}

// The level is that of the highest group of bits in which the tick differs from now; so lower levels are always due
// before higher ones, and the slots of one level are due in their order.
void TimerWheel::place(uint32_t index) {
  const uint64_t tick = _nodes[index].tick;
  if (tick <= _now) {
    append(index, DUE);
    return;
  }
  const int level = (63 - std::countl_zero(tick ^ _now)) / BITS;
  const auto slot = static_cast<uint32_t>((tick >> (level * BITS)) & (SLOTS - 1));
  _occupied[static_cast<size_t>(level)] |= uint64_t{1} << slot;
  append(index, static_cast<uint32_t>(level) * SLOTS + slot);
}

int TimerWheel::lowestLevel() const {
  int level = 0;
  while (level < LEVELS && _occupied[static_cast<size_t>(level)] == 0) ++level;
  return level;
}

uint64_t TimerWheel::firstTick(int level) const {
  const int shift = level * BITS;
  const auto slot = static_cast<uint64_t>(std::countr_zero(_occupied[static_cast<size_t>(level)]));
  const uint64_t above = shift + BITS >= 64 ? 0 : (_now >> (shift + BITS)) << (shift + BITS);
  return above | (slot << shift);
}

std::optional<uint64_t> TimerWheel::nextTick() const {
  if (hasDue()) return _now;
  const int level = lowestLevel();
  if (level == LEVELS) return std::nullopt;
  return firstTick(level);
}

void TimerWheel::advance(uint64_t nowTick) {
  while (_now < nowTick) {
    const int level = lowestLevel();
    if (level == LEVELS || firstTick(level) > nowTick) {
      _now = nowTick;
      return;
    }
    _now = firstTick(level);
    const auto slot = static_cast<uint32_t>((_now >> (level * BITS)) & (SLOTS - 1));
    _occupied[static_cast<size_t>(level)] &= ~(uint64_t{1} << slot);
    List& list = _lists[static_cast<uint32_t>(level) * SLOTS + slot];
    uint32_t index = std::exchange(list, List{}).first;
    while (index != NONE) {
      const uint32_t following = _nodes[index].next;
      _nodes[index].previous = _nodes[index].next = NONE;
      place(index);
      index = following;
    }
  }
}

TimerWheel::Task TimerWheel::popDue() {
  const uint32_t index = _lists[DUE].first;
  if (index == NONE) return {};
  unlink(index);
  return release(index);
}

void TimerWheel::append(uint32_t index, uint32_t list) {
  Node& node = _nodes[index];
  node.list = list;
  node.next = NONE;
  node.previous = _lists[list].last;
  (node.previous == NONE ? _lists[list].first : _nodes[node.previous].next) = index;
  _lists[list].last = index;
}

void TimerWheel::unlink(uint32_t index) {
  Node& node = _nodes[index];
  List& list = _lists[node.list];
  (node.previous == NONE ? list.first : _nodes[node.previous].next) = node.next;
  (node.next == NONE ? list.last : _nodes[node.next].previous) = node.previous;
  if (list.first == NONE && node.list != DUE) {
    _occupied[node.list / SLOTS] &= ~(uint64_t{1} << (node.list % SLOTS));
  }
}

TimerWheel::Task TimerWheel::release(uint32_t index) {
  Node& node = _nodes[index];
  node.list = NONE;
  node.previous = node.next = NONE;
  _free.push_back(index);
  --_size;
  return std::exchange(node.task, {});
}

}  // namespace tsunagi::net
