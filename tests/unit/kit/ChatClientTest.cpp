#include "kit/ChatClient.hpp"

#include <gmock/gmock.h>

#include "tests/unit/kit/ScriptedHost.h"

namespace responder {
namespace {

using testing::HasSubstr;

constexpr const char* ROLE =
    R"(data: {"model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]})"
    "\n\n";
std::string delta(const std::string& content) {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + content + R"("},"finish_reason":null}]})" + "\n\n";
}
std::string finish(const std::string& reason = "stop") {
  return R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":")" + reason + "\"}]}\n\n";
}
constexpr const char* DONE = "data: [DONE]\n\n";

class ChatClientTest : public testing::Test {
 protected:
  // The answer as the user gets it, or "code: text".
  std::string ask() {
    Collected collected;
    OpenAiReader reader(collected);
    try {
      HttpRequest request;
      request.url = "http://backend/v1/chat/completions";
      runChat(Http(_host.host()), _host.call(), request, reader);
    } catch (const Error& error) {
      _retryAfterMs = error.retryAfterMs();
      return std::to_string(error.code()) + ": " + error.what();
    }
    _collected = collected;
    _finish = reader.finish();
    return collected.said;
  }
  std::string ask(const std::string& stream, int32_t end = RSP_OK) {
    // However the bytes are cut.
    std::string first;
    for (const size_t size : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{64}, stream.size() + 1}) {
      ScriptedHost::Answer answer;
      answer.end = end;
      for (size_t at = 0; at < stream.size(); at += size) answer.pieces.push_back(stream.substr(at, size));
      _host.answers = {answer};
      const std::string said = ask();
      if (size == 1) first = said;
      EXPECT_EQ(said, first) << "reads of " << size;
    }
    return first;
  }
  std::string whole(const std::string& body, int status = 200, const std::string& type = "application/json") {
    _host.answers = {{status, {{"content-type", type}, {"Retry-After", "7"}}, {body}}};
    return ask();
  }

  ScriptedHost _host;
  Collected _collected;
  int32_t _finish = -1;
  int32_t _retryAfterMs = 0;
};

TEST_F(ChatClientTest, AStreamedAnswer) {
  EXPECT_EQ(ask(std::string(": hello\n\n") + ROLE + delta("こんにちは") + delta("、世界🎉。") + finish() +
                R"(data: {"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}})"
                "\n\n" +
                DONE + "data: rubbish behind the end\n\n"),
            "こんにちは、世界🎉。");
  EXPECT_EQ(_collected.used.inputTokens, 11);
  EXPECT_EQ(_collected.used.outputTokens, 7);
  EXPECT_EQ(_finish, RSP_FINISH_STOP);
}

TEST_F(ChatClientTest, OnlyAFinishReasonIsSuccess) {
  EXPECT_THAT(ask(ROLE + delta("half") + DONE), HasSubstr("9: the answer was cut"));
  EXPECT_THAT(ask(ROLE + delta("half")), HasSubstr("9: the answer was cut"));
  EXPECT_THAT(ask(ROLE + delta("half"), RSP_E_BAD_REPLY), HasSubstr("9: the connection broke"));
  EXPECT_EQ(ask(ROLE + delta("whole") + finish()), "whole") << "[DONE] is not needed";
  EXPECT_EQ(ask(ROLE + delta("whole") + finish(), RSP_E_BAD_REPLY), "whole") << "nor an orderly end";
}

TEST_F(ChatClientTest, LineEndsOfEveryKindAndNoLastOne) {
  std::string stream = ROLE + delta("a") + finish() + DONE;
  for (const char* end : {"\r\n", "\r"}) {
    std::string other;
    for (const char c : stream) other += c == '\n' ? std::string(end) : std::string(1, c);
    EXPECT_EQ(ask(other), "a");
  }
  EXPECT_EQ(ask(ROLE + delta("a") + R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})"), "a");
}

TEST_F(ChatClientTest, ErrorsInsideA200) {
  EXPECT_THAT(ask(std::string(ROLE) +
                  R"(data: {"error":{"message":"429 busy","type":"rate_limit_error"}})"
                  "\n\n" +
                  DONE),
              HasSubstr("6: the backend reports an error: 429 busy"));
  EXPECT_THAT(ask(ROLE + delta("x") +
                  R"(data: {"error":{"code":500,"message":"boom","type":"server_error"}})"
                  "\n\n"),
              HasSubstr("5: HTTP 500: boom"));
  EXPECT_THAT(ask("{\"error\":{\"message\":\"bare\",\"type\":\"invalid_request_error\"}}"), HasSubstr("3: "))
      << "raw JSON inside an event stream";
  EXPECT_THAT(ask("data: {malformed json: <<<chaos>>>\n\n"), HasSubstr("9: the backend sent a piece that is no JSON"));
  EXPECT_THAT(whole(R"x({"error":"Unexpected endpoint or method. (POST /chat/completions)"})x"), HasSubstr("3: "));
  EXPECT_THAT(ask(ROLE + delta("x") + finish("error")), HasSubstr("5: "));
}

TEST_F(ChatClientTest, ErrorsByStatus) {
  EXPECT_THAT(whole("Not Found", 404, "text/plain"), HasSubstr("switched off"));
  EXPECT_THAT(whole("<html><title>502 Bad Gateway</title>", 502, "text/html"),
              HasSubstr("5: HTTP 502: 502 Bad Gateway"));
  EXPECT_THAT(whole(R"({"error":{"message":"slow down"}})", 429), HasSubstr("6: "));
  EXPECT_EQ(_retryAfterMs, 7000);
  EXPECT_THAT(whole(std::string(1'000'000, 'x'), 500, "text/plain"), HasSubstr("5: HTTP 500: xxx"));
  EXPECT_THAT(whole("", 302), HasSubstr("redirects"));
}

TEST_F(ChatClientTest, WhatTheServerMakesOfStreamIsTaken) {
  const std::string object =
      R"({"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}]})";
  EXPECT_EQ(whole(object), "whole");
  EXPECT_EQ(whole(object, 200, "text/plain"), "whole") << "told by its first byte";
  EXPECT_EQ(whole(ROLE + delta("a") + finish(), 200, ""), "a") << "an event stream without a type";
  EXPECT_EQ(whole(R"({"choices":[{"message":{"content":[{"type":"text","text":"p"}]},"finish_reason":"stop"}]})"), "p");
  EXPECT_THAT(whole("It works!", 200, "text/html"), HasSubstr("9: the backend's answer is no JSON: It works!"));
  EXPECT_THAT(whole("", 200), HasSubstr("9: "));
}

TEST_F(ChatClientTest, CharactersCutByTheServer) {
  EXPECT_EQ(ask(ROLE + delta("テスト\\ud83c") + delta("\\udf89。") + finish()), "テスト🎉。");
  EXPECT_EQ(ask(ROLE + delta("a\\ud83c") + finish()), "a\xEF\xBF\xBD");
  EXPECT_EQ(ask(ROLE + delta("a\\ud83c") + finish("length")), "a") << "the limit cut it";
  EXPECT_EQ(_finish, RSP_FINISH_LENGTH);
  EXPECT_EQ(ask(ROLE + delta("a\xEF\xBF\xBD") + delta("b") + finish()),
            "a\xEF\xBF\xBD"
            "b");
}

TEST_F(ChatClientTest, ThinkingIsNoAnswer) {
  EXPECT_EQ(ask(ROLE + delta("<") + delta("t") + delta("hi") + delta("n") + delta("k") + delta(">a</th") +
                delta("ink>\\n\\nb") + finish()),
            "b");
  EXPECT_EQ(_collected.thought, "a");
  EXPECT_EQ(ask(R"(data: {"choices":[{"delta":{"reasoning_content":"r1"}}]})"
                "\n\n"
                R"(data: {"choices":[{"delta":{"reasoning":"r2","content":null}}]})"
                "\n\n" +
                delta("b") + finish()),
            "b");
  EXPECT_EQ(_collected.thought, "r1r2");
  EXPECT_THAT(ask(ROLE + delta("<think>only") + finish()), HasSubstr("thought and said nothing"));
}

TEST_F(ChatClientTest, NothingIsNoAnswer) {
  EXPECT_THAT(ask(ROLE + finish()), HasSubstr("9: the model's answer was empty"));
  EXPECT_THAT(ask(ROLE + delta(" \\n") + finish()), HasSubstr("9: the model's answer was empty"));
  EXPECT_THAT(ask(ROLE + finish("tool_calls")), HasSubstr("asked for a tool"));
  EXPECT_EQ(ask(ROLE + finish("content_filter")), "");
  EXPECT_EQ(_finish, RSP_FINISH_FILTER);
}

TEST_F(ChatClientTest, AskedAgainOnlyWhenNothingWasSent) {
  const ScriptedHost::Answer away{0, {}, {}, RSP_E_UNAVAILABLE, false};
  const ScriptedHost::Answer good{200, {{"Content-Type", "text/event-stream"}}, {ROLE + delta("a") + finish()}};
  _host.answers = {away, good};
  EXPECT_EQ(ask(), "a");
  EXPECT_EQ(_host.asked.size(), 2u);
  _host.answers = {away, away, good};
  EXPECT_THAT(ask(), HasSubstr("5: not reached"));
  EXPECT_EQ(_host.asked.size(), 4u);
  const ScriptedHost::Answer torn{200, {{"Content-Type", "text/event-stream"}}, {}, RSP_E_UNAVAILABLE};
  _host.answers = {torn, good};
  EXPECT_THAT(ask(), HasSubstr("5: the connection broke"));
  EXPECT_EQ(_host.asked.size(), 5u) << "the backend may have begun to think";
  const ScriptedHost::Answer refused{0, {}, {}, RSP_E_INVALID, false};
  _host.answers = {refused, good};
  EXPECT_THAT(ask(), HasSubstr("3: not reached"));
  EXPECT_EQ(_host.asked.size(), 6u);
}

TEST_F(ChatClientTest, EndlessAnswersEnd) {
  ScriptedHost::Answer endless;
  endless.pieces.assign(12, ": " + std::string(size_t{1} << 20, 'x'));
  _host.answers = {endless};
  EXPECT_THAT(ask(), HasSubstr("9: the backend sent a line of more than"));
  EXPECT_THAT(whole("{\"a\":\"" + std::string(AnswerBytes<OpenAiReader>::kMaxWhole, 'x')),
              HasSubstr("larger than 16 MiB"));
}

TEST_F(ChatClientTest, AHostWithoutHttpIsSaidSo) {
  _host.hasHttp = false;
  EXPECT_THAT(ask(), HasSubstr("4: this host offers no rsp.http/1"));
}

}  // namespace
}  // namespace responder
