#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/SecretString.h"
#include "line/Events.h"
#include "line/MessagingApi.h"
#include "line/Signature.h"
#include "net/EventLoop.h"
#include "net/HttpClient.h"
#include "net/HttpServer.h"
#include "tests/support/Eventually.h"
#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::test {

using nlohmann::json;
using Kind = line::SendResult::Kind;

// A bot's webhook: keeps what came, answers with the next status of its script, then 200.
class Bot {
 public:
  Bot() : _server({&_loop}, {}) {
    _server.route("POST", "/webhook",
                  [this](net::HttpRequest request, const net::PathParameters&, net::HttpReply reply) {
                    const std::lock_guard lock(_mutex);
                    _requests.push_back(std::move(request));
                    const int status = _script.empty() ? 200 : _script.front();
                    if (!_script.empty()) _script.pop_front();
                    reply.send(net::HttpResponse::text(status, ""));
                    _came.notify_all();
                  });
    _loop.start();
    _address = _server.listen({"127.0.0.1", 0, ""}).value();
  }
  ~Bot() {
    _server.stop(0);
    _loop.stop();
  }
  std::string url() const { return "http://" + _address.text() + "/webhook"; }
  void answerNext(std::deque<int> statuses) {
    const std::lock_guard lock(_mutex);
    _script = std::move(statuses);
  }
  // The webhook number index, from 0, waited for.
  net::HttpRequest request(size_t index) {
    std::unique_lock lock(_mutex);
    if (!_came.wait_for(lock, HANG_GUARD, [&] { return _requests.size() > index; }))
      throw std::runtime_error("webhook " + std::to_string(index) + " never came");
    return _requests[index];
  }
  line::Event event(size_t index) { return line::parseWebhook(request(index).body).value().events.at(0); }

 private:
  net::EventLoop _loop{"bot"};
  net::HttpServer _server;
  net::ListenAddress _address;
  std::mutex _mutex;
  std::condition_variable _came;
  std::deque<int> _script;
  std::vector<net::HttpRequest> _requests;
};

inline std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// The simulator as a program, a bot it sends to, and a client of both its interfaces.
class LinesimFixture : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--data-dir", folder.file("data"), "--webhook-url", bot.url()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    linesim.emplace(programPath("tsunagi-linesim"), Process::Options{.arguments = arguments});
    const std::string endpoints = folder.file("data") + "/endpoints.json";
    ASSERT_TRUE(eventually([&] { return folder.exists("data/endpoints.json") || !linesim->running(); }));
    ASSERT_TRUE(linesim->running()) << linesim->standardError();
    base = "http://" + json::parse(folder.read("data/endpoints.json")).at("api").get<std::string>();
    api.emplace(client, line::ApiEndpoints{base, base}, SecretString(firstLine(folder.read("data/access-token"))));
  }

  net::HttpResult call(const std::string& method, const std::string& path, const std::string& body = {},
                       const net::HttpHeaders& headers = {}) {
    net::HttpCall request;
    request.method = method;
    request.url = net::Url::parse(base + path).value();
    request.headers = headers;
    if (!body.empty() && headers.count("Content-Type") == 0) request.headers.add("Content-Type", "application/json");
    request.body = body;
    return client.perform(request);
  }
  json control(const std::string& path, const json& body) {
    const net::HttpResult result = call("POST", "/control/" + path, body.dump());
    EXPECT_EQ(result.status, 200) << result.body << result.error;
    return json::parse(result.body, nullptr, false);
  }
  // GET of the control interface.
  json control(const std::string& path) { return json::parse(call("GET", "/control/" + path).body, nullptr, false); }
  net::HttpHeaders bearer() {
    net::HttpHeaders headers;
    headers.add("Authorization", "Bearer " + firstLine(folder.read("data/access-token")));
    return headers;
  }
  std::string write(const std::string& user, const std::string& text) {
    return control("messages", {{"user", user}, {"text", text}}).at("events").at(0);
  }
  line::SendResult reply(const line::Event& event, const std::string& text) {
    return api->reply(event.replyToken, line::textMessagesJson({text}));
  }

  TempFolder folder;
  Bot bot;
  net::HttpClient client{nullptr};
  std::optional<Process> linesim;
  std::string base;
  std::optional<line::MessagingApi> api;
};

}  // namespace tsunagi::test
