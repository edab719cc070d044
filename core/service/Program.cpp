#include "service/Program.h"

#include <Poco/Logger.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <utility>

#include "base/Version.h"
#include "service/EndpointsFile.h"
#include "service/ProgramFrame.h"

namespace tsunagi::service {
namespace {

std::string absolute(const std::string& path) {
  std::error_code problem;
  const std::filesystem::path result = std::filesystem::absolute(path, problem);
  return problem ? path : result.lexically_normal().string();
}

void writeLines(std::FILE* stream, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stream, "%s\n", line.c_str());
  std::fflush(stream);
}

}  // namespace

Program::Program(std::string name, std::string description) : _frame(std::make_unique<Frame>()) {
  _frame->spec.program = std::move(name);
  _frame->spec.description = std::move(description);
}

Program::~Program() = default;

void Program::defineCommandLine(CommandLineSpec&) {}
void Program::onCheck(const Settings&, CheckReport&) {}
void Program::onReload(const std::shared_ptr<const Settings>&) {}
int Program::onCommand(const Command&, const CommandLine&) { return exitUsage; }

SettingsLoad Program::loadSettings(const std::string& file, const Settings* previous) {
  return Settings::load(file, schema(), environment(), previous);
}

const CommandLine& Program::commandLine() const { return _frame->line; }
const ConfigSchema& Program::schema() const { return _frame->schema; }
const Environment& Program::environment() const { return _frame->environment; }
const std::string& Program::configFile() const { return _frame->configFile; }

ConfigWatcher& Program::watcher() {
  if (_frame->watcher == nullptr) throw std::logic_error("there is no watcher before onStart()");
  return *_frame->watcher;
}

int Program::fail(ProgramExit code, const std::string& message) {
  // One write, so that a line of another thread cannot come between.
  const std::string line = _frame->spec.program + ": " + oneLine(message, 2000) + "\n";
  (void)!::write(2, line.data(), line.size());
  return code;
}

int Program::runProgram(int argc, char** argv) {
  hardenProcess();
  try {
    return parseAndRun(argc, argv);
  } catch (const ProgramError& e) {
    return fail(e.code(), e.what());
  } catch (const Poco::Exception& e) {
    return fail(exitInternal, e.displayText());
  } catch (const std::exception& e) {
    return fail(exitInternal, e.what());
  }
}

void Program::takeEnvironment() {
  for (const ConfigSection& section : schema().sections()) {
    for (const ConfigKey& key : section.keys) {
      if (key.environment.empty()) continue;
      if (const char* value = ::getenv(key.environment.c_str())) {
        _frame->environment[key.environment] = SecretString(value);
        ::unsetenv(key.environment.c_str());
      }
    }
  }
}

SettingsLoad Program::firstLoad() {
  defineSchema(_frame->schema);
  _frame->schema.add(logSection());
  takeEnvironment();
  std::string& file = _frame->configFile;
  if (_frame->line.has("config"))
    file = absolute(_frame->line.value("config"));
  else if (const std::string usual = defaultConfigFile(); !usual.empty() && ::access(usual.c_str(), F_OK) == 0)
    file = absolute(usual);
  if (!file.empty()) return loadSettings(file, nullptr);
  return Settings::fromDocument(IniDocument::parse("", "(no configuration file)"), schema(), environment(),
                                absolute("."), false);
}

std::shared_ptr<const Settings> Program::readSettings() {
  SettingsLoad load = firstLoad();
  if (load.settings == nullptr) throw ProgramError(exitConfiguration, load.errors.front());
  return load.settings;
}

// Poco calls this with what is left of the arguments; what it returns is the exit code.
int Program::main(const std::vector<std::string>& words) {
  try {
    return chooseAction(words);
  } catch (const ProgramError& e) {
    return fail(e.code(), e.what());
  } catch (const Poco::Exception& e) {
    return fail(exitInternal, "unexpected error: " + e.displayText());
  } catch (const std::exception& e) {
    return fail(exitInternal, std::string("unexpected error: ") + e.what());
  }
}

int Program::checkOnly(const SettingsLoad& load) {
  CheckReport report;
  report.errors = load.errors;
  if (load.settings != nullptr) {
    report.lines = load.settings->report();
    onCheck(*load.settings, report);
  }
  for (const std::string& warning : load.warnings) report.lines.push_back("warn  " + warning);
  writeLines(stdout, report.lines);
  for (const std::string& error : report.errors) fail(exitConfiguration, error);
  if (!report.errors.empty()) return exitConfiguration;
  writeLines(stdout, {"ok    " + (configFile().empty() ? "no configuration file; defaults are used" : configFile())});
  return exitOk;
}

int Program::serve() {
  SettingsLoad load = firstLoad();
  if (_frame->line.has("check")) return checkOnly(load);
  for (const std::string& error : load.errors) fail(exitConfiguration, error);
  if (load.settings == nullptr) return exitConfiguration;

  // The paths of the command line are meant from here, not from where a daemon goes.
  _frame->pidPath = _frame->line.has("pidfile") ? absolute(_frame->line.value("pidfile")) : "";
  _frame->endpointsPath = _frame->line.has("endpoints") ? absolute(_frame->line.value("endpoints")) : "";
  if (_frame->line.has("daemon")) {
    Result<Background> background = Background::enter();
    if (!background) return fail(exitInternal, background.error());
    _frame->background.emplace(std::move(*background));
    config().setBool("application.runAsDaemon", true);
  }
  if (const Status status = applyLogging(*load.settings); !status) return fail(exitConfiguration, status.error());
  _frame->layer = new PocoConfigLayer(load.settings);
  config().add(_frame->layer, PRIO_APPLICATION);

  Poco::Logger& log = Poco::Logger::get("program");
  for (const std::string& warning : load.warnings) log.warning(warning);
  const std::shared_ptr<const Settings> settings = load.settings;
  _frame->watcher = std::make_unique<ConfigWatcher>(
      [this](const Settings* previous) {
        if (!configFile().empty()) return loadSettings(configFile(), previous);
        return Settings::fromDocument(IniDocument::parse("", "(no configuration file)"), schema(), environment(),
                                      watcher().current()->baseFolder(), false, previous);
      },
      std::move(load));
  return life(settings);
}

int Program::life(const std::shared_ptr<const Settings>& settings) {
  Poco::Logger& log = Poco::Logger::get("program");
  Frame& frame = *_frame;
  frame.signals = std::make_unique<SignalThread>(
      SignalThread::Actions{[&frame] { frame.post(&Frame::stopWanted); },
                            [&frame] { frame.post(&Frame::reloadWanted); },
                            [&frame] { frame.post(&Frame::userWanted); },
                            [&log] { log.fatal("not stopped within the time for it; leaving now"); }},
      stopTimeout());
  int code = exitOk;
  std::string problem;
  try {
    onStart(settings);
    if (!frame.pidPath.empty())
      if (const Status status = frame.pidFile.write(frame.pidPath); !status)
        throw ProgramError(exitConfiguration, status.error());
    log.information(frame.spec.program + " " TSUNAGI_VERSION " started" +
                    (configFile().empty() ? std::string(" without a configuration file") : " with " + configFile()));
    if (frame.background) {
      frame.notify.mainPid(::getpid());
      frame.background->detach();
    }
    frame.notify.ready("running");
    frame.started = true;
    serveUntilStop();
  } catch (const ProgramError& e) {
    code = e.code(), problem = e.what();
  } catch (const Poco::Exception& e) {
    code = exitInternal, problem = "unexpected error: " + e.displayText();
  } catch (const std::exception& e) {
    code = exitInternal, problem = std::string("unexpected error: ") + e.what();
  }
  if (!problem.empty()) fail(static_cast<ProgramExit>(code), problem);
  return shutDown(code);
}

void Program::serveUntilStop() {
  Frame& frame = *_frame;
  for (;;) {
    bool stop = false, reloadNow = false, user = false;
    {
      std::unique_lock lock(frame.mutex);
      frame.wake.wait(lock, [&] { return frame.stopWanted || frame.reloadWanted || frame.userWanted; });
      stop = frame.stopWanted;
      reloadNow = std::exchange(frame.reloadWanted, false);
      user = std::exchange(frame.userWanted, false);
    }
    if (stop) return;
    if (user) onUserSignal();
    if (reloadNow) reload();
  }
}

int Program::shutDown(int code) {
  Frame& frame = *_frame;
  frame.signals->stopWasRequested();  // the deadline runs, whatever brought us here
  frame.notify.stopping();
  Poco::Logger& log = Poco::Logger::get("program");
  if (frame.started) log.information("stopping");
  const auto step = [&](void (Program::*hook)(), const char* name) {
    try {
      (this->*hook)();
    } catch (const Poco::Exception& e) {
      code = fail(exitInternal, std::string("unexpected error in ") + name + ": " + e.displayText());
    } catch (const std::exception& e) {
      code = fail(exitInternal, std::string("unexpected error in ") + name + ": " + e.what());
    }
  };
  if (frame.started) step(&Program::onDrain, "draining");
  step(&Program::onShutdown, "stopping");
  frame.endpoints.remove();
  frame.pidFile.remove();
  if (frame.started) log.information("stopped");
  frame.signals.reset();
  return code;
}

void Program::requestStop() {
  _frame->post(&Frame::stopWanted);
  if (_frame->signals) _frame->signals->stopWasRequested();
}

void Program::requestReload() { _frame->post(&Frame::reloadWanted); }

void Program::reload() {
  _frame->notify.reloading();
  Poco::Logger::get("program").information("reloading");
  {
    // For log rotation: the file is opened anew even when no setting changed.
    const std::shared_ptr<const Settings> settings = refreshSettings(true);
    if (const Status status = applyLogging(*settings); !status) Poco::Logger::get("program").error(status.error());
    onReload(settings);
  }
  Poco::Logger::get("program").information("reloaded");
  _frame->notify.ready("running");
}

std::shared_ptr<const Settings> Program::refreshSettings(bool force) {
  ConfigWatcher::Refresh refresh = watcher().refresh(force);
  Poco::Logger& log = Poco::Logger::get("config");
  for (const std::string& error : refresh.errors) log.error(error + "; the settings in use stay");
  for (const std::string& warning : refresh.warnings) log.warning(warning);
  if (refresh.changed) {
    log.information("new settings from " + configFile());
    if (const Status status = applyLogging(*refresh.settings); !status) log.error(status.error());
    _frame->layer->replace(refresh.settings);
  }
  return refresh.settings;
}

void Program::publishEndpoints(const std::vector<std::pair<std::string, std::string>>& endpoints) {
  if (_frame->endpointsPath.empty()) return;
  if (const Status status = _frame->endpoints.write(_frame->endpointsPath, endpoints); !status)
    throw ProgramError(exitConfiguration, status.error());
}

void Program::notifyStatus(const std::string& text) { _frame->notify.status(text); }

}  // namespace tsunagi::service
