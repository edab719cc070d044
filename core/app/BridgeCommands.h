#pragma once
#include <string>

#include "service/CommandLine.h"
#include "service/Settings.h"

namespace tsunagi::app {

// What tsunagi-bridge does instead of serving: pairing codes, people, projects. Works on the store itself, also beside
// a running bridge of the same version. Throws service::ProgramError.
class BridgeCommands {
 public:
  static void define(service::CommandLineSpec& spec);

  BridgeCommands(const service::Settings& settings, std::string dataFolder);
  int run(const service::Command& command, const service::CommandLine& options) const;

 private:
  const service::Settings& _settings;
  const std::string _dataFolder;
};

}  // namespace tsunagi::app
