#pragma once
#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "responder/Responder.h"
#include "responder/ResponderHost.h"

namespace tsunagi::responder {

constexpr int64_t kHangMs = 60'000;  // a guard against hanging, never a measure

// Keeps what is logged under "responder" and lets a test wait for a line.
class LogCatcher : public Poco::Channel {
 public:
  void log(const Poco::Message& message) override {
    const std::lock_guard lock(_mutex);
    _text += message.getSource() + ": " + message.getText() + "\n";
    _changed.notify_all();
  }
  std::string text() {
    const std::lock_guard lock(_mutex);
    return _text;
  }
  bool waitFor(const std::string& part) {
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, std::chrono::milliseconds(kHangMs),
                             [&] { return _text.find(part) != std::string::npos; });
  }

 private:
  std::mutex _mutex;
  std::condition_variable _changed;
  std::string _text;
};

class ResponderTest : public testing::Test {
 protected:
  ResponderTest() : _log(new LogCatcher) {
    Poco::Logger::root().setLevel(Poco::Message::PRIO_DEBUG);
    // Loggers copy the channel of their parent when they are made: set it on those that are there already as well.
    Poco::Logger::setChannel("", _log);
    Poco::Logger::setLevel("", Poco::Message::PRIO_DEBUG);
  }
  ~ResponderTest() override {
    EXPECT_TRUE(_host.shutdown(kHangMs));
    Poco::Logger::setChannel("", nullptr);
  }

  static ResponderSettings settings(const std::string& plugin, std::map<std::string, std::string> config = {}) {
    ResponderSettings settings;
    settings.name = "home";
    settings.plugin = plugin;
    settings.config = std::move(config);
    return settings;
  }
  std::shared_ptr<Responder> make(const ResponderSettings& wanted) {
    auto created = Responder::create(_host, wanted);
    for (const auto& problem : created.problems) ADD_FAILURE() << problem.message;
    return created.responder;
  }
  std::shared_ptr<Responder> misbehaving(const std::string& how) {
    return make(settings("misbehaving", {{"how", how}}));
  }
  std::shared_ptr<Responder> echo(std::map<std::string, std::string> config = {}) {
    auto created = Responder::create(_echoHost, settings("echo", std::move(config)));
    for (const auto& problem : created.problems) ADD_FAILURE() << problem.message;
    return created.responder;
  }
  static ChatRequest ask(const std::string& text) {
    ChatRequest request;
    request.messages = {{ChatMessage::Role::User, {{ChatPart::Kind::Text, text, {}, {}}}}};
    return request;
  }
  // A chat from start to end on this thread.
  static ChatOutcome say(Responder& responder, const ChatRequest& request) {
    return responder.chat(responder.beginCall(), request, [](std::string_view) { return true; });
  }

  Poco::AutoPtr<LogCatcher> _log;
  ResponderHost _host{TSUNAGI_TEST_PLUGIN_DIR};
  ResponderHost _echoHost{TSUNAGI_PLUGIN_DIR};
};

}  // namespace tsunagi::responder
