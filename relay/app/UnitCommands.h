#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/Result.h"
#include "net/HttpMessage.h"
#include "relay/app/RelaySettings.h"
#include "service/CommandLine.h"

namespace tsunagi::relay {

// `tsunagi-relay unit …`: asks the running relay through its control socket; when none runs (nobody answers and the
// data folder is not locked) it opens the databases itself.
class UnitCommands {
 public:
  explicit UnitCommands(const RelaySettings& settings) : _settings(settings) {}

  static void define(service::CommandLineSpec& spec);
  // Returns the exit code; throws service::ProgramError.
  int run(const service::Command& command, const service::CommandLine& line) const;

 private:
  nlohmann::json ask(const std::string& method, const std::string& path, const nlohmann::json& body) const;
  net::HttpResponse perform(const net::HttpRequest& request) const;
  net::HttpResponse performHere(const net::HttpRequest& request) const;
  int issue(const service::CommandLine& line, const std::string& path, const nlohmann::json& body) const;
  int list(const service::CommandLine& line) const;
  int show(const service::CommandLine& line) const;
  int remove(const service::CommandLine& line) const;
  int limits(const service::CommandLine& line) const;
  int readdress(const service::CommandLine& line) const;

  const RelaySettings& _settings;
};

}  // namespace tsunagi::relay
