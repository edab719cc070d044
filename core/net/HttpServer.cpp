#include "net/HttpServer.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>

#include "net/HttpListener.h"
#include "net/HttpServerCore.h"
#include "net/HttpShard.h"
#include "net/SocketAddress.h"

namespace tsunagi::net {

struct HttpServer::State {
  std::vector<EventLoop*> loops;
  std::shared_ptr<HttpServerCore> core = std::make_shared<HttpServerCore>();
  std::vector<std::unique_ptr<HttpShard>> shards;        // each touched on its loop
  std::vector<std::unique_ptr<HttpListener>> listeners;  // on loop 0

  EventLoop& first() const { return *loops.front(); }

  Result<ListenAddress> begin(UniqueFd socket, std::shared_ptr<const TlsContext> tls, bool removePath) {
    const Result<ListenAddress> bound = boundAddress(socket.get());
    if (!bound) return bound;
    std::vector<HttpShardPlace> places;
    for (size_t i = 0; i < loops.size(); ++i) places.push_back({loops[i], shards[i].get()});
    bool started = false;
    first().runSync([&] {
      auto listener =
          std::make_unique<HttpListener>(core, places, std::move(socket), bound.value(), std::move(tls), removePath);
      started = listener->start();
      if (started) listeners.push_back(std::move(listener));
    });
    if (!started) return Error{"cannot watch the listening socket " + bound->text() + ": out of kernel memory"};
    return bound;
  }
};

HttpServer::HttpServer(std::vector<EventLoop*> loops, HttpServerOptions options) : _state(std::make_shared<State>()) {
  if (loops.empty()) throw std::invalid_argument("an HTTP server needs a loop");
  _state->loops = std::move(loops);
  _state->core->options = std::move(options);
  for (EventLoop* const loop : _state->loops) {
    loop->runSync([&] { _state->shards.push_back(std::make_unique<HttpShard>(_state->core, *loop)); });
  }
  // Runs on loop 0, which may be behind by a task when the server is gone already.
  _state->core->resumeAccepting = [weak = std::weak_ptr<State>(_state), loop = _state->loops.front()] {
    loop->post([weak] {
      if (const auto state = weak.lock()) {
        for (const auto& listener : state->listeners) listener->resume();
      }
    });
  };
}

HttpServer::~HttpServer() {
  stop(0);
  for (size_t i = 0; i < _state->loops.size(); ++i) {
    _state->loops[i]->runSync([&] { _state->shards[i].reset(); });
  }
}

void HttpServer::route(std::string method, std::string pattern, HttpHandler handler, HeadCheck check,
                       uint64_t maxBody) {
  HttpRoute route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  route.check = std::move(check);
  route.maxBody = maxBody;
  _state->core->router.add(std::move(route));
}

void HttpServer::routeUpgrade(std::string pattern, UpgradeHandler handler) {
  HttpRoute route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.upgradeHandler = std::move(handler);
  _state->core->router.add(std::move(route));
}

Result<ListenAddress> HttpServer::listen(const ListenAddress& address, std::shared_ptr<const TlsContext> tls) {
  Result<UniqueFd> socket = HttpListener::open(address);
  if (!socket) return Error{socket.error()};
  return _state->begin(std::move(*socket), std::move(tls), true);
}

Result<ListenAddress> HttpServer::adopt(int listeningFd, std::shared_ptr<const TlsContext> tls) {
  UniqueFd socket(listeningFd);
  int listening = 0;
  socklen_t length = sizeof listening;
  if (::getsockopt(listeningFd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || listening == 0) {
    return Error{"descriptor " + std::to_string(listeningFd) + " is no listening socket; check the service manager's" +
                 " socket unit"};
  }
  ::fcntl(listeningFd, F_SETFD, FD_CLOEXEC);
  ::fcntl(listeningFd, F_SETFL, ::fcntl(listeningFd, F_GETFL) | O_NONBLOCK);
  return _state->begin(std::move(socket), std::move(tls), false);
}

void HttpServer::replaceTls(std::shared_ptr<const TlsContext> tls) {
  _state->first().runSync([&] {
    for (const auto& listener : _state->listeners) {
      if (listener->encrypted()) listener->replaceTls(tls);
    }
  });
}

void HttpServer::stopAccepting() {
  _state->first().runSync([&] { _state->listeners.clear(); });
}

void HttpServer::stop(int64_t graceMs) {
  stopAccepting();
  const auto onEach = [&](void (HttpShard::*action)()) {
    for (size_t i = 0; i < _state->loops.size(); ++i) {
      _state->loops[i]->runSync([&] {
        if (_state->shards[i]) (*_state->shards[i].*action)();
      });
    }
  };
  onEach(&HttpShard::drain);
  HttpServerCore& core = *_state->core;
  if (graceMs > 0) {
    std::unique_lock lock(core.mutex);
    core.oneGone.wait_for(lock, std::chrono::milliseconds(graceMs), [&] { return core.open == 0; });
  }
  onEach(&HttpShard::endAll);
  // Ended by now, but a handler's onClosed may run at the end of a turn that is still under way.
  std::unique_lock lock(core.mutex);
  core.oneGone.wait(lock, [&] { return core.open == 0; });
}

HttpServerStats HttpServer::stats() const {
  const HttpServerCore& core = *_state->core;
  HttpServerStats stats;
  stats.accepted = core.accepted;
  stats.requests = core.requests;
  stats.refused = core.refused;
  stats.webSockets = core.webSockets;
  stats.timedOut = core.timedOut;
  stats.handlerFailures = core.handlerFailures;
  stats.acceptPauses = core.acceptPauses;
  stats.open = core.open;
  stats.openWebSockets = core.openWebSockets;
  stats.bodyBytes = core.bodyBytes;
  std::copy(core.answers.begin(), core.answers.end(), stats.answers.begin());
  stats.tlsHandshakes = core.tlsHandshakes;
  stats.tlsFailures = core.tlsFailures;
  return stats;
}

}  // namespace tsunagi::net
