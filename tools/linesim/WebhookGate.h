#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

// What may happen to webhooks on their way to the bot: held back, sent in another order, sent twice. Lives on one loop.
class WebhookGate {
 public:
  static constexpr size_t MAX_HELD = 100'000;

  // Those to be sent now, in order.
  std::vector<Webhook> pass(Webhook webhook);
  void hold() { _holding = true; }
  // What was held, and nothing is any longer; with a seed in an order of its own, one after another.
  std::vector<Webhook> release(std::optional<uint64_t> shuffleSeed);
  void setDuplicates(unsigned percent, uint64_t seed);  // of all webhooks: sent twice
  size_t held() const { return _held.size(); }

 private:
  bool _holding = false;
  std::vector<Webhook> _held;
  unsigned _percent = 0;
  uint64_t _state = 0;
};

}  // namespace tsunagi::linesim
