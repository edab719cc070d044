#include "relay/app/RelayProgram.h"

#include <Poco/Logger.h>

#include "relay/app/UnitCommands.h"

namespace tsunagi::relay {

using service::ProgramError;
using service::Settings;

RelayProgram::RelayProgram() : Program("tsunagi-relay", "takes LINE webhooks and keeps them until a bridge has them") {}

RelayProgram::~RelayProgram() = default;

void RelayProgram::defineSchema(service::ConfigSchema& schema) { RelaySettings::define(schema); }

void RelayProgram::defineCommandLine(service::CommandLineSpec& spec) { UnitCommands::define(spec); }

service::SettingsLoad RelayProgram::loadSettings(const std::string& file, const Settings* previous) {
  service::SettingsLoad load = Program::loadSettings(file, previous);
  if (load.settings == nullptr) return load;
  if (const Result<RelaySettings> read = RelaySettings::from(*load.settings); !read) {
    load.errors.push_back(read.error());
    load.settings = nullptr;
  }
  return load;
}

void RelayProgram::onCheck(const Settings& settings, CheckReport& report) {
  const Result<RelaySettings> read = RelaySettings::from(settings);
  if (!read)
    report.errors.push_back(read.error());
  else if (!read->tlsCertificate.empty()) {
    const auto tls = net::TlsContext::makeServer({.certificateFile = read->tlsCertificate, .keyFile = read->tlsKey});
    if (!tls) report.errors.push_back(tls.error());
  }
}

int RelayProgram::onCommand(const service::Command& command, const service::CommandLine& line) {
  const std::shared_ptr<const Settings> settings = readSettings();
  const Result<RelaySettings> read = RelaySettings::from(*settings);
  if (!read) throw ProgramError(service::exitConfiguration, read.error());
  return UnitCommands(*read).run(command, line);
}

void RelayProgram::onStart(const std::shared_ptr<const Settings>& settings) {
  Result<RelaySettings> read = RelaySettings::from(*settings);
  if (!read) throw ProgramError(service::exitConfiguration, read.error());
  _server = std::make_unique<RelayServer>(std::move(*read));
  _server->start();
  publishEndpoints(_server->endpoints());
}

void RelayProgram::onReload(const std::shared_ptr<const Settings>& settings) {
  const Result<RelaySettings> read = RelaySettings::from(*settings);
  if (read)
    _server->reload(*read);
  else
    Poco::Logger::get("config").error(read.error() + "; the settings in use stay");
}

void RelayProgram::onDrain() { _server->drain(); }

void RelayProgram::onShutdown() {
  if (_server) _server->shutDown();
  _server.reset();
}

}  // namespace tsunagi::relay
