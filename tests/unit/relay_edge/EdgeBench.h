#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/Encoding.h"
#include "base/Random.h"
#include "link/LinkClient.h"
#include "net/HttpServer.h"
#include "relay/edge/LinkRoute.h"
#include "relay/edge/UnitHub.h"
#include "relay/edge/WebhookRoute.h"
#include "tests/support/Eventually.h"
#include "tests/support/RawSocket.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::relay {

// A relay's edge with its real stores, on loopback, in this process.
class EdgeBench {
 public:
  explicit EdgeBench(HubOptions hubOptions = {}, WebhookOptions webhookOptions = {});
  ~EdgeBench();

  uint16_t port = 0;
  std::shared_ptr<const UnitRecord> unit;
  SecretString token;

  UnitRegistry& units() { return *_units; }
  Spool& spool() { return *_spool; }
  UnitHub& hub() { return *_hub; }
  net::EventLoop& loop(size_t index) { return *_loops.at(index); }  // there are two
  const WebhookRoute& webhooks() const { return *_webhooks; }
  const LinkRoute& links() const { return *_links; }
  std::string relayUrl() const { return "ws://127.0.0.1:" + std::to_string(port) + "/gmk"; }
  // A webhook request as LINE makes it; more replaces or adds header lines.
  std::string webhook(const std::string& body, const std::string& more = {}) const;
  int post(const std::string& body);
  QueueCounters counters();
  link::LinkOptions linkOptions(const std::string& instance) const;

 private:
  test::TempFolder _folder;
  std::vector<std::unique_ptr<net::EventLoop>> _loops;
  std::unique_ptr<UnitRegistry> _units;
  std::unique_ptr<Spool> _spool;
  std::unique_ptr<UnitHub> _hub;
  std::unique_ptr<WebhookRoute> _webhooks;
  std::unique_ptr<LinkRoute> _links;
  std::unique_ptr<net::HttpServer> _server;
};

// A bridge of one LinkClient and a store in memory that commits at once, or holds while `hold` is set.
class TestBridge : public link::LinkSink {
 public:
  TestBridge(const EdgeBench& bench, const std::string& instance, link::LinkPosition start = {});
  explicit TestBridge(link::LinkOptions options, link::LinkPosition start = {});
  ~TestBridge() override { stop(); }

  void stop() {
    if (_client) _client->stop(5'000);
  }
  link::LinkClient& client() { return *_client; }
  std::vector<link::ReceivedEvent> committed() const;
  std::vector<std::string> bodies() const;
  std::vector<link::ReceivedEvent> held() const;
  link::LinkPosition stored() const;
  bool awaitBodies(size_t count) const;
  bool awaitPhase(link::LinkState::Phase phase) const;
  bool awaitTrouble(link::LinkState::Trouble trouble) const;
  void releaseHeld();
  std::vector<link::SeqRange> gaps() const;
  std::atomic<bool> hold{false};
  std::atomic<bool> refuseAll{false};
  std::atomic<int> resyncs{0};
  std::atomic<int> disconnects{0};
  std::atomic<int> welcomes{0};

 private:
  link::LinkPosition position() override;
  void onEvents(std::vector<link::ReceivedEvent> events) override;
  void onResync(const std::string& epoch) override;
  void onGap(uint64_t from, uint64_t to) override;
  void onDisconnected() override;
  void onStateChanged(const link::LinkState& state) override;
  void commit(link::ReceivedEvent event);

  net::EventLoop _loop{"bridge"};
  mutable std::mutex _mutex;
  link::LinkPosition _position;
  std::vector<link::ReceivedEvent> _committed, _held;
  std::vector<link::SeqRange> _gaps;
  std::unique_ptr<link::LinkClient> _client;
};

}  // namespace tsunagi::relay
