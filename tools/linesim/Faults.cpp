#include "tools/linesim/Faults.h"

namespace tsunagi::linesim {

bool Faults::addNext(const Fault& fault, size_t count) {
  if (count > MAX_LISTED - _next.size()) return false;
  _next.insert(_next.end(), count, fault);
  return true;
}

void Faults::setRate(const Fault& fault, unsigned percent, uint64_t seed) {
  _byChance = fault;
  _percent = percent;
  _state = seed;
}

void Faults::clear() {
  _next.clear();
  _percent = 0;
}

std::optional<Fault> Faults::take() {
  std::optional<Fault> fault;
  if (!_next.empty()) {
    fault = _next.front();
    _next.pop_front();
  } else if (_percent > 0 && nextRandom() % 100 < _percent) {
    fault = _byChance;
  }
  if (fault) ++_taken;
  return fault;
}

// SplitMix64: a seed gives the same faults in every run.
uint64_t Faults::nextRandom() {
  uint64_t z = (_state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace tsunagi::linesim
