#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/Encoding.h"
#include "chat/Intake.h"
#include "chat/Lanes.h"
#include "chat/TurnRunner.h"
#include "store/StoreFile.h"
#include "store/Tables.h"

namespace tsunagi::chat::test {

inline std::string text(const std::string& words) { return line::textMessagesJson({words}); }

// LINE as a script: each call takes the next result, Delivered when the script is over.
class FakeLine : public MessageSender {
 public:
  line::SendResult reply(std::string_view token, std::string_view messages) override {
    calls.emplace_back(std::string(token), std::string(messages));
    if (onCall) onCall();
    line::SendResult result;
    result.kind = line::SendResult::Kind::Delivered;
    if (!script.empty()) {
      result.kind = script.front();
      script.pop_front();
    }
    return result;
  }
  line::SendResult push(std::string_view to, std::string_view messages, std::string_view key) override {
    pushes.push_back({std::string(to), std::string(messages), std::string(key)});
    return reply("push", messages);
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const auto& call : calls) all.push_back(call.second);
    return all;
  }

  std::deque<line::SendResult::Kind> script;
  std::vector<std::pair<std::string, std::string>> calls;
  struct Push {
    std::string to, messages, key;
  };
  std::vector<Push> pushes;
  std::function<void()> onCall;
};

// What LINE tells beside sending; it has no limit of messages unless the test sets one.
class FakeApi : public ChannelApi {
 public:
  std::optional<store::Profile> senderProfile(const line::EventSource&) override { return std::nullopt; }
  std::optional<GroupProfile> groupProfile(std::string_view, bool) override { return group; }
  void startLoading(std::string_view, int) override {}
  void markAsRead(std::string_view) override {}
  std::optional<Quota> quota() override {
    ++quotaAsked;
    return month;
  }
  std::optional<Bot> bot() override { return std::nullopt; }

  std::optional<GroupProfile> group;
  std::optional<Quota> month = Quota{};
  int quotaAsked = 0;
};

// A responder that answers "echo: <text>", or what `answer` says.
class FakeResponder : public AnswerSource {
 public:
  std::unique_ptr<AnswerCall> begin() override { return std::make_unique<Call>(*this); }

  std::vector<responder::ChatRequest> requests;
  std::function<responder::ChatOutcome(const responder::ChatRequest&)> answer;
  std::function<void()> onCancel;

  static responder::ChatOutcome ok(const std::string& words) {
    responder::ChatOutcome outcome;
    outcome.ok = true;
    outcome.code = responder::ChatOutcome::Code::Ok;
    outcome.text = words;
    return outcome;
  }
  static responder::ChatOutcome failed(responder::ChatOutcome::Code code) {
    responder::ChatOutcome outcome;
    outcome.code = code;
    return outcome;
  }

 private:
  class Call : public AnswerCall {
   public:
    explicit Call(FakeResponder& owner) : _owner(owner) {}
    responder::ChatOutcome run(const responder::ChatRequest& request) override {
      _owner.requests.push_back(request);
      if (_owner.answer) return _owner.answer(request);
      return ok("echo: " + request.messages.back().parts.back().data);
    }
    void cancel() override {
      if (_owner.onCancel) _owner.onCancel();
    }

   private:
    FakeResponder& _owner;
  };
};

struct FakeUplink : LinkUplink {
  void committed(const std::string& epoch, uint64_t seq, const std::string& id) override {
    said.push_back("ack " + epoch + " " + std::to_string(seq) + " " + id);
  }
  void refuse(const std::string& epoch, uint64_t seq, const std::string& code, const std::string&) override {
    said.push_back("nack " + epoch + " " + std::to_string(seq) + " " + code);
  }
  std::vector<std::string> said;
};

// A whole bridge without threads, sockets and real time: webhooks go in by receive() or post(), run() does all the work
// there is, `line` and `responder` are what it talks to. restart() is a crash: only the store's file survives.
class ChatTest : public testing::Test {
 protected:
  ChatTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tsunagi-chat-XXXXXX").string();
    _folder = ::mkdtemp(pattern.data());
    configure("secret");
    boot();
  }
  ~ChatTest() override {
    shut();
    std::filesystem::remove_all(_folder);
  }

  void shut() {
    _intake.reset();
    _lanes.reset();
    _turns.reset();
    if (_notifier) _notifier->stop();
    _desk.reset();
    _notifier.reset();
    _calls.reset();
    _store.reset();
  }
  void boot() {
    _file.reset();
    _file = std::make_unique<store::StoreFile>(_folder + "/bridge.db", _clock);
    _store = std::make_unique<store::Tables>(*_file);
    _calls = std::make_unique<RunningCalls>();
    _notifier = std::make_unique<notify::Notifier>(
        _folder + "/notices.json", [this] { return dayOf(_clock.wallMs(), 0); }, _clock);
    _desk = std::make_unique<OwnerDesk>(*_notifier);
    _turns = std::make_unique<TurnRunner>(*_store, _settings, *_calls, _stop, *_desk, _clock,
                                          TurnRunner::Hooks{[this] { return _clockView; }, [] {}});
    _lanes = std::make_unique<Lanes>(*_turns, _clock);
    _lanes->add(_store->events.openEntries());
    Intake::Hooks hooks;
    hooks.tellOwner = [this](OwnerCause cause, const std::string& detail) { _desk->tell(cause, "", detail); };
    _intake = std::make_unique<Intake>(_store->events, _settings, *_lanes, _clock, std::move(hooks));
    _intake->attach(_uplink);
  }
  void restart() {
    shut();
    boot();
  }

  // An empty secret or sender means unset.
  void configure(const std::string& secret, bool token = true, bool responder = true) {
    auto settings = std::make_shared<ChatSettings>();
    ChannelSettings channel;
    channel.name = "line";
    if (!secret.empty()) channel.secrets.push_back(verifyingSecret(SecretString(secret)));
    if (token) channel.sender = _line;
    if (token) channel.api = _api;
    settings->channels.push_back(channel);
    if (responder) settings->responders.push_back({"home", store::Role::Guest, _responder});
    settings->language = Language::English;
    settings->access.everyone = true;
    settings->access.perUser.events = settings->access.perGroup.events = 0;
    settings->reply.merge = false;
    if (change) change(*settings);
    _settings.set(settings);
    if (_intake) _intake->settingsChanged();
    if (_lanes) _lanes->settingsChanged();
  }

  // LINE's form of an id for a short name: 'U' and 32 hex digits.
  static std::string lineId(char kind, const std::string& name) {
    std::string digits = toHex(name).substr(0, 32);
    return kind + std::string(32 - digits.size(), '0') + digits;
  }
  static std::string messageId(const std::string& eventId) { return std::to_string(std::hash<std::string>()(eventId)); }
  static nlohmann::json event(const std::string& id, const std::string& user, const std::string& words) {
    return {{"type", "message"},
            {"mode", "active"},
            {"timestamp", 1},
            {"webhookEventId", id},
            {"deliveryContext", {{"isRedelivery", false}}},
            {"replyToken", "token-" + id},
            {"source", {{"type", "user"}, {"userId", lineId('U', user)}}},
            {"message", {{"id", messageId(id)}, {"type", "text"}, {"text", words}}}};
  }
  static std::string body(std::vector<nlohmann::json> events, const std::string& bot = "Ubot") {
    return nlohmann::json{{"destination", bot}, {"events", std::move(events)}}.dump();
  }
  static std::string sign(const std::string& bytes, const std::string& secret = "secret") {
    return line::SignatureVerifier(SecretString(secret)).sign(bytes);
  }
  link::ReceivedEvent arrival(uint64_t seq, const std::string& bytes, const std::string& secret = "secret") {
    link::ReceivedEvent e;
    e.epoch = "e1";
    e.seq = seq;
    e.id = "id" + std::to_string(seq);
    e.headers = {{"x-line-signature", sign(bytes, secret)}};
    e.body = bytes;
    e.receivedSteadyMs = _clock.steadyMs();
    return e;
  }
  void receive(uint64_t seq, const std::string& bytes, const std::string& secret = "secret") {
    _intake->onEvents({arrival(seq, bytes, secret)});
  }
  int post(const std::string& bytes, const std::string& signature) {
    int answered = 0;
    _intake->direct({signature, bytes, [&](int status) { answered = status; }});
    _intake->step();
    return answered;
  }
  void run() {
    while (_intake->step()) {
    }
    _lanes->runReady();
  }
  std::string cell(const std::string& statement);
  std::function<void(ChatSettings&)> change;  // what configure() does beside

  ManualClock _clock;
  std::string _folder;
  CurrentSettings _settings;
  std::shared_ptr<FakeLine> _line = std::make_shared<FakeLine>();
  std::shared_ptr<FakeApi> _api = std::make_shared<FakeApi>();
  std::shared_ptr<FakeResponder> _responder = std::make_shared<FakeResponder>();
  FakeUplink _uplink;
  StopSignal _stop;
  std::unique_ptr<store::StoreFile> _file;
  std::unique_ptr<store::Tables> _store;
  ClockView _clockView;
  std::unique_ptr<notify::Notifier> _notifier;
  std::unique_ptr<OwnerDesk> _desk;
  std::unique_ptr<RunningCalls> _calls;
  std::unique_ptr<TurnRunner> _turns;
  std::unique_ptr<Lanes> _lanes;
  std::unique_ptr<Intake> _intake;
};

}  // namespace tsunagi::chat::test
