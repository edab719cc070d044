#pragma once
#include <Poco/Util/ServerApplication.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/CommandLine.h"
#include "service/ConfigSchema.h"
#include "service/ConfigWatcher.h"
#include "service/ProgramExit.h"
#include "service/Settings.h"

namespace tsunagi::service {

// The frame of every program: options, configuration, signals, log, service manager, exit codes.
//
// Order of a run: process hardening; options; configuration read and checked (--check ends here); --daemon forks;
// signal thread; onStart(); READY; then the calling thread waits and runs onReload() for SIGHUP, until SIGTERM, SIGINT
// or requestStop(); onDrain(), onShutdown(); signal thread joined. A constructor must not start threads: --daemon
// forks.
//
// All hooks run on the thread of runProgram(), one at a time. They end the program by throwing ProgramError: one line
// on stderr, its code. Any other exception is code 70.
//
//   int main(int argc, char** argv) { return tsunagi::relay::RelayProgram().runProgram(argc, argv); }
class Program : public Poco::Util::ServerApplication {
 public:
  Program(std::string name, std::string description);
  ~Program() override;

  // The whole life of the process; returns the exit code. Call it first thing in main(), before any thread exists.
  int runProgram(int argc, char** argv);

  // Ends the program as SIGTERM does. [any thread]
  void requestStop();
  // Runs onReload() as SIGHUP does. [any thread]
  void requestReload();

 protected:
  // What the configuration file may hold. [log] is declared by the frame.
  virtual void defineSchema(ConfigSchema& schema) = 0;
  // Options beside those of the frame, and commands.
  virtual void defineCommandLine(CommandLineSpec& spec);
  // Used without --config, when it exists. Without either the program starts with an empty configuration.
  virtual std::string defaultConfigFile() const { return {}; }
  // How a configuration file is read; the default takes INI. Overridden by who takes other forms too (J21).
  virtual SettingsLoad loadSettings(const std::string& file, const Settings* previous);
  // More lines for --check, and checks that need more than the schema knows. Lines of errors make --check end with 78.
  struct CheckReport {
    std::vector<std::string> lines;   // "ok ...", "unset ..."
    std::vector<std::string> errors;  // "bridge.ini:12: ..."
  };
  virtual void onCheck(const Settings& settings, CheckReport& report);

  // A command of the spec. Runs without signal thread; INT and TERM end it as usual. Returns the exit code.
  virtual int onCommand(const Command& command, const CommandLine& line);

  virtual void onStart(const std::shared_ptr<const Settings>& settings) = 0;
  // After SIGHUP: certificates, lists, limits. settings are the newest good ones, maybe those in use already.
  virtual void onReload(const std::shared_ptr<const Settings>& settings);
  // Stop taking new work and finish what is in hand. onShutdown() follows; both together have stopTimeout().
  virtual void onDrain() {}
  // Release everything, threads joined. Also called after an onStart() that threw, so it must bear half a start.
  virtual void onShutdown() {}
  // SIGUSR1.
  virtual void onUserSignal() {}
  // Past it the process logs and leaves with code 70.
  virtual std::chrono::milliseconds stopTimeout() const { return std::chrono::seconds(30); }

  const CommandLine& commandLine() const;
  const ConfigSchema& schema() const;
  const Environment& environment() const;
  ConfigWatcher& watcher();               // from onStart() on; the way to settings that follow the file
  const std::string& configFile() const;  // absolute; "" when the program runs without
  // For onCommand(): the configuration; ProgramError 78 with the first error when it is bad.
  std::shared_ptr<const Settings> readSettings();
  // watcher().refresh() with its errors and warnings put into the log and [log] applied. [any thread]
  std::shared_ptr<const Settings> refreshSettings(bool force = false);
  // Writes the addresses really bound to the file of --endpoints (nothing without it); removed at the end.
  void publishEndpoints(const std::vector<std::pair<std::string, std::string>>& endpoints);
  // One line for the service manager's status. [any thread]
  void notifyStatus(const std::string& text);

 private:
  // Poco's hooks, used by the frame.
  void defineOptions(Poco::Util::OptionSet& options) final;
  void handleOption(const std::string& name, const std::string& value) final;
  int main(const std::vector<std::string>& arguments) final;

  int parseAndRun(int argc, char** argv);
  int chooseAction(std::vector<std::string> words);
  void takeEnvironment();
  SettingsLoad firstLoad();
  int checkOnly(const SettingsLoad& load);
  int serve();
  int life(const std::shared_ptr<const Settings>& settings);
  void serveUntilStop();
  int shutDown(int code);
  void reload();
  Status applyLogging(const Settings& settings);
  int fail(ProgramExit code, const std::string& message);

  struct Frame;
  std::unique_ptr<Frame> _frame;
};

}  // namespace tsunagi::service
