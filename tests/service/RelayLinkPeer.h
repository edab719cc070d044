#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "link/LinkClient.h"
#include "net/EventLoop.h"
#include "tests/support/Eventually.h"

namespace tsunagi::test {

// The bridge's link client against a relay in another process, with a store in memory that commits at once. A body with
// the word "unreadable" is refused.
class RelayLinkPeer : public link::LinkSink {
 public:
  explicit RelayLinkPeer(link::LinkOptions options) {
    _loop.start();
    _client = std::make_unique<link::LinkClient>(_loop, *this, Clock::system());
    _client->configure(std::move(options));
    _client->start();
  }
  ~RelayLinkPeer() override { _client->stop(5'000); }

  link::LinkState state() const { return _client->state(); }
  bool connected() const { return state().phase == link::LinkState::Phase::Connected; }
  int welcomes() const { return _welcomes; }
  int resyncs() const { return _resyncs; }
  int gaps() const { return _gaps; }
  std::vector<std::string> bodies() const {  // in the order they came
    const std::lock_guard lock(_mutex);
    return _bodies;
  }
  bool awaitBodies(size_t count) const {
    return eventually([&] { return bodies().size() >= count; });
  }

 private:
  link::LinkPosition position() override {
    const std::lock_guard lock(_mutex);
    return _position;
  }
  void onEvents(std::vector<link::ReceivedEvent> events) override {
    for (link::ReceivedEvent& event : events) {
      {
        const std::lock_guard lock(_mutex);
        _position = {event.epoch, event.seq, event.id};
        _bodies.push_back(std::move(event.body));
      }
      if (bodies().back().find("unreadable") != std::string::npos)
        _client->refuse(event.epoch, event.seq, "unparsable", "unreadable");
      _client->committed(event.epoch, event.seq, event.id);
    }
  }
  void onResync(const std::string& epoch) override {
    ++_resyncs;
    const std::lock_guard lock(_mutex);
    _position = {epoch, 0, ""};
  }
  void onGap(uint64_t, uint64_t) override { ++_gaps; }
  void onDisconnected() override {}
  void onStateChanged(const link::LinkState& now) override {
    if (now.phase == link::LinkState::Phase::Connected) ++_welcomes;
  }

  net::EventLoop _loop{"peer"};
  mutable std::mutex _mutex;
  link::LinkPosition _position;      // guarded by _mutex
  std::vector<std::string> _bodies;  // guarded by _mutex
  std::atomic<int> _welcomes{0}, _resyncs{0}, _gaps{0};
  std::unique_ptr<link::LinkClient> _client;
};

}  // namespace tsunagi::test
