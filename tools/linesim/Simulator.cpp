#include "tools/linesim/Simulator.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpClient.h"
#include "net/HttpServer.h"
#include "net/Tls.h"
#include "tools/linesim/BotApi.h"
#include "tools/linesim/ControlApi.h"
#include "tools/linesim/LongPolls.h"
#include "tools/linesim/Page.h"
#include "tools/linesim/WebhookSender.h"

namespace tsunagi::linesim {
namespace {

constexpr int64_t MAX_REDELIVER_WAIT_MS = 60'000;

net::HttpServerOptions serverOptions() {
  net::HttpServerOptions options;
  options.allowedHosts = {"localhost", "127.0.0.1", "[::1]"};
  options.serverName = "tsunagi-linesim";
  return options;
}

}  // namespace

struct Simulator::Parts {
  Parts(SimulatorOptions given, const Clock& clockToUse)
      : options(std::move(given)),
        clock(clockToUse),
        platform(options.platform, clock),
        loop("linesim"),
        polls(loop),
        bot(platform, loop) {
    platform.onChange([this] { polls.notify(); });
  }

  bool dispatch(Webhook webhook, size_t tries, int64_t delayMs) {
    Webhook sent = webhook;
    return sender->send(
        std::move(webhook),
        [this, sent = std::move(sent), tries](const WebhookAttempt& attempt) {
          platform.recordAttempt(sent, attempt);
          if (!attempt.accepted()) tryAgain(sent, tries);
        },
        delayMs);
  }

  void tryAgain(const Webhook& webhook, size_t tries) {
    if (!options.redeliver || tries >= options.redeliverTimes) return;
    const int64_t wait = std::min(options.redeliverAfterMs << std::min<size_t>(tries, 16), MAX_REDELIVER_WAIT_MS);
    if (auto rest = platform.redeliverRest(webhook)) dispatch(std::move(*rest), tries + 1, std::max<int64_t>(wait, 1));
  }

  SimulatorOptions options;
  const Clock& clock;
  Platform platform;
  net::EventLoop loop;
  LongPolls polls;
  BotApi bot;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<WebhookSender> sender;
  std::unique_ptr<ControlApi> control;
  std::unique_ptr<net::HttpServer> server;
  std::shared_ptr<const net::TlsContext> serverTls;
  net::ListenAddress address;
  bool loopRuns = false;
};

Simulator::Simulator(SimulatorOptions options, const Clock& clock)
    : _parts(std::make_unique<Parts>(std::move(options), clock)) {}

Simulator::~Simulator() { stop(); }

Status Simulator::prepare() {
  Parts& parts = *_parts;
  if (parts.options.listen.isUnix() || !parts.options.listen.isLoopback())
    return Error{"listen " + parts.options.listen.text() + ": the simulator listens on a loopback address only"};
  if (!parts.options.certificateFile.empty()) {
    auto made = net::TlsContext::makeServer({parts.options.certificateFile, parts.options.keyFile});
    if (!made) return Error{made.error()};
    parts.serverTls = made.value();
  }
  auto tls = net::TlsContext::makeClient({parts.options.caFile});
  if (!tls) return Error{tls.error()};
  parts.client = std::make_unique<net::HttpClient>(tls.value());
  parts.sender = std::make_unique<WebhookSender>(*parts.client, parts.clock, parts.options.senderThreads,
                                                 [&parts](const Webhook& w) { parts.platform.beginAttempt(w); });
  if (auto status = parts.sender->setUrl(parts.options.webhookUrl); !status) return status;
  return {};
}

Status Simulator::start() {
  Parts& parts = *_parts;
  parts.control =
      std::make_unique<ControlApi>(parts.platform, *parts.sender, parts.bot, parts.polls,
                                   [&parts](Webhook webhook) { return parts.dispatch(std::move(webhook), 0, 0); });
  parts.server = std::make_unique<net::HttpServer>(std::vector<net::EventLoop*>{&parts.loop}, serverOptions());
  parts.bot.addRoutes(*parts.server, *parts.sender,
                      [&parts](std::vector<Webhook> webhooks) { parts.control->send(std::move(webhooks)); });
  parts.control->addRoutes(*parts.server, parts.options.redeliver);
  addPageRoutes(*parts.server);
  parts.loop.start();
  parts.loopRuns = true;
  auto address = parts.server->listen(parts.options.listen, parts.serverTls);
  if (!address) return Error{address.error()};
  parts.address = address.value();
  parts.sender->start();
  return {};
}

void Simulator::stop() {
  Parts& parts = *_parts;
  if (parts.sender) parts.sender->stop();
  if (!parts.loopRuns) return;
  parts.loopRuns = false;
  parts.loop.runSync([&parts] {
    parts.polls.endAll();
    parts.bot.dropHeld();
  });
  parts.server->stop(500);
  parts.loop.stop();
}

const net::ListenAddress& Simulator::address() const { return _parts->address; }
std::string Simulator::url() const {
  return (_parts->options.certificateFile.empty() ? "http://" : "https://") + _parts->address.text();
}
Platform& Simulator::platform() { return _parts->platform; }

}  // namespace tsunagi::linesim
