// A program on the frame of core/service and nothing else: it serves nobody, and says what its hooks were given.
#include <Poco/Logger.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include "service/DataFolder.h"
#include "service/Program.h"
#include "service/ServiceNotify.h"

namespace {

using namespace tsunagi::service;

class SampleService : public Program {
 public:
  SampleService() : Program("sample-service", "Does nothing, in the way every program of Tsunagi does it.") {}

 protected:
  void defineSchema(ConfigSchema& schema) override {
    schema.add({.name = "sample",
                .doc = "what the tests look at",
                .keys = {{.name = "greeting", .fallback = "hello", .doc = "said at the start"},
                         {.name = "limit", .type = ConfigType::integer, .fallback = "5", .minimum = 1, .maximum = 10},
                         {.name = "data", .type = ConfigType::path},
                         {.name = "fail", .choices = {"start", "stop", "address"}},
                         {.name = "token",
                          .type = ConfigType::secret,
                          .doc = "proves that secrets arrive",
                          .environment = "SAMPLE_TOKEN",
                          .wanted = true}}});
  }

  void defineCommandLine(CommandLineSpec& spec) override {
    spec.groups.push_back({"Sample", {{"stuck", "", "", "never finish draining"}}});
    spec.commands.push_back({"greet", "NAME", "say hello to NAME", {{"loud", "", "", "in capitals"}}, 1, 1});
    spec.commands.push_back({"show config", "", "print the greeting", {}, 0, 0});
  }

  int onCommand(const Command& command, const CommandLine& line) override {
    if (command.words == "show config")
      std::puts(readSettings()->text("sample", "greeting").c_str());
    else
      std::printf("%s %s\n", line.has("loud") ? "HELLO" : "hello", line.arguments().front().c_str());
    return exitOk;
  }

  void onStart(const std::shared_ptr<const Settings>& settings) override {
    if (settings->text("sample", "fail") == "start") throw std::runtime_error("told to fail");
    if (settings->text("sample", "fail") == "address")
      throw ProgramError(exitUnavailable, "cannot listen on 127.0.0.1:1: address in use");
    if (settings->isSet("sample", "data")) {
      tsunagi::Result<DataFolder> folder = DataFolder::open(settings->path("sample", "data"));
      if (!folder) throw ProgramError(exitConfiguration, settings->where("sample", "data") + ": " + folder.error());
      _folder.emplace(std::move(*folder));
    }
    tell("start", *settings);
    for (const auto& [name, socket] : takeListenSockets()) log().information("socket " + name);
    publishEndpoints({{"http", "127.0.0.1:4321"}});
  }

  void onReload(const std::shared_ptr<const Settings>& settings) override { tell("reload", *settings); }
  void onUserSignal() override { log().information("user signal"); }

  void onDrain() override {
    log().information("drain");
    if (!commandLine().has("stuck")) return;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait(lock, [] { return false; });
  }

  void onShutdown() override {
    log().information("shutdown");
    if (watcher().current()->text("sample", "fail") == "stop") throw std::runtime_error("told to fail");
  }

  std::chrono::milliseconds stopTimeout() const override {
    return std::chrono::milliseconds(std::getenv("SAMPLE_STOP_MS") != nullptr ? 50 : 60'000);
  }

 private:
  static Poco::Logger& log() { return Poco::Logger::get("sample"); }

  static void tell(const std::string& hook, const Settings& settings) {
    const auto token = settings.secret("sample", "token");
    log().information(hook + " greeting=" + settings.text("sample", "greeting") +
                      " limit=" + std::to_string(settings.integer("sample", "limit")) +
                      " token=" + (token ? std::to_string(token->reveal().size()) + " bytes" : "unset") +
                      " environment=" + (std::getenv("SAMPLE_TOKEN") != nullptr ? "kept" : "clean"));
    log().debug("a line of level debug");
  }

  std::optional<DataFolder> _folder;
};

}  // namespace

int main(int argc, char** argv) { return SampleService().runProgram(argc, argv); }
