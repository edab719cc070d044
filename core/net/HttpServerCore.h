#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "net/HttpRouter.h"
#include "net/HttpServer.h"

namespace tsunagi::net {

// What the loops of one server share: read-only once it listens, or atomic.
struct HttpServerCore {
  HttpServerOptions options;
  HttpRouter router;

  std::atomic<uint64_t> accepted{0}, requests{0}, refused{0}, webSockets{0}, timedOut{0}, handlerFailures{0},
      acceptPauses{0}, openWebSockets{0}, bodyBytes{0}, tlsHandshakes{0}, tlsFailures{0};
  std::array<std::atomic<uint64_t>, 5> answers{};  // see HttpServerStats
  std::atomic<uint64_t> open{0};                   // accepted and not yet gone, on their way between loops too
  std::atomic<bool> acceptPaused{false};
  std::function<void()> resumeAccepting;  // [any thread] set before the first accept

  std::mutex mutex;
  std::condition_variable oneGone;  // open fell

  void countAnswer(int status) {
    if (status >= 100 && status < 600) ++answers[static_cast<size_t>(status / 100 - 1)];
  }

  // [any thread] One connection is no more.
  void connectionGone() {
    {
      const std::lock_guard lock(mutex);
      --open;
    }
    oneGone.notify_all();
    if (acceptPaused.exchange(false)) resumeAccepting();
  }
};

}  // namespace tsunagi::net
