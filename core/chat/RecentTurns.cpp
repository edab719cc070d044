#include "chat/RecentTurns.h"

#include <utility>

namespace tsunagi::chat {

void RecentTurns::add(TurnTimes times) {
  const std::lock_guard lock(_mutex);
  if (_turns.size() == KEPT) _turns.pop_front();
  _turns.push_back(std::move(times));
}

std::vector<TurnTimes> RecentTurns::list() const {
  const std::lock_guard lock(_mutex);
  return {_turns.begin(), _turns.end()};
}

}  // namespace tsunagi::chat
