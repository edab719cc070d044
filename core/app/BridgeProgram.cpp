#include "app/BridgeProgram.h"

#include <Poco/Logger.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "app/BridgeCommands.h"
#include "app/BridgeSchema.h"
#include "app/UnitJson.h"

namespace tsunagi::app {
namespace {

std::string absolute(const std::string& path) {
  std::error_code problem;
  const auto result = std::filesystem::absolute(path, problem);
  return problem ? path : result.lexically_normal().string();
}

bool startsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

BridgeProgram::BridgeProgram()
    : Program("tsunagi-bridge", "connects a LINE Official Account to a language model on this machine") {}

BridgeProgram::~BridgeProgram() = default;

void BridgeProgram::defineSchema(service::ConfigSchema& schema) { defineBridgeSchema(schema); }

void BridgeProgram::defineCommandLine(service::CommandLineSpec& spec) {
  spec.groups.push_back(
      {"Bridge",
       {{"data-dir", "", "DIR", "where the store is kept; wins over [bridge] data_dir"},
        {"plugin-dir", "", "DIR", "where responder plugins are; default " TSUNAGI_DEFAULT_PLUGIN_DIR}}});
  BridgeCommands::define(spec);
}

service::SettingsLoad BridgeProgram::loadSettings(const std::string& file, const service::Settings* previous) {
  auto load = service::looksLikeJson(file) ? service::loadJsonSettings(file, unitJsonMapping(), schema(), environment(),
                                                                       previous, completeUnitJson)
                                           : service::Settings::load(file, schema(), environment(), previous);
  if (load.settings == nullptr) return load;
  load.errors = checkBridgeSettings(*load.settings);
  if (!load.errors.empty()) load.settings = nullptr;
  return load;
}

std::string BridgeProgram::pluginFolder() const {
  return absolute(commandLine().value("plugin-dir", TSUNAGI_DEFAULT_PLUGIN_DIR));
}

std::string BridgeProgram::dataFolder(const service::Settings& settings) const {
  if (commandLine().has("data-dir")) return absolute(commandLine().value("data-dir"));
  if (settings.isSet("bridge", "data_dir")) return settings.path("bridge", "data_dir");
  // The service manager's StateDirectory=. Nothing changes the environment once threads run.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* state = ::getenv("STATE_DIRECTORY"); state != nullptr && state[0] == '/') return state;
  return "/var/lib/tsunagi-bridge";
}

void BridgeProgram::onCheck(const service::Settings& settings, CheckReport& report) {
  ClientCache tls;
  net::CancelToken cancel;
  const auto config = BridgeConfig::read(settings, tls, cancel, "check");
  if (!config) {
    report.errors.push_back(config.error());
    return;
  }
  if (settings.isSet("direct", "tls_certificate")) {
    const auto context =
        net::TlsContext::makeServer({settings.path("direct", "tls_certificate"), settings.path("direct", "tls_key")});
    if (!context)
      report.errors.push_back(settings.where("direct", "tls_certificate") + ": [direct] " + context.error());
  }
  for (const auto& unset : config->unset)
    if (!startsWith(unset, "[line")) report.lines.push_back("unset " + unset);
  responder::ResponderHost host(pluginFolder());
  responder::ResponderSet responders(host);
  auto plan = responders.prepare(config->responders);
  for (const auto& [name, one] : plan.responders)
    report.lines.push_back("ok    [responder." + name + "] " + one->pluginVersion());
  for (const auto& problem : plan.problems) {
    const std::string section = "responder." + problem.responder;
    const std::string text = "[" + section + "] " + problem.message;
    if (problem.kind == responder::SetupProblem::Kind::NotInstalled || !config->isAsked(problem.responder))
      report.lines.push_back("unset " + text);
    else
      report.errors.push_back(settings.where(section, problem.key.empty() ? "plugin" : problem.key) + ": " + text);
  }
}

int BridgeProgram::onCommand(const service::Command& command, const service::CommandLine& line) {
  const auto settings = readSettings();
  return BridgeCommands(*settings, dataFolder(*settings)).run(command, line);
}

void BridgeProgram::onStart(const std::shared_ptr<const service::Settings>& settings) {
  if (::geteuid() == 0)
    Poco::Logger::get("bridge").warning(
        "running as root: everything a plugin does, it does as root. Run the bridge as a user of its own");
  Bridge::Options options;
  options.dataFolder = dataFolder(*settings);
  options.pluginFolder = pluginFolder();
  options.refresh = [this] { return refreshSettings(); };
  options.standingErrors = [this] { return watcher().standingErrors(); };
  _bridge = std::make_unique<Bridge>(std::move(options), Clock::system());
  publishEndpoints(_bridge->start(settings));
}

void BridgeProgram::onReload(const std::shared_ptr<const service::Settings>& settings) {
  if (const Status status = _bridge->apply(settings, true); !status)
    Poco::Logger::get("bridge").error("%s; the settings in use stay", status.error());
}

void BridgeProgram::onDrain() { _bridge->drain(); }

void BridgeProgram::onShutdown() {
  if (!_bridge) return;
  _bridge->drain();
  if (!_bridge->finish()) {
    Poco::Logger::get("bridge").fatal(
        "a responder, or the file system of [files] root, does not answer; leaving without it");
    ::_exit(service::exitInternal);
  }
  _bridge.reset();
}

}  // namespace tsunagi::app
