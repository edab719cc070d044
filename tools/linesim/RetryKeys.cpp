#include "tools/linesim/RetryKeys.h"

#include <iterator>

namespace tsunagi::linesim {

const RetryKeys::Accepted* RetryKeys::find(const std::string& key, int64_t nowMs) {
  const auto found = _keys.find(key);
  if (found == _keys.end()) return nullptr;
  if (nowMs - found->second.firstMs <= LIFE_MS) return &found->second;
  _keys.erase(found);
  return nullptr;
}

bool RetryKeys::full(int64_t nowMs) {
  if (_keys.size() < MAX_KEYS) return false;
  for (auto key = _keys.begin(); key != _keys.end();)
    key = nowMs - key->second.firstMs > LIFE_MS ? _keys.erase(key) : std::next(key);
  return _keys.size() >= MAX_KEYS;
}

}  // namespace tsunagi::linesim
