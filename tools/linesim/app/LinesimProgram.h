#pragma once
#include <memory>
#include <optional>

#include "service/DataFolder.h"
#include "service/EndpointsFile.h"
#include "service/Program.h"
#include "tools/linesim/Simulator.h"

namespace tsunagi::linesim {

// tsunagi-linesim: the simulator as a program. Everything comes from options; there is nothing to configure by file.
class LinesimProgram : public service::Program {
 public:
  LinesimProgram();
  ~LinesimProgram() override;

 protected:
  void defineSchema(service::ConfigSchema&) override {}
  void defineCommandLine(service::CommandLineSpec& spec) override;
  void onStart(const std::shared_ptr<const service::Settings>& settings) override;
  void onShutdown() override;

 private:
  SimulatorOptions readOptions();
  SecretString readOrMakeSecret(const char* option, const char* fileName, std::string (*make)());

  std::optional<service::DataFolder> _folder;
  std::unique_ptr<Simulator> _simulator;
  service::EndpointsFile _endpointsFile;
};

}  // namespace tsunagi::linesim
