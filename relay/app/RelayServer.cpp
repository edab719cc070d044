#include "relay/app/RelayServer.h"

#include <Poco/Logger.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>

#include "base/Random.h"
#include "net/HttpClient.h"
#include "net/SocketAddress.h"
#include "notify/Notifier.h"
#include "relay/admin/AdminServer.h"
#include "relay/admin/UnitApi.h"
#include "relay/app/EdgeMetrics.h"
#include "relay/edge/LinkRoute.h"
#include "relay/edge/UnitHub.h"
#include "relay/spool/Spool.h"
#include "relay/units/UnitRegistry.h"
#include "service/DataFolder.h"
#include "service/EndpointsFile.h"
#include "service/ProgramExit.h"
#include "service/ServiceNotify.h"

namespace tsunagi::relay {
namespace {

using service::ProgramError;

constexpr int64_t STOP_GRACE_MS = 10'000;
constexpr std::chrono::seconds WAVE_GUARD{5};
// Open files left to everything but the public listener's connections: databases, logs, loops, the admin listener.
constexpr uint64_t FILES_KEPT = 1'500;
constexpr uint64_t FEWEST_CONNECTIONS = 16;
constexpr int64_t DAY_MS = 24 * 3'600'000LL;

Poco::Logger& logger() { return Poco::Logger::get("relay"); }

// As many connections as the limit of open files allows, and a warning when that is less than wanted.
size_t connectionsWithinFileLimit(size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return wanted;
  const uint64_t limit = files.rlim_cur;
  const uint64_t room =
      limit >= FILES_KEPT + FEWEST_CONNECTIONS ? limit - FILES_KEPT : std::max(FEWEST_CONNECTIONS, limit / 2);
  if (wanted <= room) return wanted;
  logger().warning("[limits] connections = " + std::to_string(wanted) + " needs a limit of " +
                   std::to_string(wanted + FILES_KEPT) + " open files, it is " + std::to_string(limit) + ": at most " +
                   std::to_string(room) + " are taken; raise it (LimitNOFILE= of the service, ulimit -Hn of a shell)");
  return static_cast<size_t>(room);
}

}  // namespace

struct RelayServer::State {
  explicit State(RelaySettings given) : settings(std::move(given)) {}

  RelaySettings settings;
  std::optional<service::DataFolder> folder;
  std::optional<notify::Notifier> notifier;  // outlives all that tell it something
  std::optional<UnitRegistry> units;
  std::vector<std::unique_ptr<net::EventLoop>> loops;
  std::optional<UnitApi> api;
  std::optional<AdminServer> admin;  // destroyed after the spool stopped
  std::optional<Spool> spool;
  std::optional<UnitHub> hub;
  std::optional<WebhookRoute> webhooks;
  std::optional<LinkRoute> links;
  std::optional<net::HttpServer> server;
  service::EndpointsFile endpointsFile;
  std::string publicAddress, adminAddress;
  std::atomic<bool> draining{false};
  bool hubRuns = false;

  std::shared_ptr<const net::TlsContext> makeTls(const RelaySettings& from) const {
    if (from.tlsCertificate.empty()) return nullptr;
    auto context = net::TlsContext::makeServer({.certificateFile = from.tlsCertificate, .keyFile = from.tlsKey});
    if (!context) throw ProgramError(service::exitConfiguration, context.error());
    return *context;
  }

  using Sinks = std::vector<std::shared_ptr<notify::NoticeSink>>;
  static Sinks makeSinks(const RelaySettings& from) {
    if (!from.notify.webhook) return {};
    auto tls = net::TlsContext::makeClient({.caFile = from.notify.caFile});
    if (!tls) throw ProgramError(service::exitConfiguration, "[notify] ca_file: " + tls.error());
    return {std::make_shared<notify::WebhookSink>(std::make_shared<const net::HttpClient>(*tls), *from.notify.webhook)};
  }

  TellOperator teller() {
    return [this](const char* cause, const std::string& unit, const std::string& text) {
      notifier->raise({cause, unit, text});
    };
  }

  void openStores() {
    Result<service::DataFolder> opened = service::DataFolder::open(settings.dataFolder);
    if (!opened) throw ProgramError(service::exitConfiguration, opened.error());
    folder.emplace(std::move(*opened));
    const Clock& clock = Clock::system();
    notifier.emplace(
        folder->file("notices.json"), [&clock] { return clock.wallMs() / DAY_MS; }, clock);
    notifier->setSinks(makeSinks(settings));
    notifier->start();
    units.emplace(folder->path());
    if (const Status status = units->open(); !status) throw ProgramError(service::exitConfiguration, status.error());
    SpoolOptions options;
    options.folder = folder->path();
    options.limits = settings.spool;
    options.tell = teller();
    spool.emplace(std::move(options));
    if (const Status status = spool->start(); !status) throw ProgramError(service::exitConfiguration, status.error());
    if (!spool->writable()) {
      logger().error("the store cannot be written yet: webhooks get 503");
      notifier->raise({"store", "", "the store cannot be written: webhooks get 503"});
    }
  }

  void startEdge() {
    std::vector<net::EventLoop*> pointers;
    for (unsigned i = 0; i < settings.loops; ++i) {
      loops.push_back(std::make_unique<net::EventLoop>("loop-" + std::to_string(i)));
      loops.back()->start();
      pointers.push_back(loops.back().get());
    }
    HubOptions options;
    options.node = randomId().substr(0, 8);
    options.tell = teller();
    hub.emplace(pointers, *spool, *units, Clock::system(), options);
    hub->start();
    hubRuns = true;
    settings.webhook.tell = teller();
    webhooks.emplace(*spool, *units, *hub, Clock::system(), settings.webhook);
    links.emplace(*hub, *units, Clock::system());
    settings.http.maxConnections = connectionsWithinFileLimit(settings.http.maxConnections);
    server.emplace(pointers, settings.http);
    webhooks->add(*server);
    links->add(*server);
  }

  void startAdmin() {
    UnitApi::Options apiOptions;
    apiOptions.publicUrl = settings.publicUrl;
    apiOptions.connected = [this](const std::string& unit) { return hub->link(unit).has_value(); };
    api.emplace(*units, *spool, std::move(apiOptions));
    AdminServer::Options options;
    options.notReady = [this] { return draining ? std::string("stopping") : std::string(); };
    options.moreMetrics = [this](MetricsText& text) {
      text.gauge("units", "Units known.", static_cast<double>(units->size()));
      text.gauge("http_connections_max", "The cap on open connections.",
                 static_cast<double>(settings.http.maxConnections));
      addHttpMetrics(text, server->stats());
      addWebhookMetrics(text, webhooks->stats(), webhooks->storeTimes());
      addLinkMetrics(text, links->stats(), hub->stats());
    };
    admin.emplace(*spool, *api, std::move(options));
    if (const Status status = admin->listenControl(folder->file("control.sock")); !status)
      throw ProgramError(service::exitUnavailable, "control socket: " + status.error());
    if (!settings.adminListen) return;
    const Result<net::ListenAddress> bound = admin->listen(*settings.adminListen);
    if (!bound) throw ProgramError(service::exitUnavailable, "[admin] listen: " + bound.error());
    adminAddress = bound->text();
  }

  // Last of all: whoever gets in finds everything there.
  void listen(const std::shared_ptr<const net::TlsContext>& tls) {
    for (auto& [name, fd] : service::takeListenSockets()) {
      const Result<net::ListenAddress> address = net::boundAddress(fd.get());
      if (!address) throw ProgramError(service::exitUnavailable, "socket " + name + " handed over: " + address.error());
      if (const Status status = settings.mayListenOn(*address); !status)
        throw ProgramError(service::exitConfiguration, "[relay] socket " + name +
                                                           " handed over by the service manager, " + address->text() +
                                                           ": " + status.error());
      const Result<net::ListenAddress> adopted = server->adopt(fd.release(), tls);
      if (!adopted) throw ProgramError(service::exitUnavailable, "socket " + name + " handed over: " + adopted.error());
      publicAddress = adopted->text();
    }
    if (!publicAddress.empty()) return;
    const Result<net::ListenAddress> bound = server->listen(settings.listen, tls);
    if (!bound) throw ProgramError(service::exitUnavailable, "[relay] listen: " + bound.error());
    publicAddress = bound->text();
  }
};

RelayServer::RelayServer(RelaySettings settings) : _state(std::make_unique<State>(std::move(settings))) {}

RelayServer::~RelayServer() { shutDown(); }

void RelayServer::start() {
  const std::shared_ptr<const net::TlsContext> tls = _state->makeTls(_state->settings);
  _state->openStores();
  _state->startEdge();
  _state->startAdmin();
  _state->listen(tls);
  const Status status = _state->endpointsFile.write(_state->folder->file("endpoints.json"), endpoints());
  if (!status) throw ProgramError(service::exitConfiguration, status.error());
  for (const auto& [name, address] : endpoints()) logger().information(name + " listener on " + address);
}

std::vector<std::pair<std::string, std::string>> RelayServer::endpoints() const {
  std::vector<std::pair<std::string, std::string>> list{{"public", _state->publicAddress}};
  if (!_state->adminAddress.empty()) list.emplace_back("admin", _state->adminAddress);
  return list;
}

void RelayServer::reload(const RelaySettings& settings) {
  if (const Status status = _state->units->reload(); !status)
    logger().error("units kept as they are: " + status.error());
  std::shared_ptr<const net::TlsContext> tls;
  State::Sinks sinks;
  try {
    tls = _state->makeTls(settings);
    sinks = State::makeSinks(settings);
  } catch (const ProgramError& error) {
    logger().error(std::string(error.what()) + "; the settings in use stay");
    return;
  }
  _state->spool->setLimits(settings.spool);
  _state->notifier->setSinks(std::move(sinks));
  if ((tls != nullptr) != !_state->settings.tlsCertificate.empty())
    logger().warning("[relay] tls_certificate: TLS begins or ends at the next start");
  else if (tls)
    _state->server->replaceTls(tls);
}

void RelayServer::drain() {
  _state->draining = true;
  // Shared, because the wave may end after the guard did.
  const auto asked = std::make_shared<std::promise<void>>();
  std::future<void> all = asked->get_future();
  _state->hub->goaway("restarting", _state->settings.goawayWaveMs, [asked] { asked->set_value(); });
  all.wait_for(std::chrono::milliseconds(_state->settings.goawayWaveMs) + WAVE_GUARD);
  _state->server->stopAccepting();
}

void RelayServer::shutDown() {
  State& state = *_state;
  state.draining = true;
  state.endpointsFile.remove();
  if (state.hubRuns) state.hub->stop();
  state.hubRuns = false;
  if (state.server) state.server->stop(STOP_GRACE_MS);
  if (state.admin) state.admin->stop();
  if (state.spool) state.spool->stop();
  for (auto& loop : state.loops) loop->stop();
  if (state.notifier) state.notifier->stop();
  state.admin.reset();
  state.api.reset();
  state.server.reset();
  state.links.reset();
  state.webhooks.reset();
  state.hub.reset();
  state.loops.clear();
  state.spool.reset();
  state.units.reset();
  state.notifier.reset();
  state.folder.reset();
}

}  // namespace tsunagi::relay
