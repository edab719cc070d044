#include "app/Bridge.h"

#include <Poco/Logger.h>
#include <sys/timex.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/Random.h"
#include "service/ProgramExit.h"
#include "sql/Database.h"

namespace tsunagi::app {
namespace {

using service::ProgramError;

constexpr int64_t LINK_GRACE_MS = 2'000;
constexpr int64_t HTTP_GRACE_MS = 1'000;
constexpr int64_t TURN_GRACE_MS = 8'000;
constexpr int64_t CANCEL_GRACE_MS = 3'000;
constexpr int64_t RESPONDER_GRACE_MS = 3'000;
constexpr int64_t FILES_GRACE_MS = 3'000;
constexpr int64_t NOTICES_SHOWN = 20;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("bridge");
  return instance;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

// LinkClient and Intake need each other; this is the way back from the intake.
class Bridge::Uplink : public chat::LinkUplink {
 public:
  explicit Uplink(link::LinkClient& link) : _link(link) {}
  void committed(const std::string& epoch, uint64_t seq, const std::string& id) override {
    _link.committed(epoch, seq, id);
  }
  void refuse(const std::string& epoch, uint64_t seq, const std::string& code, const std::string& reason) override {
    _link.refuse(epoch, seq, code, reason);
  }

 private:
  link::LinkClient& _link;
};

Bridge::Bridge(Options options, const Clock& clock)
    : _options(std::move(options)), _clock(clock), _startedMs(clock.steadyMs()), _instance(randomId()) {}

Bridge::~Bridge() {
  drain();
  finish();
}

std::vector<std::pair<std::string, std::string>> Bridge::start(
    const std::shared_ptr<const service::Settings>& settings) {
  auto folder = service::DataFolder::open(_options.dataFolder);
  if (!folder) throw ProgramError(service::exitConfiguration, folder.error());
  _folder.emplace(std::move(folder).value());
  try {
    _storeFile = std::make_unique<store::StoreFile>(_folder->file("bridge.db"), _clock);
    _store = std::make_unique<store::Tables>(*_storeFile);
  } catch (const sql::SqlError& e) {
    throw ProgramError(service::exitConfiguration, e.what());
  }
  openFiles(*settings);
  _responderHost = std::make_unique<responder::ResponderHost>(_options.pluginFolder, _clock);
  _responders = std::make_unique<responder::ResponderSet>(*_responderHost);
  _notifier = std::make_unique<notify::Notifier>(
      _folder->file("notices.json"), [this] { return today(); }, _clock);
  _desk = std::make_unique<chat::OwnerDesk>(*_notifier);
  _turns = std::make_unique<chat::TurnRunner>(
      *_store, _chat, _calls, _stop, *_desk, _clock,
      chat::TurnRunner::Hooks{[this] { return clockView(); }, [this] { _files->changed(); }});
  _lanes = std::make_unique<chat::Lanes>(*_turns, _clock);
  _intake = std::make_unique<chat::Intake>(
      _store->events, _chat, *_lanes, _clock,
      chat::Intake::Hooks{
          [this] { refreshAndApply(); }, [this](const link::LinkState& state) { reportState(state); },
          [this](chat::OwnerCause cause, const std::string& detail) { _desk->tell(cause, "", detail); }});
  _loop = std::make_unique<net::EventLoop>("bridge-loop");
  _loop->start();
  _link = std::make_unique<link::LinkClient>(*_loop, *_intake, _clock);
  _uplink = std::make_unique<Uplink>(*_link);
  _intake->attach(*_uplink);
  _keeper = std::make_unique<Housekeeper>([this] { refreshAndApply(); }, [this] { purge(); });
  if (const Status status = apply(settings, false); !status)
    throw ProgramError(service::exitConfiguration, status.error());

  const auto open = _store->events.openEntries();
  if (!open.empty()) logger().information("%s events of the last run are not finished", std::to_string(open.size()));
  _lanes->add(open);
  std::vector<std::pair<std::string, std::string>> endpoints;
  if (settings->isSet("direct", "listen")) endpoints.emplace_back("direct", listenDirect(*settings));
  if (settings->isSet("status", "listen")) endpoints.emplace_back("status", listenStatus(*settings));
  _files->start();
  _lanes->start(static_cast<int>(settings->integer("bridge", "workers")));
  _intake->start();
  _keeper->start();
  _notifier->start();
  _link->start();
  return endpoints;
}

void Bridge::openFiles(const service::Settings& settings) {
  auto spool = files::Spool::open(spoolFolder(settings, _options.dataFolder));
  if (!spool) throw ProgramError(service::exitConfiguration, spool.error());
  files::FileHooks hooks;
  hooks.source = [this](const std::string& channel) {
    const auto chat = _chat.get();
    const chat::ChannelSettings* const settingsOfIt = chat->channel(channel);
    return settingsOfIt == nullptr ? nullptr : settingsOfIt->content;
  };
  hooks.offsetMinutes = [this](int64_t wallMs) { return _chat.get()->timeZone.offsetMinutes(wallMs); };
  _files = std::make_unique<files::FileService>(*_store, std::move(*spool), _clock, std::move(hooks));
}

Status Bridge::apply(const std::shared_ptr<const service::Settings>& settings, bool reread) {
  const std::lock_guard lock(_applyMutex);
  if (!reread && (settings == _applied || settings == _rejected)) return {};
  Status status = applyLocked(settings);
  if (status)
    _applied = settings, _rejected = nullptr;
  else
    _rejected = settings;
  const std::lock_guard state(_stateMutex);
  _rejection = status ? "" : status.error();
  return status;
}

Status Bridge::applyLocked(const std::shared_ptr<const service::Settings>& settings) {
  auto config = BridgeConfig::read(*settings, _tls, _cancelSends, _instance);
  if (!config) return Error{config.error()};
  auto tls = directTls(*settings);
  if (!tls) return Error{tls.error()};

  auto chat = std::make_shared<chat::ChatSettings>();
  *chat = config->chat;
  chat->channels = std::move(config->channels);
  std::vector<std::string> problems;
  if (const Status status = applyResponders(*settings, *config, *chat, problems); !status) return status;

  if (_direct && _directHasTls != (*tls != nullptr))
    logger().warning("[direct] tls_certificate: TLS begins or ends at the next start");
  else if (_direct && *tls)
    _direct->replaceTls(*tls);
  const bool keepsMessages = _keepMessagesMs.exchange(config->keepMessagesMs) == config->keepMessagesMs;
  const bool keepsFiles = _keepFilesMs.exchange(config->keepFilesMs) == config->keepFilesMs;
  if (!keepsMessages || !keepsFiles) _keeper->post([this] { purge(); });
  std::vector<std::shared_ptr<notify::NoticeSink>> sinks;
  if (config->notifyUrl) sinks.push_back(config->notifyUrl);
  if (config->notifyPush) sinks.push_back(_turns->ownerPush());
  _notifier->setSinks(std::move(sinks));
  _chat.set(chat);
  _files->apply(fileSettings(*settings, _options.dataFolder));
  _link->configure(config->link);
  _intake->settingsChanged();
  _lanes->settingsChanged();

  for (const auto& problem : problems) logger().warning(problem);
  const std::lock_guard lock(_stateMutex);
  if (!config->unset.empty() && config->unset != _unset)
    logger().warning("not set yet: %s; what needs it waits and goes on when it is set", joined(config->unset));
  _unset = std::move(config->unset);
  _problems = std::move(problems);
  return {};
}

// The first of those that a channel asks that works is used. What is not installed is a state (J2, J21); what is there
// and does not work is an error, and the edit is refused as a whole, unless nobody but a project asks for it.
Status Bridge::applyResponders(const service::Settings& settings, const BridgeConfig& config, chat::ChatSettings& chat,
                               std::vector<std::string>& problems) {
  auto plan = _responders->prepare(config.responders);
  for (const auto& problem : plan.problems) {
    const std::string section = "responder." + problem.responder;
    const std::string text = settings.where(section, problem.key.empty() ? "plugin" : problem.key) + ": [" + section +
                             "] " + problem.message;
    if (problem.kind != responder::SetupProblem::Kind::NotInstalled && config.isAsked(problem.responder))
      return Error{text};
    problems.push_back(text);
  }
  std::map<std::string, chat::ResponderChoice> choices;
  for (const auto& [name, one] : plan.responders) {
    const auto role = config.minimumRoles.find(name);
    const auto least = one->capabilities().hostTools ? store::Role::Owner : store::Role::Member;
    choices[name] = {name, role != config.minimumRoles.end() ? role->second : least,
                     std::make_shared<chat::ResponderSource>(one)};
  }
  const auto use = [&](const std::vector<std::string>& order, chat::ChatSettings& which) {
    auto rest = choices;
    for (const auto& name : order)
      if (auto choice = rest.extract(name)) which.responders.push_back(std::move(choice.mapped()));
    for (auto& [name, choice] : rest) which.others.push_back(std::move(choice));
  };
  for (const auto& [channel, policy] : config.policies) {
    auto own = std::make_shared<chat::ChatSettings>(chat);
    own->access = policy.access;
    own->reply = policy.reply;
    use(policy.order, *own);
    chat.ofChannel[channel] = std::move(own);
  }
  use(config.order, chat);
  _responders->commit(std::move(plan));
  return {};
}

void Bridge::refreshAndApply() {
  const auto settings = _options.refresh();
  if (const Status status = apply(settings, false); !status)
    logger().error("%s; the settings in use stay", status.error());
}

Result<std::shared_ptr<const net::TlsContext>> Bridge::directTls(const service::Settings& settings) {
  if (!settings.isSet("direct", "tls_certificate")) return std::shared_ptr<const net::TlsContext>();
  auto context =
      net::TlsContext::makeServer({settings.path("direct", "tls_certificate"), settings.path("direct", "tls_key")});
  if (!context)
    return Error{settings.where("direct", "tls_certificate") + ": [direct] tls_certificate: " + context.error()};
  return context;
}

std::string Bridge::listenDirect(const service::Settings& settings) {
  net::HttpServerOptions options;
  for (std::string host : settings.list("direct", "allowed_hosts")) {
    std::transform(host.begin(), host.end(), host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    options.allowedHosts.push_back(std::move(host));
  }
  // Without a list it is a loopback address (see checkBridgeSettings()), or a socket that only a proxy reaches.
  if (options.allowedHosts.empty() && settings.text("direct", "listen").compare(0, 5, "unix:") != 0)
    options.allowedHosts = {"localhost", "127.0.0.1", "[::1]"};
  _direct = std::make_unique<net::HttpServer>(std::vector<net::EventLoop*>{_loop.get()}, options);
  _direct->route("POST", settings.text("direct", "path"),
                 [this](net::HttpRequest request, const net::PathParameters&, const net::HttpReply& reply) {
                   std::string signature;
                   if (request.headers.count("x-line-signature") == 1)
                     signature = std::string(*request.headers.find("x-line-signature"));
                   _intake->direct({std::move(signature), std::move(request.body), [reply](int status) {
                                      const char* text = status == 200   ? "OK\n"
                                                         : status == 400 ? "signature or body is not valid\n"
                                                                         : "not ready, try again later\n";
                                      reply.send(net::HttpResponse::text(status, text));
                                    }});
                 });
  const auto address = net::ListenAddress::parse(settings.text("direct", "listen"));
  auto tls = directTls(settings);
  if (!address || !tls) throw ProgramError(service::exitConfiguration, address ? tls.error() : address.error());
  _directHasTls = *tls != nullptr;
  const auto bound = _direct->listen(*address, *tls);
  if (!bound)
    throw ProgramError(service::exitUnavailable, settings.where("direct", "listen") + ": [direct] " + bound.error());
  logger().information("taking webhooks on %s%s", bound->text(), settings.text("direct", "path"));
  return bound->text();
}

std::string Bridge::listenStatus(const service::Settings& settings) {
  const auto address = net::ListenAddress::parse(settings.text("status", "listen"));
  if (!address) throw ProgramError(service::exitConfiguration, address.error());
  net::HttpServerOptions options;
  if (!address->isUnix()) options.allowedHosts = {"localhost", "127.0.0.1", "[::1]"};
  _status = std::make_unique<net::HttpServer>(std::vector<net::EventLoop*>{_loop.get()}, options);
  _status->route("GET", "/healthz",
                 [](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                   reply.send(net::HttpResponse::text(200, "ok\n"));
                 });
  // The store is read on the keeper's thread.
  const auto page = [this](const char* path, net::HttpResponse (*make)(const StatusReport&)) {
    _status->route("GET", path,
                   [this, make](const net::HttpRequest&, const net::PathParameters&, const net::HttpReply& reply) {
                     if (!_keeper->post([this, make, reply] { reply.send(make(report())); }))
                       reply.send(net::HttpResponse::text(503, "busy\n"));
                   });
  };
  page("/readyz", [](const StatusReport& r) {
    return net::HttpResponse::text(r.ready() ? 200 : 503, r.ready() ? "ready\n" : "not ready, see /status\n");
  });
  page("/status", [](const StatusReport& r) { return net::HttpResponse::json(200, r.json()); });
  page("/metrics", [](const StatusReport& r) {
    auto response = net::HttpResponse::text(200, r.metrics());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
  });
  const auto bound = _status->listen(*address);
  if (!bound)
    throw ProgramError(service::exitUnavailable, settings.where("status", "listen") + ": [status] " + bound.error());
  return bound->text();
}

// What LINE wrote into an event is compared with the relay's time; without a relay the system's clock counts only when
// something keeps it right.
chat::ClockView Bridge::clockView() {
  const link::LinkState link = _link->state();
  if (link.phase == link::LinkState::Phase::Connected) return {link.clockSkewMs, true};
  timex kernel{};
  return {0, ::adjtimex(&kernel) != TIME_ERROR};
}

int64_t Bridge::today() const {
  const int64_t now = _clock.wallMs();
  return chat::dayOf(now, _chat.get()->timeZone.offsetMinutes(now));
}

void Bridge::purge() {
  try {
    while (purgeSome()) {
    }
  } catch (const sql::SqlError& e) {
    logger().error("old rows could not be purged: %s", std::string(e.what()));
    _desk->tell(chat::OwnerCause::Store, "", e.what());
  }
}

bool Bridge::purgeSome() {
  constexpr int64_t ROWS = 1000;
  bool more = _store->events.purge(ROWS);
  more = _store->held.purge(ROWS) || more;
  more = _store->meters.purge(ROWS) || more;
  const int64_t keep = _keepMessagesMs;
  if (keep > 0) more = _store->messages.purge(_clock.wallMs() - keep, ROWS) || more;
  const int64_t keepFiles = _keepFilesMs;
  if (keepFiles > 0) more = _store->files.purge(_clock.wallMs() - keepFiles, ROWS) || more;
  _files->changed();
  return more;
}

void Bridge::reportState(const link::LinkState& state) {
  logger().debug("link %s, %s %s", std::string(phaseName(state.phase)), std::string(troubleName(state.trouble)),
                 state.detail);
  using Trouble = link::LinkState::Trouble;
  if (state.trouble == Trouble::Refused) _desk->tell(chat::OwnerCause::LinkRefused, "", state.detail);
  if (state.trouble == Trouble::Replaced) _desk->tell(chat::OwnerCause::LinkReplaced, "", state.detail);
}

StatusReport Bridge::report() {
  StatusReport report;
  report.uptimeMs = _clock.steadyMs() - _startedMs;
  report.directMode = _direct != nullptr;
  report.problems = _options.standingErrors();
  {
    const std::lock_guard lock(_stateMutex);
    report.unset = _unset;
    report.problems.insert(report.problems.end(), _problems.begin(), _problems.end());
    if (!_rejection.empty()) report.problems.push_back(_rejection);
  }
  report.link = _link->state();
  report.intake = _intake->status();
  report.backlog = _lanes->backlog();
  report.lanesWaiting = _lanes->waiting();
  report.callsRunning = _calls.count();
  report.recent = _turns->recentTurns().list();
  report.fileTroubles = _files->troubles();
  try {
    report.files = _store->files.counts();
    report.counts = _store->events.counts();
    report.notices = _store->events.notices(NOTICES_SHOWN);
    report.months = _turns->pushMonths();
    report.heldAnswers = _store->held.countWaiting();
  } catch (const sql::SqlError& e) {
    report.storeTrouble = e.what();
  }
  return report;
}

void Bridge::drain() {
  if (_direct) _direct->stopAccepting();
  if (_intake) _intake->stop();
  if (_link) _link->stop(LINK_GRACE_MS);
  if (_direct) _direct->stop(HTTP_GRACE_MS);
  if (!_lanes) return;
  _lanes->stop();
  if (!_lanes->waitIdle(TURN_GRACE_MS)) {
    logger().information("answers under way are cancelled; their messages are answered after the next start");
    _calls.cancelAll();
    _stop.stop();
    if (!_lanes->waitIdle(CANCEL_GRACE_MS)) _cancelSends.cancel();
  }
  _lanes->join();
  _files->stop();
}

bool Bridge::finish() {
  if (_status) _status->stop(HTTP_GRACE_MS);
  _keeper.reset();
  if (_notifier) _notifier->stop();
  _status.reset();
  _direct.reset();
  _link.reset();
  _uplink.reset();
  if (_loop) _loop->stop();
  _intake.reset();
  _lanes.reset();
  if (_notifier) _notifier->setSinks({});
  _turns.reset();
  _chat.set(std::make_shared<chat::ChatSettings>());
  if (_files && !_files->join(FILES_GRACE_MS)) return false;  // its threads still use the store
  _files.reset();
  if (_responders) _responders->clear();
  if (_responderHost && !_responderHost->shutdown(RESPONDER_GRACE_MS)) {
    _store.reset();
    _storeFile.reset();
    return false;
  }
  _responders.reset();
  _responderHost.reset();
  _loop.reset();
  _store.reset();
  _storeFile.reset();
  _folder.reset();
  return true;
}

}  // namespace tsunagi::app
