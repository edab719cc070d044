#include "tools/linesim/LongPolls.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tsunagi::linesim {

void LongPolls::wait(int64_t waitMs, Ask ask, net::HttpReply reply) {
  const bool mayWait = waitMs > 0 && _waiters.size() < MAX_WAITING;
  if (auto response = ask(!mayWait)) {
    reply.send(std::move(*response));
    return;
  }
  const auto waiter = _waiters.insert(_waiters.end(), Waiter{std::move(ask), std::move(reply), 0});
  waiter->timer = _loop.callAfter(std::min(waitMs, MAX_WAIT_MS), [this, waiter] {
    if (auto response = waiter->ask(true)) waiter->reply.send(std::move(*response));
    _waiters.erase(waiter);
  });
}

void LongPolls::notify() {
  if (_posted.exchange(true)) return;
  _loop.post([this] {
    _posted = false;
    check();
  });
}

void LongPolls::check() {
  for (auto waiter = _waiters.begin(); waiter != _waiters.end();) {
    auto response = waiter->ask(false);
    if (!response) {
      ++waiter;
      continue;
    }
    _loop.cancel(waiter->timer);
    waiter->reply.send(std::move(*response));
    waiter = _waiters.erase(waiter);
  }
}

void LongPolls::endAll() {
  for (Waiter& waiter : _waiters) {
    _loop.cancel(waiter.timer);
    if (auto response = waiter.ask(true)) waiter.reply.send(std::move(*response));
  }
  _waiters.clear();
}

}  // namespace tsunagi::linesim
