#pragma once
#include <memory>

#include "relay/app/RelayServer.h"
#include "service/Program.h"

namespace tsunagi::relay {

// tsunagi-relay: the service, and `unit …` for its operator.
class RelayProgram : public service::Program {
 public:
  RelayProgram();
  ~RelayProgram() override;

 protected:
  void defineSchema(service::ConfigSchema& schema) override;
  void defineCommandLine(service::CommandLineSpec& spec) override;
  service::SettingsLoad loadSettings(const std::string& file, const service::Settings* previous) override;
  std::string defaultConfigFile() const override { return "/etc/tsunagi/relay.ini"; }
  void onCheck(const service::Settings& settings, CheckReport& report) override;
  int onCommand(const service::Command& command, const service::CommandLine& line) override;
  void onStart(const std::shared_ptr<const service::Settings>& settings) override;
  void onReload(const std::shared_ptr<const service::Settings>& settings) override;
  void onDrain() override;
  void onShutdown() override;

 private:
  std::unique_ptr<RelayServer> _server;
};

}  // namespace tsunagi::relay
