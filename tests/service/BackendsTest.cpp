// What people see of the model's servers: their answers, and one sentence when there is none.
#include "Talk.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/ScriptedBackend.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* CHAT = "POST /v1/chat/completions";
constexpr const char* ANSWER = "The **answer** is 42.";

class Backends : public testing::Test {
 protected:
  void use(const std::string& plugin, std::map<std::string, std::string> keys = {}) {
    keys["plugin"] = plugin;
    keys.emplace("min_role", "guest");
    keys.emplace("base_url", _backend.url() + (plugin == "openai" ? "/v1" : ""));
    _talk.ini["responder.main"] = std::move(keys);
  }
  std::string say(const std::string& text) { return _talk.ask("alice", text); }

  ScriptedBackend _backend;
  Talk _talk;
};

TEST_F(Backends, EachPluginAnswers) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion(ANSWER))});
  use("ollama", {{"model", "small"}});
  _talk.start();
  EXPECT_EQ(say("by ollama"), "The answer is 42.");
  use("lmstudio");
  _talk.rewriteBridgeIni();
  EXPECT_EQ(say("by lmstudio"), "The answer is 42.");
  use("openai", {{"profile", "llama-server"}});
  _talk.rewriteBridgeIni();
  EXPECT_EQ(say("by openai"), "The answer is 42.");
  const auto asked = _backend.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_THAT(asked[0].body, HasSubstr("by ollama"));
  EXPECT_THAT(asked[2].body, HasSubstr("by openai"));
}

TEST_F(Backends, OpenClawIsForOwnersUnlessSaidOtherwise) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion(ANSWER))});
  use("openclaw", {{"agent", "line"}});
  // Chains let guests in; here the plugin's own rule counts.
  _talk.ini["responder.main"]["min_role"] = "";
  _talk.start();
  EXPECT_THAT(say("hello"), Not(HasSubstr("42"))) << "a guest";
  _talk.know("alice", Talk::Role::member);
  EXPECT_THAT(say("hello"), Not(HasSubstr("42"))) << "a member";
  EXPECT_TRUE(_backend.asked().empty()) << "whoever may not use it costs it nothing";
  _talk.know("alice", Talk::Role::owner);
  EXPECT_EQ(say("hello"), "The answer is 42.");
  EXPECT_EQ(_backend.asked().size(), 1u);
}

TEST_F(Backends, OneSentenceForEachTroubleAndTheNextMessageWorks) {
  using End = ScriptedBackend::Answer::End;
  const std::string half = "data: {\"choices\":[{\"delta\":{\"content\":\"half of it\"}}]}\n\n";
  const std::vector<ScriptedBackend::Answer> troubles = {
      ScriptedBackend::whole(500, "application/json", R"({"error":{"message":"canary-error"}})"),
      ScriptedBackend::whole(429, "application/json", R"({"error":{"message":"canary-error"}})", "Retry-After: 3\r\n"),
      ScriptedBackend::whole(401, "application/json", R"({"error":{"message":"canary-error"}})"),
      ScriptedBackend::events(half + "data: {\"error\":{\"message\":\"canary-error\"}}\n\n"),
      ScriptedBackend::events(half, End::Reset),
      ScriptedBackend::events(ScriptedBackend::completion("")),
      ScriptedBackend::whole(200, "text/html", "<html><title>canary-error</title>")};
  use("openai");
  _talk.start();
  for (size_t i = 0; i < troubles.size(); ++i) {
    _backend.on(CHAT, {troubles[i], ScriptedBackend::events(ScriptedBackend::completion("better"))});
    const auto sentence = _talk.said(_talk.send("alice", "question " + std::to_string(i)));
    ASSERT_EQ(sentence.size(), 1u) << i;
    EXPECT_THAT(sentence[0], Not(HasSubstr("canary-error"))) << "what the backend says is for the operator";
    EXPECT_THAT(sentence[0], Not(HasSubstr("half"))) << "nor half an answer";
    EXPECT_EQ(say("again"), "better") << i;
  }
}

TEST_F(Backends, TheKeyStaysBetweenBridgeAndBackend) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("fine"))});
  _talk.folder.write("key", "canary-k3y\n");
  std::filesystem::permissions(_talk.folder.file("key"), std::filesystem::perms::owner_read);
  use("openai", {{"api_key_file", _talk.folder.file("key")}});
  _talk.start();
  EXPECT_EQ(say("hello"), "fine");
  EXPECT_EQ(_backend.asked().at(0).headers.at("authorization"), "Bearer canary-k3y");
  EXPECT_THAT(_talk.bridge().standardError() + _talk.bridge().standardOutput(), Not(HasSubstr("canary-k3y")));
}

TEST_F(Backends, AWrongKeyOfTheFileIsToldWithItsLine) {
  use("ollama", {{"model", "small"}, {"num_ctx", "8192"}});
  _talk.startLinesim();
  _talk.ini["direct"]["listen"] = "127.0.0.1:0";
  _talk.rewriteBridgeIni();
  const ProcessResult checked = _talk.bridgeCommand({"--check", "--plugin-dir", pluginFolder()});
  EXPECT_EQ(checked.status.code, 78);
  EXPECT_THAT(checked.output + checked.error, HasSubstr("num_ctx is not taken by Ollama's OpenAI API"));
  EXPECT_THAT(checked.output + checked.error, HasSubstr("bridge.ini:"));
}

}  // namespace
}  // namespace tsunagi::test
