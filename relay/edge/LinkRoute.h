#pragma once
#include <atomic>
#include <cstdint>

#include "base/Clock.h"
#include "net/HttpServer.h"
#include "relay/units/UnitRegistry.h"

namespace tsunagi::relay {

class UnitHub;

struct LinkStats {
  uint64_t accepted = 0;
  uint64_t unauthorized = 0;  // 401
  uint64_t refused = 0;       // 403, 426, 429
};

// GET /{fleet}/{unit}/ws: a bridge's way in. An unknown unit and a wrong token get the same bytes through the same path
// (S15); everything said about a unit follows the token's check. Outlives the server it is added to.
class LinkRoute {
 public:
  LinkRoute(UnitHub& hub, const UnitRegistry& units, const Clock& clock);
  void add(net::HttpServer& server);
  LinkStats stats() const;  // [any thread]

 private:
  std::variant<net::HttpResponse, net::UpgradeAccept> upgrade(const net::HttpRequest& head,
                                                              const net::PathParameters& parameters);
  UnitHub& _hub;
  const UnitRegistry& _units;
  const Clock& _clock;
  struct Counters {
    std::atomic<uint64_t> accepted{0}, unauthorized{0}, refused{0};
  } _counters;
};

}  // namespace tsunagi::relay
