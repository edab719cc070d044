#pragma once
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/Process.h"
#include "tests/support/TempFolder.h"
#include "tests/support/TestCa.h"

namespace tsunagi::test {

// The real programs on loopback: simulator, relay and bridge (echo) in one temporary folder, each started, killed and
// started again as a test likes. Ports are the kernel's choice at the first start and kept afterwards, so that a
// restarted program is found where it was. Throws std::runtime_error, with the logs' ends, when a step fails.
// The programs that still run at the end get SIGTERM, and any exit but 0 fails the test: also what a sanitizer finds
// last. One thread only (the kernel ends the programs with the thread that started them).
class Chain {
 public:
  struct Options {
    std::string tokenLife = "60s";                     // of the simulator and of the bridge's clock
    bool redeliver = false;                            // the simulator sends again what was not answered 200
    bool tls = false;                                  // https for webhooks and the LINE API, wss for the link
    std::map<std::string, std::string> bridgeEnv{};    // environment of the bridge
    std::map<std::string, std::string> relayLimits{};  // [limits] of relay.ini
  };
  Chain();
  explicit Chain(Options options);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  void startLinesim();
  // Another one beside it, another bot with the same people; its secrets are in that folder. Gives its base URL.
  std::string startOtherLinesim(const std::string& folderName, const std::string& botUserId);
  void turnTo(const std::string& lineApi) { _lineApi = lineApi; }  // the simulator that control() and the like speak to
  void startRelay();
  // Without waiting for the link: see waitForLink().
  void startBridge();
  void startBridgeWith(const std::string& configFile);                  // of any form
  std::unique_ptr<Process> takeBridge() { return std::move(_bridge); }  // leaves it running beside the next one
  void startAll();   // all three, unit added, webhook URL set, link up
  void stopRelay();  // SIGTERM, expects exit 0
  void stopBridge();
  void killRelay();  // SIGKILL
  void killBridge();
  void finish();  // ends all that run; throws unless each exit is 0
  // Gives a program ("relay", "linesim" or "bridge", this one for [direct]) another certificate of the chain's CA, from
  // its next start or reload on. Without it all have a good one for 127.0.0.1.
  void issue(const std::string& program, const TestCa::Subject& subject);
  const std::string& caFile() const { return _caFile; }
  std::string certificateOf(const std::string& program) const { return folder.file(program + ".pem"); }
  std::string keyOf(const std::string& program) const { return folder.file(program + ".key"); }
  Process& linesim() { return *_linesim; }
  Process& relay() { return *_relay; }
  Process& bridge() { return *_bridge; }

  // Adds a unit to the relay (running or not) and points the simulator at it.
  void addUnit();
  const std::string& unit() const { return _unit; }
  const std::string& lineApi() const { return _lineApi; }                                   // the simulator's base URL
  std::string bridgeEndpoint(const std::string& name) { return endpoint("bridge", name); }  // "direct", "status"
  std::string linkUrl() const;     // wss or ws, without the unit
  std::string webhookUrl() const;  // of the unit

  // bridge.ini by sections; startBridge() and rewriteBridgeIni() write it. Filled with what echo needs.
  std::map<std::string, std::map<std::string, std::string>> ini;
  void rewriteBridgeIni();
  std::string bridgeIni() const { return folder.file("bridge.ini"); }
  std::string relayIni() const { return folder.file("relay.ini"); }

  void waitForLink();  // the bridge says connected

  // A text message typed by a user (one conversation per user); returns its webhookEventId.
  std::string send(const std::string& user, const std::string& text);
  // The simulator's record of an event; waits until it has a reply.
  nlohmann::json awaitReply(const std::string& eventId);
  std::string awaitAnswer(const std::string& eventId);  // the same, its text
  // Waits until the simulator got 200 for it.
  void awaitAccepted(const std::string& eventId);
  nlohmann::json event(const std::string& eventId);
  // Sends and waits; returns the reply's text.
  std::string ask(const std::string& user, const std::string& text);
  nlohmann::json summary();  // {"events","accepted","answered","lost","twice","reordered","pushes"…}
  nlohmann::json control(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr);
  nlohmann::json bridgeStatus();
  nlohmann::json unitCounters();  // `unit show --json`
  std::string relayMetrics();
  std::string bridgeMetrics();
  ProcessResult relayCommand(std::vector<std::string> words);   // tsunagi-relay --config … WORDS
  ProcessResult bridgeCommand(std::vector<std::string> words);  // tsunagi-bridge --config … WORDS

  // Every event that the simulator got 200 for has its reply. Throws when the guard ends first.
  void awaitQuiet(std::chrono::milliseconds guard = HANG_GUARD);
  // Nothing is under way in relay and bridge, so that counters stand still. Throws when the guard ends first.
  void awaitSettled(std::chrono::milliseconds guard = HANG_GUARD);
  // Both, and then: one reply with exactly its text to each event, in order, none of them failed or in doubt, and each
  // counted once by the bridge. Fails the test.
  void expectOneEchoEach();

  // Consistent copies of a stopped program's data folder.
  void copyFolder(const std::string& from, const std::string& to);

  TempFolder folder;

 private:
  nlohmann::json get(const std::string& url);
  std::string endpoint(const std::string& program, const std::string& name);
  void start(std::unique_ptr<Process>& process, const std::string& program, std::vector<std::string> arguments,
             std::map<std::string, std::string> environment = {});
  Options _options;
  std::unique_ptr<Process> _linesim, _otherLinesim, _relay, _bridge;
  std::string _relayListen = "127.0.0.1:0";
  std::string _relayAdmin = "127.0.0.1:0";
  std::string _lineApi, _unit;
  std::unique_ptr<TestCa> _ca;
  std::string _caFile;
};

}  // namespace tsunagi::test
