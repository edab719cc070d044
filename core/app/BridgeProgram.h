#pragma once
#include <memory>
#include <string>

#include "app/Bridge.h"
#include "service/Program.h"

namespace tsunagi::app {

// tsunagi-bridge: options, bridge.ini or unit.json, --check, and the life of a Bridge.
class BridgeProgram : public service::Program {
 public:
  BridgeProgram();
  ~BridgeProgram() override;

 protected:
  void defineSchema(service::ConfigSchema& schema) override;
  void defineCommandLine(service::CommandLineSpec& spec) override;
  std::string defaultConfigFile() const override { return "/etc/tsunagi/bridge.ini"; }
  service::SettingsLoad loadSettings(const std::string& file, const service::Settings* previous) override;
  void onCheck(const service::Settings& settings, CheckReport& report) override;
  int onCommand(const service::Command& command, const service::CommandLine& line) override;
  void onStart(const std::shared_ptr<const service::Settings>& settings) override;
  void onReload(const std::shared_ptr<const service::Settings>& settings) override;
  void onDrain() override;
  void onShutdown() override;

 private:
  std::string pluginFolder() const;
  std::string dataFolder(const service::Settings& settings) const;
  std::unique_ptr<Bridge> _bridge;
};

}  // namespace tsunagi::app
