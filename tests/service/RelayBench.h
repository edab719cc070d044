#pragma once
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/Encoding.h"
#include "net/HttpClient.h"
#include "tests/support/Eventually.h"
#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {

// One tsunagi-relay on loopback in a folder of its own, driven by its command line and by requests.
class RelayBench {
 public:
  RelayBench() {
    ini["relay"] = {{"listen", "127.0.0.1:0"}, {"data_dir", folder.file("data")}, {"loops", "2"}};
    ini["admin"] = {{"listen", "127.0.0.1:0"}};
    ini["limits"] = {{"min_free", "0"}, {"goaway_wave", "0"}};
  }

  std::string writeIni() {
    std::string text;
    for (const auto& [section, keys] : ini) {
      text += "[" + section + "]\n";
      for (const auto& [key, value] : keys) text += key + " = " + value + "\n";
    }
    return folder.write("relay.ini", text);
  }

  std::vector<std::string> arguments() { return {"--config", writeIni(), "--endpoints", folder.file("endpoints")}; }

  void start() {
    relay = std::make_unique<Process>(programPath("tsunagi-relay"), Process::Options{.arguments = arguments()});
    relay->waitForLine("started with");
    readEndpoints();
  }

  void readEndpoints() {
    const nlohmann::json endpoints = nlohmann::json::parse(folder.read("endpoints"));
    listener = endpoints.at("public").get<std::string>();
    admin = endpoints.value("admin", "");
  }

  ProcessResult cli(std::vector<std::string> words) {
    words.insert(words.begin(), {"--config", writeIni()});
    return runProcess(programPath("tsunagi-relay"), {.arguments = std::move(words)});
  }

  nlohmann::json json(std::vector<std::string> words) {
    words.push_back("--json");
    const ProcessResult result = cli(std::move(words));
    if (result.status.code != 0) throw std::runtime_error("command failed: " + result.error);
    return nlohmann::json::parse(result.output);
  }

  nlohmann::json addUnit() { return json({"unit", "add", "--fleet", "gmk", "--name", "box"}); }

  static std::string signature() { return toBase64(std::string(32, 's')); }

  static net::HttpHeaders webhookHeaders() {
    net::HttpHeaders headers;
    headers.add("Content-Type", "application/json; charset=utf-8");
    headers.add("X-Line-Signature", signature());
    return headers;
  }

  net::HttpResult request(const std::string& method, const std::string& address, const std::string& target,
                          net::HttpHeaders headers = {}, std::string body = {}) const {
    net::HttpCall call;
    call.method = method;
    const bool secure = tls && address == listener;
    call.url = net::Url::parse((secure ? "https://" : "http://") + address + target).value();
    call.headers = std::move(headers);
    call.body = std::move(body);
    // Guards against a hang only.
    call.connectMs = call.idleMs = call.totalMs = 60'000;
    return net::HttpClient(secure ? tls : nullptr).perform(call);
  }

  net::HttpResult webhook(const std::string& unit, const std::string& body, const std::string& fleet = "gmk") const {
    return request("POST", listener, "/" + fleet + "/" + unit + "/webhook", webhookHeaders(), body);
  }

  // The value of a sample on /metrics, named without the prefix but with its label; throws when there is none.
  double metric(const std::string& sample) const {
    const std::string page = "\n" + request("GET", admin, "/metrics").body;
    const std::string name = "\ntsunagi_relay_" + sample + " ";
    const size_t found = page.find(name);
    if (found == std::string::npos) throw std::runtime_error("no metric " + sample + " in " + page);
    return std::stod(page.substr(found + name.size()));
  }

  TempFolder folder;
  std::map<std::string, std::map<std::string, std::string>> ini;
  std::unique_ptr<Process> relay;
  std::string listener, admin;
  std::shared_ptr<const net::TlsContext> tls;  // how requests reach the public listener when it speaks TLS
};

}  // namespace tsunagi::test
