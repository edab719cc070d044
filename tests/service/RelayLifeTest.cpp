#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <regex>
#include <thread>

#include "base/NamedThread.h"
#include "base/UniqueFd.h"
#include "tests/service/RelayBench.h"
#include "tests/service/RelayLinkPeer.h"
#include "tests/support/RawSocket.h"
#include "tests/support/TestCa.h"

namespace tsunagi::test {
namespace {

class RelayLife : public ::testing::Test, protected RelayBench {
 protected:
  // Starts expecting the end: one line on stderr with this text, and this exit code.
  void expectRefusal(int code, const std::string& text) {
    const ProcessResult result = runProcess(programPath("tsunagi-relay"), {.arguments = arguments()});
    EXPECT_EQ(result.status.code, code) << result.error;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(folder.exists("endpoints"));
  }

  // How a relay is started that inherits this listening socket as from a service manager.
  Process::Options handedOver(const UniqueFd& listening) {
    std::string command = "exec 3<&" + std::to_string(listening.get()) + "; LISTEN_PID=$$ LISTEN_FDS=1 exec " +
                          programPath("tsunagi-relay");
    for (const std::string& argument : arguments()) command += " '" + argument + "'";
    return {.arguments = {"-c", command}};
  }
  void startUnder(const UniqueFd& listening) {
    relay = std::make_unique<Process>("/bin/sh", handedOver(listening));
    relay->waitForLine("started with");
  }
};

// Posts webhooks to a unit, their numbers from 0, one after another until it is stopped or one is not answered 200.
class Poster {
 public:
  Poster(const RelayBench& relay, std::string unit)
      : _relay(relay), _unit(std::move(unit)), _thread("poster", [this] { run(); }) {}
  ~Poster() { stop(); }
  size_t answered() const { return _answered; }
  bool failed() const { return _failed; }
  bool awaitMore() const {
    const size_t before = _answered;
    return eventually([&] { return _answered > before + 10 || _failed; });
  }
  // What went wrong, "" = nothing.
  std::string stop() {
    _stop = true;
    _thread.join();
    return _trouble;
  }

 private:
  void run() {
    while (!_stop && !_failed) {
      const net::HttpResult result = _relay.webhook(_unit, std::to_string(_answered));
      if (result.ok() && result.status == 200) {
        ++_answered;
        continue;
      }
      _trouble = result.error + " status " + std::to_string(result.status);
      _failed = true;
    }
  }
  const RelayBench& _relay;
  const std::string _unit;
  std::atomic<size_t> _answered{0};
  std::atomic<bool> _stop{false}, _failed{false};
  std::string _trouble;  // the thread's until it is joined
  NamedThread _thread;
};

// A socket that listens on this IPv4 address, port of the kernel's choice.
UniqueFd listenOn(in_addr_t host) {
  UniqueFd listening(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  if (::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening.get(), 1000) != 0)
    throw std::runtime_error("cannot listen");
  return listening;
}

TEST_F(RelayLife, TellsWhereItListensAndTakesItBackAtTheEnd) {
  start();
  EXPECT_EQ(nlohmann::json::parse(folder.read("data/endpoints.json")), nlohmann::json::parse(folder.read("endpoints")));
  EXPECT_EQ(relay->stop().code, 0);
  EXPECT_FALSE(folder.exists("data/endpoints.json"));
  EXPECT_FALSE(folder.exists("endpoints"));
}

TEST_F(RelayLife, SigtermEndsWithZeroAndKeepsEverything) {
  start();
  const std::string unit = addUnit().at("unit");
  std::atomic<uint64_t> answered{0}, broken{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> senders;
  for (int i = 0; i < 3; ++i)
    senders.emplace_back([&] {
      while (!stop) {
        const net::HttpResult result = webhook(unit, "{}");
        if (result.ok() && result.status == 200)
          ++answered;
        else if (result.outcome == net::HttpResult::Outcome::Ambiguous)
          ++broken;
      }
    });
  EXPECT_TRUE(eventually([&] { return answered > 30; }));
  const ExitStatus status = relay->stop();
  stop = true;
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(status.code, 0);
  // What is left from an ambiguous request may have been stored; what was answered must have been.
  const uint64_t stored = json({"unit", "show", unit}).at("stored_total");
  EXPECT_GE(stored, answered);
  EXPECT_LE(stored, answered + broken);
}

TEST_F(RelayLife, UnderAHeldListenerNoWebhookIsRefusedWhileOneRelayFollowsAnother) {
  const UniqueFd held = listenOn(INADDR_LOOPBACK);
  startUnder(held);
  readEndpoints();
  EXPECT_NE(relay->standardError().find("public listener on " + listener), std::string::npos);
  const std::string unit = addUnit().at("unit");
  Poster poster(*this, unit);
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(poster.awaitMore());
    EXPECT_EQ(relay->stop().code, 0);
    startUnder(held);
  }
  EXPECT_TRUE(poster.awaitMore());
  EXPECT_EQ(poster.stop(), "");
  EXPECT_EQ(json({"unit", "show", unit}).at("stored_total"), poster.answered());
}

TEST_F(RelayLife, UnderAHeldListenerTheLinkComesBackAndEveryWebhookIsBroughtOnceAndInOrder) {
  const UniqueFd held = listenOn(INADDR_LOOPBACK);
  startUnder(held);
  readEndpoints();
  const auto unit = addUnit();
  const std::string id = unit.at("unit");
  link::LinkOptions options;
  options.url = "ws://" + listener + "/gmk";
  options.unit = id;
  options.token = SecretString(unit.at("token").get<std::string>());
  options.instance = "box";
  RelayLinkPeer bridge(options);
  ASSERT_TRUE(eventually([&] { return bridge.connected(); }));

  Poster poster(*this, id);
  const auto moreCome = [&] {
    const size_t brought = bridge.bodies().size();
    return poster.awaitMore() && eventually([&] { return poster.failed() || bridge.bodies().size() > brought + 10; });
  };
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(moreCome());
    const size_t before = poster.answered();
    EXPECT_GT(before, 10u);
    const int welcomes = bridge.welcomes();
    EXPECT_EQ(relay->stop().code, 0);
    startUnder(held);
    EXPECT_TRUE(eventually([&] { return poster.failed() || poster.answered() > before; }));
    EXPECT_TRUE(eventually([&] { return bridge.connected() && bridge.welcomes() > welcomes; }));
  }
  EXPECT_TRUE(moreCome());
  EXPECT_EQ(poster.stop(), "");
  std::vector<std::string> expected;
  for (size_t i = 0; i < poster.answered(); ++i) expected.push_back(std::to_string(i));
  EXPECT_TRUE(bridge.awaitBodies(expected.size()));
  EXPECT_TRUE(eventually([&] { return json({"unit", "show", id}).at("pending") == 0; }));
  EXPECT_EQ(bridge.bodies(), expected);
  EXPECT_EQ(bridge.resyncs(), 0);
  EXPECT_EQ(bridge.gaps(), 0);
  const auto books = json({"unit", "show", id});
  EXPECT_EQ(books.at("stored_total"), expected.size());
  EXPECT_EQ(books.at("acknowledged_total"), expected.size());
  EXPECT_EQ(books.at("connected"), true);
}

TEST_F(RelayLife, APlainSocketHandedOverOnAPublicAddressIsRefusedLikeOneOfTheFile) {
  const UniqueFd open = listenOn(INADDR_ANY);
  const ProcessResult refused = runProcess("/bin/sh", handedOver(open));
  EXPECT_EQ(refused.status.code, 78) << refused.error;
  EXPECT_NE(refused.error.find("handed over by the service manager, 0.0.0.0:"), std::string::npos) << refused.error;
  EXPECT_NE(refused.error.find("a plain listener on a public address; set tls_certificate"), std::string::npos);
  EXPECT_FALSE(folder.exists("endpoints"));

  ini["relay"]["behind_proxy"] = "yes";
  relay = std::make_unique<Process>("/bin/sh", handedOver(open));
  relay->waitForLine("started with");
  EXPECT_EQ(relay->stop().code, 0);
  ini["relay"].erase("behind_proxy");

  const TestCa::Leaf leaf = TestCa(folder.file("ca")).issue({.ips = {"127.0.0.1"}});
  ini["relay"]["tls_certificate"] = leaf.certificateFile;
  ini["relay"]["tls_key"] = leaf.keyFile;
  relay = std::make_unique<Process>("/bin/sh", handedOver(open));
  relay->waitForLine("started with");
  EXPECT_EQ(relay->stop().code, 0);
}

TEST_F(RelayLife, ConnectionsAreHeldBelowTheLimitOfOpenFiles) {
  ini["limits"]["head_deadline"] = "10m";
  relay = std::make_unique<Process>(programPath("tsunagi-relay"),
                                    Process::Options{.arguments = arguments(), .descriptors = 1540});
  const std::string warned = relay->waitForLine("[limits] connections = 18500 needs a limit of 20000 open files");
  EXPECT_NE(warned.find("it is 1540"), std::string::npos) << warned;
  EXPECT_NE(warned.find("at most 40 are taken"), std::string::npos) << warned;
  EXPECT_NE(warned.find("LimitNOFILE"), std::string::npos) << warned;
  relay->waitForLine("started with");
  readEndpoints();
  const auto port = static_cast<uint16_t>(std::stoi(listener.substr(listener.rfind(':') + 1)));
  std::vector<RawSocket> held;
  for (int i = 0; i < 45; ++i) held.push_back(RawSocket::connect(port));
  ASSERT_TRUE(eventually([&] {
    const std::string page = request("GET", admin, "/metrics").body;
    return page.find("\ntsunagi_relay_http_connections_open 40\n") != std::string::npos &&
           page.find("\ntsunagi_relay_http_accept_pauses_total 0\n") == std::string::npos;
  }));
  // Who waits in the kernel's queue is served as soon as others go.
  held.back().send("GET /gmk/x/webhook HTTP/1.1\r\nHost: localhost\r\n\r\n");
  held.erase(held.begin(), held.begin() + 10);
  EXPECT_EQ(held.back().readAnswer().status, 405);
}

TEST_F(RelayLife, MetricsAreWellFormedAndNameNoUnit) {
  start();
  const auto unit = addUnit();
  const std::string id = unit.at("unit");
  EXPECT_EQ(webhook(id, "{}").status, 200);
  const net::HttpResult page = request("GET", admin, "/metrics");
  ASSERT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("\ntsunagi_relay_events_stored_total 1\n"), std::string::npos) << page.body;
  EXPECT_NE(page.body.find("\ntsunagi_relay_units_unbalanced 0\n"), std::string::npos);
  EXPECT_NE(page.body.find("\ntsunagi_relay_webhooks_total{answer=\"stored\"} 1\n"), std::string::npos);
  EXPECT_EQ(page.body.find(id), std::string::npos);
  EXPECT_EQ(page.body.find("gmk"), std::string::npos);
  const std::regex form(
      "# (HELP|TYPE) tsunagi_relay_[a-z_]+ .+|"
      "tsunagi_relay_[a-z_]+(\\{[a-z]+=\"([a-z_]+|[1-5]xx|[0-9.]+|\\+Inf)\"\\})? [0-9.e+-]+");
  std::istringstream lines(page.body);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(std::regex_match(line, form)) << line;
  // None of it on the public listener, and nothing for foreign names.
  EXPECT_EQ(request("GET", listener, "/metrics").status, 404);
  net::HttpHeaders foreign;
  foreign.add("Host", "evil.example");
  EXPECT_EQ(request("GET", admin, "/metrics", foreign).status, 421);
}

TEST_F(RelayLife, MetricsTellHowListenerStoreAndLinksAre) {
  start();
  const auto unit = addUnit();
  const std::string id = unit.at("unit");
  EXPECT_EQ(metric("events_oldest_pending_seconds"), 0);
  EXPECT_EQ(webhook(id, "{}").status, 200);
  EXPECT_EQ(webhook(id, "{}").status, 200);
  EXPECT_EQ(webhook("nobody", "{}").status, 404);
  EXPECT_EQ(metric("http_answers_total{class=\"2xx\"}"), 2);
  EXPECT_EQ(metric("http_answers_total{class=\"4xx\"}"), 1);
  EXPECT_EQ(metric("webhook_store_seconds_count"), 2);
  EXPECT_EQ(metric("webhook_store_seconds_bucket{le=\"+Inf\"}"), 2);
  EXPECT_GT(metric("webhook_store_seconds_sum"), 0);
  EXPECT_GT(metric("spool_wal_bytes"), 0);
  EXPECT_EQ(metric("spool_waiting"), 0);
  EXPECT_GT(metric("http_connections_max"), 0);
  EXPECT_EQ(metric("events_pending"), 2);
  EXPECT_TRUE(eventually([&] { return metric("events_oldest_pending_seconds") > 0; }));

  link::LinkOptions options;
  options.url = "ws://" + listener + "/gmk";
  options.unit = id;
  options.token = SecretString(unit.at("token").get<std::string>());
  RelayLinkPeer bridge(options);
  EXPECT_TRUE(eventually([&] { return metric("events_acknowledged_total") == 2; }));
  EXPECT_EQ(metric("events_oldest_pending_seconds"), 0);
  EXPECT_EQ(metric("http_answers_total{class=\"1xx\"}"), 1);
  EXPECT_EQ(metric("link_requests_total{answer=\"accepted\"}"), 1);
  EXPECT_EQ(metric("links_open"), 1);
  EXPECT_EQ(metric("events_sent_total"), 2);
  EXPECT_GE(metric("link_acks_total"), 1);
  EXPECT_EQ(metric("link_ignored_total"), 0);

  const std::string other = addUnit().at("unit");
  EXPECT_EQ(webhook(other, "four").status, 200);
  EXPECT_EQ(cli({"unit", "remove", other}).status.code, 0);
  EXPECT_EQ(metric("dead_letters"), 1);
  EXPECT_EQ(metric("dead_letters_bytes"), 4);
}

TEST_F(RelayLife, TheAdminListenerCanBeOff) {
  ini["admin"]["listen"] = "off";
  start();
  EXPECT_EQ(admin, "");
  EXPECT_EQ(addUnit().at("fleet"), "gmk") << "the control socket is there";
}

TEST_F(RelayLife, BadSettingsAreNamedWithFileLineAndKey) {
  ini["relay"]["listen"] = "0.0.0.0:0";
  ini["relay"]["public_url"] = "https://relay.example.com";
  expectRefusal(78, "[relay] listen: a plain listener on a public address");
  ini["relay"]["behind_proxy"] = "yes";
  ini["relay"]["public_url"] = "https://relay.example.com/path";
  expectRefusal(78, "[relay] public_url: must have no path");
  ini["relay"].erase("public_url");
  expectRefusal(78, "[relay] public_url: is needed");
  ini["relay"]["listen"] = "127.0.0.1:0";
  ini["relay"]["tls_key"] = "key.pem";
  expectRefusal(78, "tls_certificate and tls_key go together");
  ini["relay"]["tls_certificate"] = "missing.pem";
  expectRefusal(78, "missing.pem");
  ini["relay"].erase("tls_key");
  ini["relay"].erase("tls_certificate");
  ini["admin"]["listen"] = "0.0.0.0:0";
  expectRefusal(78, "[admin] listen: must be a loopback address");
  ini["admin"]["listen"] = "127.0.0.1:0";
  ini["limits"]["max_body"] = "3MiB";
  expectRefusal(78, "[limits] max_body");
  ini["limits"].erase("max_body");
  ini["limits"]["max_bodi"] = "1MiB";
  expectRefusal(78, "did you mean max_body?");
}

TEST_F(RelayLife, AnAddressInUseIsNamed) {
  start();
  RelayBench other;
  other.ini["relay"]["listen"] = listener;
  const ProcessResult result = runProcess(programPath("tsunagi-relay"), {.arguments = other.arguments()});
  EXPECT_EQ(result.status.code, 69) << result.error;
  EXPECT_NE(result.error.find(listener), std::string::npos) << result.error;
}

TEST_F(RelayLife, AFolderThatCannotBeUsedIsNamed) {
  ini["relay"]["data_dir"] = folder.write("plain-file", "x");
  expectRefusal(78, "plain-file is not a folder");
  ini["relay"]["data_dir"] = folder.file("no/such/parent");
  expectRefusal(78, "no/such/parent");
}

TEST_F(RelayLife, ABadEditKeepsTheSettingsInUse) {
  start();
  const std::string unit = addUnit().at("unit");
  ini["limits"]["backlog_events"] = "zero";
  writeIni();
  relay->signal(SIGHUP);
  relay->waitForLine("the settings in use stay");
  EXPECT_EQ(webhook(unit, "{}").status, 200);
}

TEST_F(RelayLife, TheSampleConfigurationKnowsEveryKeyItNames) {
  std::ifstream sample(std::string(TSUNAGI_TEST_DATA_DIR) + "/../../etc/relay.ini");
  ASSERT_TRUE(sample);
  std::string text;
  size_t keys = 0;
  const std::regex commented("#([a-z_]+ =.*)");
  for (std::string line; std::getline(sample, line);) {
    std::smatch match;
    const bool key = std::regex_match(line, match, commented);
    keys += key;
    text += (key ? match[1].str() : line) + "\n";
  }
  EXPECT_GT(keys, 20u);
  const ProcessResult result =
      runProcess(programPath("tsunagi-relay"), {.arguments = {"--config", folder.write("all.ini", text), "--check"}});
  EXPECT_EQ(result.status.code, 0) << result.error;
}

}  // namespace
}  // namespace tsunagi::test
