#include "relay/admin/AdminServer.h"

#include <optional>

#include "net/HttpServer.h"
#include "relay/admin/UnitApi.h"
#include "relay/spool/Spool.h"

namespace tsunagi::relay {
namespace {

using net::HttpReply;
using net::HttpRequest;
using net::HttpResponse;
using net::PathParameters;

constexpr uint64_t MAX_BODY = 64 * 1024;
constexpr int64_t STOP_MS = 2'000;

int64_t startedWallMs() {
  static const int64_t started = Clock::system().wallMs();
  return started;
}

void addSpoolMetrics(MetricsText& text, const SpoolTotals& totals) {
  text.counter("events_stored_total", "Events stored since the relay was set up.", totals.storedTotal);
  text.counter("events_acknowledged_total", "Events acknowledged by bridges.", totals.acknowledgedTotal);
  text.counter("events_dead_total", "Events that became dead letters.", totals.deadTotal);
  text.gauge("events_pending", "Events waiting for a bridge.", static_cast<double>(totals.pending));
  text.gauge("events_pending_bytes", "Bytes of their bodies.", static_cast<double>(totals.pendingBytes));
  text.gauge("units_unbalanced", "Units whose books do not add up; anything but 0 is a defect.",
             static_cast<double>(totals.unbalanced));
  text.family("spool_refused_total", "Webhooks not stored, by reason.", "counter");
  text.sample("spool_refused_total", "reason", "full", totals.refusedFull);
  text.sample("spool_refused_total", "reason", "late", totals.refusedLate);
  text.sample("spool_refused_total", "reason", "failed", totals.refusedFailed);
  text.counter("spool_groups_total", "Commits of the spool.", totals.groups);
  text.counter("spool_group_events_total", "Events stored by them.", totals.groupEvents);
  text.counterSeconds("spool_group_seconds_total", "Time they took.", totals.groupMicros);
  text.gauge("spool_group_events_max", "Events of the largest of them.", static_cast<double>(totals.largestGroup));
  text.counter("spool_io_errors_total", "Times the store was lost and had to be regained.", totals.ioErrors);
  text.gauge("spool_waiting", "Webhooks that wait for the next commit.", static_cast<double>(totals.waiting));
  text.gauge("spool_waiting_bytes", "Bytes of them.", static_cast<double>(totals.waitingBytes));
  text.gauge("spool_wal_bytes", "Size of the write-ahead log.", static_cast<double>(totals.walBytes));
}

// What only the file knows.
void addAuditedMetrics(MetricsText& text, const SpoolTotals& totals) {
  text.gauge("events_oldest_pending_seconds", "Age of the event that waits longest for its bridge; 0 when none does.",
             static_cast<double>(totals.oldestPendingMs) / 1000);
  text.gauge("dead_letters", "Dead letters kept.", static_cast<double>(totals.deadHeld));
  text.gauge("dead_letters_bytes", "Bytes of their bodies.", static_cast<double>(totals.deadBytes));
}

net::HttpServerOptions serverOptions(std::vector<std::string> hosts) {
  net::HttpServerOptions options;
  options.allowedHosts = std::move(hosts);
  options.limits.maxBody = MAX_BODY;
  options.maxConnections = 64;
  return options;
}

}  // namespace

struct AdminServer::State {
  State(Spool& givenSpool, const UnitApi& givenUnits, Options givenOptions)
      : spool(givenSpool), units(givenUnits), options(std::move(givenOptions)), loop("admin"), work("admin-work") {
    loop.start();
    work.start();
    std::vector<std::string> hosts{"127.0.0.1", "localhost", "[::1]"};
    hosts.insert(hosts.end(), options.allowedHosts.begin(), options.allowedHosts.end());
    web.emplace(std::vector<net::EventLoop*>{&loop}, serverOptions(std::move(hosts)));
    control.emplace(std::vector<net::EventLoop*>{&loop}, serverOptions({}));
    addRoutes();
  }

  void addRoutes() {
    web->route("GET", "/healthz", [](HttpRequest, const PathParameters&, const HttpReply& reply) {
      reply.send(HttpResponse::text(200, "alive\n"));
    });
    web->route("GET", "/readyz",
               [this](HttpRequest, const PathParameters&, const HttpReply& reply) { reply.send(readiness()); });
    web->route("GET", "/metrics",
               [this](HttpRequest, const PathParameters&, const HttpReply& reply) { metrics(reply); });
    const auto handler = [this](HttpRequest request, const PathParameters&, const HttpReply& reply) {
      auto shared = std::make_shared<HttpRequest>(std::move(request));
      work.post([this, shared, reply] { reply.send(units.handle(*shared)); });
    };
    for (const char* method : {"GET", "POST"}) control->route(method, "/v1/units", handler);
    for (const char* method : {"GET", "DELETE"}) control->route(method, "/v1/units/{unit}", handler);
    control->route("POST", "/v1/units/{unit}/{verb}", handler);
  }

  HttpResponse readiness() const {
    std::string why = options.notReady ? options.notReady() : "";
    if (why.empty() && !spool.writable()) why = "the store cannot be written; see the log";
    return why.empty() ? HttpResponse::text(200, "ready\n") : HttpResponse::text(503, why + "\n");
  }

  void metrics(const HttpReply& reply) const {
    spool.audit([this, reply](const std::optional<SpoolTotals>& audited) {
      MetricsText text;
      text.gauge("start_time_seconds", "When the process started, in seconds since 1970.",
                 static_cast<double>(startedWallMs()) / 1000);
      text.gauge("ready", "1 when webhooks can be stored.", readiness().status == 200 ? 1 : 0);
      addSpoolMetrics(text, audited ? *audited : spool.totals());
      if (audited) addAuditedMetrics(text, *audited);
      if (options.moreMetrics) options.moreMetrics(text);
      HttpResponse response = HttpResponse::text(200, text.text());
      response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      reply.send(std::move(response));
    });
  }

  Spool& spool;
  const UnitApi& units;
  const Options options;
  net::EventLoop loop, work;
  std::optional<net::HttpServer> web, control;
  bool stopped = false;
};

AdminServer::AdminServer(Spool& spool, const UnitApi& units, Options options) {
  startedWallMs();
  _state = std::make_unique<State>(spool, units, std::move(options));
}

AdminServer::~AdminServer() { stop(); }

Result<net::ListenAddress> AdminServer::listen(const net::ListenAddress& address) {
  return _state->web->listen(address);
}

Status AdminServer::listenControl(const std::string& socketPath) {
  net::ListenAddress address;
  address.unixPath = socketPath;
  const Result<net::ListenAddress> bound = _state->control->listen(address);
  return bound ? Status() : Status(Error{bound.error()});
}

void AdminServer::stop() {
  if (_state->stopped) return;
  _state->stopped = true;
  // An operation under way is answered before its server goes.
  _state->control->stop(STOP_MS);
  _state->web->stop(STOP_MS);
  _state->work.stop();
  _state->loop.stop();
}

}  // namespace tsunagi::relay
