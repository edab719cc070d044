#pragma once
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/Clock.h"
#include "net/HttpServer.h"
#include "relay/edge/MinuteRate.h"
#include "relay/edge/TimeHistogram.h"
#include "relay/spool/Spool.h"
#include "relay/spool/TellOperator.h"
#include "relay/units/UnitRegistry.h"

namespace tsunagi::relay {

class UnitHub;

struct WebhookOptions {
  uint64_t maxBody = 1024 * 1024;  // bytes; not above link::MAX_EVENT_BODY_BYTES
  TellOperator tell = {};
};

struct WebhookStats {
  uint64_t stored = 0;       // answered 200
  uint64_t unknown = 0;      // 404
  uint64_t badForm = 0;      // 400: signature header or content type
  uint64_t unavailable = 0;  // 503 for the store's sake, or the unit's
  uint64_t backlogFull = 0;  // 503, the unit's cap
  uint64_t rateLimited = 0;  // 429
};

// POST /{fleet}/{unit}/webhook: LINE's way in. Everything that can be refused is refused before the body is read:
// unknown unit 404, form 400 (S6), caps 413 and 503. 200 follows the spool's commit and nothing else. The JSON is not
// looked at. Outlives the server it is added to; the references outlive it.
class WebhookRoute {
 public:
  WebhookRoute(Spool& spool, const UnitRegistry& units, UnitHub& hub, const Clock& clock, WebhookOptions options = {});
  void add(net::HttpServer& server);
  WebhookStats stats() const;  // [any thread]
  // From the whole request to its commit, of those stored. [any thread]
  TimeHistogram::Snapshot storeTimes() const { return _storeTimes.snapshot(); }

 private:
  std::optional<net::HttpResponse> check(const net::HttpRequest& head, const net::PathParameters& parameters);
  void handle(net::HttpRequest request, const net::PathParameters& parameters, net::HttpReply reply);
  void answer(const std::string& unit, const AppendResult& result, const net::HttpReply& reply);

  Spool& _spool;
  const UnitRegistry& _units;
  UnitHub& _hub;
  const Clock& _clock;
  const WebhookOptions _options;
  MinuteRate _rate;
  TimeHistogram _storeTimes;
  struct Counters {
    std::atomic<uint64_t> stored{0}, unknown{0}, badForm{0}, unavailable{0}, backlogFull{0}, rateLimited{0};
  } _counters;
};

}  // namespace tsunagi::relay
