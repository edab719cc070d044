#include "tools/linesim/WebhookGate.h"

#include <utility>

#include "tools/linesim/Faults.h"

namespace tsunagi::linesim {

std::vector<Webhook> WebhookGate::pass(Webhook webhook) {
  std::vector<Webhook> now(_percent > 0 && nextRandom(_state) % 100 < _percent ? 2 : 1, webhook);
  if (!_holding || _held.size() >= MAX_HELD) return now;
  _held.insert(_held.end(), now.begin(), now.end());
  return {};
}

std::vector<Webhook> WebhookGate::release(std::optional<uint64_t> shuffleSeed) {
  _holding = false;
  std::vector<Webhook> now = std::exchange(_held, {});
  if (!shuffleSeed) return now;
  uint64_t state = *shuffleSeed;
  for (size_t left = now.size(); left > 1; --left) std::swap(now[left - 1], now[nextRandom(state) % left]);
  for (Webhook& webhook : now) webhook.conversation = "shuffled";
  return now;
}

void WebhookGate::setDuplicates(unsigned percent, uint64_t seed) {
  _percent = percent;
  _state = seed;
}

}  // namespace tsunagi::linesim
