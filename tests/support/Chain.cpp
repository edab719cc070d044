#include "tests/support/Chain.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "net/HttpClient.h"
#include "tests/support/Eventually.h"
#include "tests/support/History.h"
#include "tests/support/ProgramPaths.h"

namespace tsunagi::test {

using nlohmann::json;

namespace {

[[noreturn]] void fail(const std::string& what, const Process* process = nullptr) {
  std::string text = what;
  if (process != nullptr) {
    const std::string log = process->standardError();
    text += "\n--- end of its log\n" + log.substr(log.size() > 4000 ? log.size() - 4000 : 0);
  }
  throw std::runtime_error(text);
}

std::string boundAddress(const std::string& endpoints, const std::string& name) {
  std::ifstream file(endpoints);
  const json parsed = json::parse(file, nullptr, false);
  return parsed.is_object() ? parsed.value(name, "") : "";
}

std::string iniText(const std::map<std::string, std::map<std::string, std::string>>& sections) {
  std::string text;
  for (const auto& [section, keys] : sections) {
    text += "[" + section + "]\n";
    for (const auto& [key, value] : keys) text += key + " = " + value + "\n";
  }
  return text;
}

}  // namespace

Chain::Chain() : Chain(Options{}) {}

Chain::Chain(Options options) : _options(std::move(options)) {
  if (!_options.tls) return;
  _ca = std::make_unique<TestCa>(folder.path() + "/ca");
  _caFile = _ca->caFile();
  for (const char* program : {"relay", "linesim", "bridge"}) issue(program, {.ips = {"127.0.0.1"}});
}

Chain::~Chain() {
  try {
    finish();
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what();
  }
}

void Chain::finish() {
  for (auto* process : {&_bridge, &_relay, &_otherLinesim, &_linesim})
    if (*process) (*process)->finish();
}

void Chain::issue(const std::string& program, const TestCa::Subject& subject) {
  const TestCa::Leaf leaf = _ca->issue(subject);
  std::filesystem::rename(leaf.certificateFile, certificateOf(program));
  std::filesystem::rename(leaf.keyFile, keyOf(program));
}

void Chain::start(std::unique_ptr<Process>& process, const std::string& program, std::vector<std::string> arguments,
                  std::map<std::string, std::string> environment) {
  const std::string endpoints = folder.file(program + ".endpoints");
  std::filesystem::remove(endpoints);
  process.reset();
  arguments.insert(arguments.end(), {"--endpoints", endpoints});
  process = std::make_unique<Process>(
      programPath("tsunagi-" + program),
      Process::Options{.arguments = std::move(arguments), .environment = std::move(environment)});
  const bool up = eventually([&] { return std::filesystem::exists(endpoints) || !process->running(); });
  if (!up || !process->running()) fail("tsunagi-" + program + " did not start", process.get());
}

std::string Chain::endpoint(const std::string& program, const std::string& name) {
  const std::string address = boundAddress(folder.file(program + ".endpoints"), name);
  if (address.empty()) fail(program + " tells no endpoint \"" + name + "\"");
  return address;
}

void Chain::startLinesim() {
  std::vector<std::string> arguments{"--data-dir", folder.file("linesim"), "--token-life", _options.tokenLife,
                                     "--listen",   "127.0.0.1:0"};
  if (_options.redeliver) arguments.insert(arguments.end(), {"--redeliver", "on", "--redeliver-after", "100ms"});
  if (_options.tls)
    arguments.insert(arguments.end(), {"--tls-certificate", certificateOf("linesim"), "--tls-key", keyOf("linesim"),
                                       "--ca-file", _caFile});
  start(_linesim, "linesim", arguments);
  _lineApi = (_options.tls ? "https://" : "http://") + endpoint("linesim", "api");
}

std::string Chain::startOtherLinesim(const std::string& folderName, const std::string& botUserId) {
  const std::string endpoints = folder.file(folderName + ".endpoints");
  _otherLinesim = std::make_unique<Process>(
      programPath("tsunagi-linesim"),
      Process::Options{.arguments = {"--data-dir", folder.file(folderName), "--token-life", _options.tokenLife,
                                     "--listen", "127.0.0.1:0", "--bot-user-id", botUserId, "--endpoints", endpoints}});
  if (!eventually([&] { return std::filesystem::exists(endpoints) || !_otherLinesim->running(); }) ||
      !_otherLinesim->running())
    fail("the other simulator did not start", _otherLinesim.get());
  return "http://" + boundAddress(endpoints, "api");
}

void Chain::startRelay() {
  std::map<std::string, std::map<std::string, std::string>> relay;
  relay["relay"] = {{"listen", _relayListen}, {"data_dir", folder.file("relay")}};
  if (_options.tls) {
    relay["relay"]["tls_certificate"] = certificateOf("relay");
    relay["relay"]["tls_key"] = keyOf("relay");
  }
  relay["admin"] = {{"listen", _relayAdmin}};
  if (!_options.relayLimits.empty()) relay["limits"] = _options.relayLimits;
  folder.write("relay.ini", iniText(relay));
  start(_relay, "relay", {"--config", relayIni()});
  _relayListen = endpoint("relay", "public");
  _relayAdmin = endpoint("relay", "admin");
}

void Chain::startBridge() {
  rewriteBridgeIni();
  startBridgeWith(bridgeIni());
}

void Chain::startBridgeWith(const std::string& configFile) {
  std::vector<std::string> arguments{"--config", configFile, "--plugin-dir", pluginFolder()};
  if (configFile != bridgeIni()) arguments.insert(arguments.end(), {"--data-dir", folder.file("bridge")});
  start(_bridge, "bridge", std::move(arguments), _options.bridgeEnv);
}

void Chain::startAll() {
  startLinesim();
  startRelay();
  addUnit();
  startBridge();
  waitForLink();
}

void Chain::stopRelay() {
  if (const ExitStatus status = _relay->stop(); status.code != 0) fail("the relay's exit was not 0", _relay.get());
}

void Chain::stopBridge() {
  if (const ExitStatus status = _bridge->stop(); status.code != 0) fail("the bridge's exit was not 0", _bridge.get());
}

void Chain::killRelay() {
  if (!_relay->running()) fail("the relay had ended by itself", _relay.get());
  _relay->kill9();
}

void Chain::killBridge() {
  if (!_bridge->running()) fail("the bridge had ended by itself", _bridge.get());
  _bridge->kill9();
}

std::string Chain::linkUrl() const { return (_options.tls ? "wss://" : "ws://") + _relayListen + "/test"; }

std::string Chain::webhookUrl() const {
  return (_options.tls ? "https://" : "http://") + _relayListen + "/test/" + _unit + "/webhook";
}

void Chain::addUnit() {
  std::filesystem::remove(folder.file("unit.token"));
  const ProcessResult added = relayCommand(
      {"unit", "add", "--fleet", "test", "--name", "box", "--json", "--token-file", folder.file("unit.token")});
  if (added.status.code != 0) fail("unit add failed: " + added.error);
  _unit = json::parse(added.output).at("unit");
  control("POST", "/control/webhook-url", {{"url", webhookUrl()}});
}

void Chain::rewriteBridgeIni() {
  auto set = [&](const char* section, const char* key, const std::string& value) {
    ini[section].try_emplace(key, value);
  };
  if (!_unit.empty()) {
    set("relay", "url", linkUrl());
    set("relay", "unit", _unit);
    set("relay", "token_file", folder.file("unit.token"));
    if (_options.tls) set("relay", "ca_file", _caFile);
  }
  if (const auto first = ini.lower_bound("line"); first == ini.end() || first->first.rfind("line", 0) != 0) {
    set("line", "channel_secret_file", folder.file("linesim/channel-secret"));
    set("line", "channel_access_token_file", folder.file("linesim/access-token"));
    set("line", "api_base", _lineApi);
    set("line", "data_base", _lineApi);
    if (_options.tls) set("line", "ca_file", _caFile);
  }
  set("bridge", "data_dir", folder.file("bridge"));
  if (ini["bridge"].count("responder") == 0) {
    set("bridge", "responder", "echo");
    set("responder.echo", "plugin", "echo");
  }
  // Everybody may talk and every message gets its own answer, unless a test is about that.
  set("access", "users", "everyone");
  set("access", "rate_user", "0");
  set("access", "rate_group", "0");
  set("reply", "merge", "no");
  for (auto& [section, keys] : ini)
    if (section.compare(0, 10, "responder.") == 0) keys.try_emplace("min_role", "guest");
  set("reply", "token_life", _options.tokenLife);
  set("status", "listen", "127.0.0.1:0");
  folder.write("bridge.ini.new", iniText(ini));
  std::filesystem::rename(folder.file("bridge.ini.new"), bridgeIni());
}

json Chain::control(const std::string& method, const std::string& path, const json& body) {
  net::HttpCall call;
  call.method = method;
  call.url = net::Url::parse(_lineApi + path).value();
  call.totalMs = 60'000;
  call.idleMs = 60'000;
  if (!body.is_null()) {
    call.headers.add("Content-Type", "application/json");
    call.body = body.dump();
  }
  std::shared_ptr<const net::TlsContext> tls;
  if (_options.tls) tls = net::TlsContext::makeClient({.caFile = _caFile}).value();
  const net::HttpResult result = net::HttpClient(tls).perform(call);
  if (!result.ok() || result.status / 100 != 2)
    fail(method + " " + path + ": " + result.error + " " + std::to_string(result.status) + " " + result.body,
         _linesim.get());
  return result.body.empty() ? json() : json::parse(result.body);
}

json Chain::get(const std::string& url) {
  net::HttpCall call;
  call.url = net::Url::parse(url).value();
  const net::HttpResult result = net::HttpClient(nullptr).perform(call);
  if (!result.ok() || result.status != 200)
    fail("GET " + url + ": " + result.error + " " + std::to_string(result.status));
  const json parsed = json::parse(result.body, nullptr, false);
  return parsed.is_discarded() ? json(result.body) : parsed;
}

json Chain::bridgeStatus() { return get("http://" + endpoint("bridge", "status") + "/status"); }
std::string Chain::bridgeMetrics() { return get("http://" + endpoint("bridge", "status") + "/metrics"); }
std::string Chain::relayMetrics() { return get("http://" + endpoint("relay", "admin") + "/metrics"); }

ProcessResult Chain::bridgeCommand(std::vector<std::string> words) {
  if (!std::filesystem::exists(bridgeIni())) rewriteBridgeIni();
  words.insert(words.begin(), {"--config", bridgeIni()});
  return runProcess(programPath("tsunagi-bridge"), {.arguments = std::move(words)});
}

ProcessResult Chain::relayCommand(std::vector<std::string> words) {
  words.insert(words.begin(), {"--config", relayIni()});
  return runProcess(programPath("tsunagi-relay"), {.arguments = std::move(words)});
}

json Chain::unitCounters() {
  const ProcessResult shown = relayCommand({"unit", "show", _unit, "--json"});
  if (shown.status.code != 0) fail("unit show failed: " + shown.error);
  return json::parse(shown.output);
}

void Chain::waitForLink() {
  const bool up =
      eventually([&] { return !_bridge->running() || bridgeStatus().at("link").at("state") == "connected"; });
  if (!up || !_bridge->running()) fail("the bridge has no link", _bridge.get());
}

std::string Chain::send(const std::string& user, const std::string& text) {
  return control("POST", "/control/messages", {{"user", user}, {"text", text}}).at("events").at(0);
}

json Chain::event(const std::string& eventId) { return control("GET", "/control/events/" + eventId + "?wait=0s"); }

void Chain::awaitAccepted(const std::string& eventId) {
  json record;
  const bool done = eventually([&] {
    record = event(eventId);
    return record.at("accepted").get<bool>();
  });
  if (!done) fail("the webhook of " + eventId + " was not accepted: " + record.dump());
}

json Chain::awaitReply(const std::string& eventId) {
  json record;
  const bool replied = eventually([&] {
    record = control("GET", "/control/events/" + eventId + "?wait=5s");
    return record.at("answered").get<bool>();
  });
  if (!replied) fail("no reply to " + eventId + ": " + record.dump(), _bridge.get());
  return record;
}

std::string Chain::ask(const std::string& user, const std::string& text) { return awaitAnswer(send(user, text)); }

std::string Chain::awaitAnswer(const std::string& eventId) {
  return awaitReply(eventId).at("answers").at(0).at("texts").at(0);
}

json Chain::summary() { return control("GET", "/control/summary"); }

void Chain::awaitQuiet(std::chrono::milliseconds guard) {
  json last;
  const bool quiet = eventually(
      [&] {
        last = summary();
        return last.at("lost") == 0;
      },
      guard);
  if (!quiet) fail("events without a reply: " + last.dump(), _bridge.get());
}

void Chain::awaitSettled(std::chrono::milliseconds guard) {
  json status, unit;
  const bool settled = eventually(
      [&] {
        unit = _unit.empty() ? json{{"pending", 0}} : unitCounters();
        status = bridgeStatus();
        const json& store = status.at("store");
        return unit.at("pending") == 0 && store.at("inbox_open") == 0 && store.at("outbox_open") == 0;
      },
      guard);
  if (!settled) fail("work is left: " + unit.dump() + status.dump(), _bridge.get());
}

void Chain::expectOneEchoEach() {
  awaitQuiet();
  awaitSettled();
  const History history(*this);
  std::string why;
  EXPECT_TRUE(history.oneEchoEach(why)) << why;
  const json counters = bridgeStatus().at("counters");
  for (const char* none : {"failed", "unknown", "late", "dead", "apologies", "refused"})
    EXPECT_EQ(counters.at(none), 0) << none << " in " << counters;
  for (const char* each : {"events", "answered", "sent"})
    EXPECT_EQ(counters.at(each), history.answered()) << each << " in " << counters;
}

void Chain::copyFolder(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(folder.file(to));
  std::filesystem::create_directory(folder.file(to));
  std::filesystem::permissions(folder.file(to), std::filesystem::perms::owner_all);
  for (const auto& entry : std::filesystem::directory_iterator(folder.file(from)))
    if (entry.is_regular_file())  // not the control socket
      std::filesystem::copy_file(entry.path(), folder.file(to + "/" + entry.path().filename().string()));
}

}  // namespace tsunagi::test
