// The shipped plugins against a server that says exactly what real ones were seen to say.
#include <gmock/gmock.h>

#include <future>
#include <nlohmann/json.hpp>

#include "Fixture.h"
#include "tests/support/ScriptedBackend.h"

namespace tsunagi::responder {
namespace {

using Code = ChatOutcome::Code;
using nlohmann::json;
using test::ScriptedBackend;
using testing::HasSubstr;
using testing::Not;

constexpr const char* CHAT = "POST /v1/chat/completions";

class PluginsTest : public ResponderTest {
 protected:
  std::shared_ptr<Responder> plugin(const std::string& name, std::map<std::string, std::string> config = {},
                                    std::map<std::string, SecretString> secrets = {}) {
    auto created = create(name, std::move(config), std::move(secrets));
    for (const auto& problem : created.problems) ADD_FAILURE() << problem.key << ": " << problem.message;
    return created.responder;
  }
  CreatedResponder create(const std::string& name, std::map<std::string, std::string> config = {},
                          std::map<std::string, SecretString> secrets = {}) {
    ResponderSettings wanted = settings(name, std::move(config));
    wanted.secrets = std::move(secrets);
    if (wanted.config.count("base_url") == 0)
      wanted.config["base_url"] = _backend.url() + (name == "openai" ? "/v1" : "");
    if (name == "ollama" && wanted.config.count("model") == 0) wanted.config["model"] = "small";
    if (name == "openclaw" && wanted.config.count("agent") == 0) wanted.config["agent"] = "line";
    return Responder::create(_echoHost, wanted);
  }
  std::string refusal(const std::string& name, std::map<std::string, std::string> config,
                      std::map<std::string, SecretString> secrets = {}) {
    const auto created = create(name, std::move(config), std::move(secrets));
    EXPECT_FALSE(created.responder) << name << " was made";
    return created.problems.empty() ? "" : created.problems[0].message;
  }
  HealthReport healthOf(Responder& responder) { return responder.health(responder.beginCall(), 0); }
  json bodyOf(size_t request) { return json::parse(_backend.asked().at(request).body); }

  ScriptedBackend _backend;
};

TEST_F(PluginsTest, EachOneStreamsAnAnswer) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("こんにちは🎉"))});
  for (const char* name : {"openai", "openclaw", "lmstudio", "ollama"}) {
    const auto responder = plugin(name);
    ASSERT_TRUE(responder);
    const auto outcome = say(*responder, ask("hi"));
    EXPECT_EQ(outcome.code, Code::Ok) << name << ": " << outcome.message;
    EXPECT_EQ(outcome.text, "こんにちは🎉");
    EXPECT_EQ(outcome.finish, ChatOutcome::kFinishStop);
    EXPECT_EQ(responder->counters().misbehaviours, 0u);
  }
}

TEST_F(PluginsTest, BytesMayBeCutAnywhere) {
  auto answer = ScriptedBackend::events(ScriptedBackend::completion("é🎉つ"));
  const auto responder = plugin("openai");
  for (const size_t size : {1, 2, 3, 5, 7, 11}) {
    answer.pieceSize = size;
    _backend.on(CHAT, {answer});
    EXPECT_EQ(say(*responder, ask("hi")).text, "é🎉つ") << size;
  }
  const std::string text = ScriptedBackend::completion("🎉");
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  _backend.on(CHAT, {ScriptedBackend::chunked(bytes)});
  EXPECT_EQ(say(*responder, ask("hi")).text, "🎉") << "a chunk for each byte";
}

TEST_F(PluginsTest, TroubleIsToldApart) {
  using End = ScriptedBackend::Answer::End;
  const std::string half =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"},\"finish_reason\":null}]}\n\n";
  struct Case {
    const char* what;
    ScriptedBackend::Answer answer;
    Code code;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"switched off", ScriptedBackend::whole(404, "text/plain", "Not Found"), Code::Invalid, "switched off"},
      {"no key", ScriptedBackend::whole(401, "application/json", R"({"error":{"message":"Unauthorized"}})"), Code::Auth,
       "check the key"},
      {"busy", ScriptedBackend::whole(429, "application/json", R"({"error":{"message":"slow"}})", "Retry-After: 7\r\n"),
       Code::RateLimited, "slow"},
      {"a page", ScriptedBackend::whole(502, "text/html", "<html><title>Bad Gateway</title>"), Code::Unavailable,
       "Bad Gateway"},
      {"a redirect", ScriptedBackend::whole(302, "text/plain", "", "Location: http://127.0.0.1:1/\r\n"), Code::Invalid,
       "redirects"},
      {"an error behind the output",
       ScriptedBackend::events(half +
                               "data: {\"error\":{\"code\":500,\"message\":\"boom\",\"type\":\"server_error\"}}\n\n"),
       Code::Unavailable, "boom"},
      {"an error, then DONE",
       ScriptedBackend::events(
           "data: {\"error\":{\"message\":\"429 x\",\"type\":\"rate_limit_error\"}}\n\ndata: [DONE]\n\n"),
       Code::RateLimited, "429 x"},
      {"an orderly end without a finish", ScriptedBackend::events(half), Code::BadReply, "without a finish reason"},
      {"cut in a chunk", ScriptedBackend::chunked({half}, false), Code::BadReply, ""},
      {"reset", ScriptedBackend::events(half, End::Reset), Code::BadReply, ""},
      {"a short body", {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"choices\""}, Code::BadReply, ""},
      {"an error in a 200",
       ScriptedBackend::whole(200, "application/json", R"x({"error":"Unexpected endpoint or method. (POST /x)"})x"),
       Code::Invalid, "base_url lacks its path"},
      {"no HTTP", {"SSH-2.0-OpenSSH_9.2\r\n"}, Code::Unavailable, ""},
      {"a line of 10 MB", ScriptedBackend::events("data: " + std::string(10'000'000, 'x')), Code::BadReply,
       "a line of more than"},
      {"nothing said", ScriptedBackend::events(ScriptedBackend::completion("")), Code::BadReply, "was empty"},
  };
  for (const char* name : {"openai", "openclaw", "lmstudio", "ollama"}) {
    const auto responder = plugin(name);
    for (const auto& one : cases) {
      _backend.on(CHAT, {one.answer});
      const auto outcome = say(*responder, ask("hi"));
      EXPECT_EQ(codeName(outcome.code), std::string(codeName(one.code)))
          << name << ", " << one.what << ": " << outcome.message;
      EXPECT_THAT(outcome.message, HasSubstr(one.message)) << name << ", " << one.what;
      EXPECT_EQ(outcome.retryAfterMs, one.code == Code::RateLimited && outcome.httpStatus == 429 ? 7000 : 0);
    }
    EXPECT_EQ(responder->counters().misbehaviours, 0u);
  }
}

TEST_F(PluginsTest, NobodyIsThere) {
  uint16_t port = 0;
  {
    test::RawListener gone;
    port = gone.port();
  }
  const auto responder = plugin("openai", {{"base_url", "http://127.0.0.1:" + std::to_string(port) + "/v1"}});
  EXPECT_EQ(say(*responder, ask("hi")).code, Code::Unavailable);
  const auto health = healthOf(*responder);
  EXPECT_EQ(health.state, HealthReport::State::Down) << health.detail;
}

TEST_F(PluginsTest, CancelIsHeardWhileTheBackendIsSilent) {
  using End = ScriptedBackend::Answer::End;
  const std::string role =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]}\n\n";
  const std::vector<ScriptedBackend::Answer> silences = {{"", End::Hold},
                                                         {"HTTP/1.1 200 OK\r\nContent-Type: text/e", End::Hold},
                                                         ScriptedBackend::events("", End::Hold),
                                                         ScriptedBackend::events(role, End::Hold)};
  const auto responder = plugin("openclaw");
  size_t count = 0;
  for (const auto& silence : silences) {
    _backend.on(CHAT, {silence});
    const CallHandle call(responder);
    auto outcome = std::async(std::launch::async, [&] { return responder->chat(call.id(), ask("hi"), nullptr); });
    ASSERT_TRUE(_backend.awaitAsked(++count));
    responder->cancel(call.id());
    EXPECT_EQ(outcome.get().code, Code::Cancelled);
    EXPECT_TRUE(_backend.awaitClosedByClient(count)) << "the backend hears it by the connection's end";
  }
}

TEST_F(PluginsTest, TheDeadlineEndsASilence) {
  _backend.on(CHAT, {ScriptedBackend::events("", ScriptedBackend::Answer::End::Hold)});
  const auto responder = plugin("ollama");
  ChatRequest request = ask("hi");
  request.deadlineSteadyMs = Clock::system().steadyMs() + 100;
  EXPECT_EQ(say(*responder, request).code, Code::Deadline);
  EXPECT_TRUE(_backend.awaitClosedByClient(1));
}

TEST_F(PluginsTest, KeysGoToTheBackendAndNowhereElse) {
  _backend.on(CHAT,
              {ScriptedBackend::events(ScriptedBackend::completion("a")),
               ScriptedBackend::whole(401, "application/json", R"({"error":{"message":"key canary-key is bad"}})")});
  const auto responder = plugin("openai", {}, {{"api_key", SecretString("canary-key")}});
  EXPECT_EQ(say(*responder, ask("hi")).text, "a");
  EXPECT_EQ(_backend.asked().at(0).headers.at("authorization"), "Bearer canary-key");
  EXPECT_THAT(say(*responder, ask("hi")).message, Not(HasSubstr("canary-key")));
  EXPECT_THAT(_log->text(), Not(HasSubstr("canary-key")));
  EXPECT_THAT(refusal("openai", {{"base_url", "http://192.0.2.1/v1"}}, {{"api_key", SecretString("canary-key")}}),
              HasSubstr("unencrypted"));
}

TEST_F(PluginsTest, OpenClawIsAskedForOneAgentAndTheNewTurnOnly) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("a"))});
  const auto responder = plugin("openclaw", {}, {{"gateway_token", SecretString("t0ken")}});
  ChatRequest request = ask("old");
  request.messages.insert(request.messages.begin(),
                          {ChatMessage::Role::System, {{ChatPart::Kind::Text, "sys", {}, {}}}});
  request.messages.push_back({ChatMessage::Role::Assistant, {{ChatPart::Kind::Text, "answer", {}, {}}}});
  request.messages.push_back({ChatMessage::Role::User, {{ChatPart::Kind::Text, "new", {}, {}}}});
  request.conversationId = "Ab-1";
  request.model = "gpt-4o";
  EXPECT_EQ(say(*responder, request).text, "a");
  const json body = bodyOf(0);
  EXPECT_EQ(body["model"], "openclaw/line");
  EXPECT_EQ(body["messages"], json::parse(R"([{"role":"system","content":"sys"},{"role":"user","content":"new"}])"));
  EXPECT_EQ(body["user"], "tsunagi-_41b_2d1") << "the gateway lowers case, so nothing may depend on it";
  const auto asked = _backend.asked().at(0);
  EXPECT_EQ(asked.headers.at("authorization"), "Bearer t0ken");
  EXPECT_EQ(asked.headers.at("x-openclaw-message-channel"), "line");
  EXPECT_EQ(asked.headers.count("x-forwarded-for"), 0u);
  EXPECT_TRUE(responder->capabilities().hostTools);
  EXPECT_TRUE(responder->capabilities().sessions);
}

TEST_F(PluginsTest, OpenClawWantsAnAgentWithoutTheOwnersRights) {
  for (const char* agent : {"", "main", "default"})
    EXPECT_THAT(refusal("openclaw", {{"agent", agent}}), HasSubstr("allow_owner_agent")) << agent;
  EXPECT_TRUE(plugin("openclaw", {{"agent", "main"}, {"allow_owner_agent", "yes"}}));
  EXPECT_THAT(refusal("openclaw", {{"agent", "../x"}}), HasSubstr("characters"));
}

TEST_F(PluginsTest, OllamasOwnApi) {
  const std::string lines =
      R"({"message":{"role":"assistant","content":"","thinking":"hm"},"done":false})"
      "\n"
      R"({"message":{"role":"assistant","content":"はい"},"done":false})"
      "\n"
      R"({"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2,"total_duration":3000000})"
      "\n";
  _backend.on("POST /api/chat", {ScriptedBackend::chunked({lines}, true, "application/x-ndjson")});
  const auto responder =
      plugin("ollama", {{"api", "native"}, {"num_ctx", "8192"}, {"keep_alive", "-1"}, {"images", "yes"}});
  ChatRequest request = ask("what?");
  request.messages[0].parts.push_back({ChatPart::Kind::Image, "\xFF\xD8", "image/jpeg", "a.jpg"});
  const auto outcome = say(*responder, request);
  EXPECT_EQ(outcome.text, "はい") << outcome.message;
  EXPECT_EQ(outcome.inputTokens, 5);
  EXPECT_EQ(outcome.outputTokens, 2);
  EXPECT_EQ(outcome.backendMs, 3);
  EXPECT_EQ(bodyOf(0), json::parse(R"({"model":"small","stream":true,"think":false,"keep_alive":-1,
    "options":{"num_ctx":8192},"messages":[{"role":"user","content":"what?","images":["/9g="]}]})"));
  _backend.on("POST /api/chat",
              {ScriptedBackend::chunked({"{\"error\":\"model runner crashed\"}\n"}, true, "application/x-ndjson")});
  EXPECT_THAT(say(*responder, ask("x")).message, HasSubstr("model runner crashed"));
  _backend.on("POST /api/chat", {ScriptedBackend::chunked({R"({"message":{"content":"half"},"done":false})"}, true,
                                                          "application/x-ndjson")});
  EXPECT_THAT(say(*responder, ask("x")).message, HasSubstr("without \"done\""));
}

TEST_F(PluginsTest, OllamaSaysWhichKeysItsApiIgnores) {
  EXPECT_THAT(refusal("ollama", {{"num_ctx", "8192"}}), HasSubstr("num_ctx is not taken by Ollama's OpenAI API"));
  EXPECT_THAT(refusal("ollama", {{"keep_alive", "1h"}}), HasSubstr("keep_alive is not taken"));
}

TEST_F(PluginsTest, OllamaAModelThatCannotThinkIsAskedAgain) {
  _backend.on(CHAT, {ScriptedBackend::whole(400, "application/json",
                                            R"({"error":{"message":"\"small\" does not support thinking"}})"),
                     ScriptedBackend::events(ScriptedBackend::completion("a"))});
  const auto responder = plugin("ollama");
  EXPECT_EQ(say(*responder, ask("x")).text, "a");
  EXPECT_EQ(bodyOf(0)["reasoning_effort"], "none");
  EXPECT_FALSE(bodyOf(1).contains("reasoning_effort"));
  EXPECT_EQ(say(*responder, ask("x")).text, "a");
  EXPECT_EQ(_backend.asked().size(), 3u) << "once learnt it is not tried again";
}

TEST_F(PluginsTest, OllamaWithoutAModelTakesTheFirst) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("a"))});
  _backend.on("GET /api/tags", {ScriptedBackend::whole(200, "application/json", R"({"models":[{"name":"big:7b"}]})"),
                                ScriptedBackend::whole(200, "application/json", R"({"models":[]})")});
  const auto responder = plugin("ollama", {{"model", ""}});
  EXPECT_EQ(say(*responder, ask("x")).text, "a");
  EXPECT_EQ(bodyOf(1)["model"], "big:7b");
  EXPECT_THAT(say(*responder, ask("x")).message, HasSubstr("ollama pull"));
}

TEST_F(PluginsTest, HealthSaysWhatIsWrongAndWhatToDo) {
  using State = HealthReport::State;
  const auto ollama = plugin("ollama");
  _backend.on("GET /api/tags",
              {ScriptedBackend::whole(200, "application/json", R"({"models":[{"name":"small:latest"}]})")});
  _backend.on("POST /api/show",
              {ScriptedBackend::whole(
                  200, "application/json",
                  R"({"capabilities":["completion","vision"],"model_info":{"llama.context_length":4096}})")});
  EXPECT_FALSE(ollama->capabilities().images);
  EXPECT_EQ(healthOf(*ollama).state, State::Ready);
  EXPECT_TRUE(ollama->capabilities().images) << "learnt from Ollama";
  _backend.on("GET /api/tags", {ScriptedBackend::whole(200, "application/json", R"({"models":[]})")});
  auto health = healthOf(*ollama);
  EXPECT_EQ(health.state, State::ModelMissing);
  EXPECT_THAT(health.detail, HasSubstr("ollama pull small"));

  const auto claw = plugin("openclaw");
  _backend.on("GET /readyz",
              {ScriptedBackend::whole(503, "text/plain", "draining"), ScriptedBackend::whole(200, "text/plain", "ok")});
  EXPECT_EQ(healthOf(*claw).state, State::Loading);
  health = healthOf(*claw);
  EXPECT_EQ(health.state, State::EndpointDisabled);
  EXPECT_THAT(health.detail, HasSubstr("chatCompletions.enabled"));
  _backend.on("GET /v1/models",
              {ScriptedBackend::whole(401, "application/json", R"({"error":{"message":"Unauthorized"}})"),
               ScriptedBackend::whole(200, "application/json", R"({"data":[{"id":"openclaw/other"}]})"),
               ScriptedBackend::whole(200, "application/json", R"({"data":[{"id":"openclaw/line"}]})")});
  EXPECT_EQ(healthOf(*claw).state, State::Auth);
  EXPECT_EQ(healthOf(*claw).state, State::ModelMissing);
  EXPECT_EQ(healthOf(*claw).state, State::Ready);

  const auto llama = plugin("openai", {{"profile", "llama-server"}});
  _backend.on("GET /v1/models", {ScriptedBackend::whole(
                                    503, "application/json",
                                    R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})")});
  EXPECT_EQ(healthOf(*llama).state, State::Loading);
}

TEST_F(PluginsTest, LmStudioTellsOfAnotherModel) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("a", "other"))});
  const auto lenient = plugin("lmstudio", {{"model", "mine"}});
  EXPECT_EQ(say(*lenient, ask("x")).text, "a");
  EXPECT_THAT(_log->text(), HasSubstr("answers with other instead of mine"));
  const auto strict = plugin("lmstudio", {{"model", "mine"}, {"only_this_model", "yes"}});
  EXPECT_EQ(say(*strict, ask("x")).code, Code::BadReply);
  _backend.on(
      "GET /api/v1/models",
      {ScriptedBackend::whole(200, "application/json", R"({"models":[{"type":"llm","key":"mine","display_name":"Mine",
    "capabilities":{"vision":true},"max_context_length":8192,"loaded_instances":[]},{"type":"embedding","key":"e"}]})")});
  EXPECT_EQ(healthOf(*lenient).state, HealthReport::State::Ready);
  EXPECT_TRUE(lenient->capabilities().images);
  const auto models = lenient->models(lenient->beginCall(), 0);
  ASSERT_EQ(models.models.size(), 1u);
  EXPECT_EQ(models.models[0].id, "mine");
  EXPECT_EQ(models.models[0].loaded, 0);
}

TEST_F(PluginsTest, OpenAiProfilesSetWhatDiffers) {
  _backend.on(CHAT, {ScriptedBackend::events(ScriptedBackend::completion("a"))});
  EXPECT_THAT(refusal("openai", {{"profile", "openai"}, {"model", "x"}}), HasSubstr("api_key_file is missing"));
  EXPECT_THAT(refusal("openai", {{"profile", "vllm"}}), HasSubstr("model is missing"));
  EXPECT_THAT(refusal("openai", {{"extra_body", "[1]"}}), HasSubstr("extra_body must be a JSON object"));
  const auto responder = plugin("openai",
                                {{"profile", "openai"},
                                 {"model", "x"},
                                 {"max_tokens", "50"},
                                 {"temperature", "0.5"},
                                 {"extra_body", R"({"seed":3})"}},
                                {{"api_key", SecretString("k")}});
  EXPECT_EQ(say(*responder, ask("hi")).text, "a");
  EXPECT_EQ(bodyOf(0), json::parse(R"({"model":"x","max_completion_tokens":50,"temperature":0.5,"seed":3,"stream":true,
    "stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]})"));
}

}  // namespace
}  // namespace tsunagi::responder
