// The Messaging API client against a scripted server on loopback.
#include "line/MessagingApi.h"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "net/EventLoop.h"
#include "net/HttpClient.h"
#include "net/HttpServer.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

// Answers every call with the next scripted response and keeps what it was sent.
class ScriptedLine {
 public:
  ScriptedLine() : _server({&_loop}, {}) {
    for (const char* path : {"/v2/bot/message/reply", "/v2/bot/message/push", "/prefix/v2/bot/message/reply"})
      addRoute("POST", path);
    addRoute("GET", "/v2/bot/info");
    _loop.start();
    _address = _server.listen({"127.0.0.1", 0, ""}).value();
  }
  ~ScriptedLine() {
    _server.stop(0);
    _loop.stop();
  }
  std::string base() const { return "http://" + _address.text(); }
  void answer(int status, const std::string& body, const net::HttpHeaders& headers = {}) {
    net::HttpResponse response = net::HttpResponse::json(status, body);
    for (const auto& field : headers.all()) response.headers.add(field.name, field.value);
    const std::lock_guard lock(_mutex);
    _answers.push_back(std::move(response));
  }
  net::HttpRequest last() {
    const std::lock_guard lock(_mutex);
    return _requests.empty() ? net::HttpRequest() : _requests.back();
  }
  size_t calls() {
    const std::lock_guard lock(_mutex);
    return _requests.size();
  }

 private:
  void addRoute(const char* method, const char* path) {
    _server.route(method, path,
                  [this](net::HttpRequest request, const net::PathParameters&, const net::HttpReply& reply) {
                    const std::lock_guard lock(_mutex);
                    _requests.push_back(std::move(request));
                    if (_answers.empty()) return reply.send(net::HttpResponse::text(500, "no answer was scripted"));
                    reply.send(_answers.front());
                    _answers.pop_front();
                  });
  }
  net::EventLoop _loop{"line"};
  net::HttpServer _server;
  net::ListenAddress _address;
  std::mutex _mutex;
  std::deque<net::HttpResponse> _answers;
  std::vector<net::HttpRequest> _requests;
};

class MessagingApiTest : public testing::Test {
 protected:
  MessagingApi api() { return {client, {line.base(), line.base()}, SecretString("s3cret-token")}; }
  SendResult reply() { return api().reply("reply-token", textMessagesJson({"hello"})); }
  SendResult push() { return api().push("U1", textMessagesJson({"hello"}), "123e4567-e89b-12d3-a456-426614174000"); }

  ScriptedLine line;
  net::HttpClient client{nullptr};
};

TEST_F(MessagingApiTest, AReplyCarriesTokenBodyAndNoRetryKey) {
  net::HttpHeaders headers;
  headers.add("x-line-request-id", "req-1");
  line.answer(200, R"({"sentMessages":[{"id":"461","quoteToken":"q"},{"id":462}]})", headers);
  const SendResult result = reply();
  EXPECT_EQ(result.kind, Kind::Delivered);
  EXPECT_EQ(result.requestId, "req-1");
  ASSERT_EQ(result.sentMessages.size(), 2U);
  EXPECT_EQ(result.sentMessages[0].id, "461");
  EXPECT_EQ(result.sentMessages[0].quoteToken, "q");
  EXPECT_EQ(result.sentMessages[1].id, "462");
  EXPECT_EQ(result.sentMessages[1].quoteToken, "");
  const net::HttpRequest request = line.last();
  EXPECT_EQ(request.path, "/v2/bot/message/reply");
  EXPECT_EQ(request.headers.find("Authorization"), "Bearer s3cret-token");
  EXPECT_EQ(request.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(request.headers.find("Accept-Encoding"), "identity");
  EXPECT_EQ(request.headers.count("X-Line-Retry-Key"), 0U);
  EXPECT_EQ(request.body, replyBody("reply-token", textMessagesJson({"hello"})));
  EXPECT_EQ(json::parse(request.body)["messages"][0]["text"], "hello");
}

TEST_F(MessagingApiTest, AProbeRepeatsTheSameBytes) {
  line.answer(500, "{}");
  EXPECT_EQ(reply().kind, Kind::ServerError);
  const std::string first = line.last().body;
  line.answer(400, R"({"message":"Invalid reply token"})");
  EXPECT_EQ(reply().kind, Kind::InvalidReplyToken);
  EXPECT_EQ(line.last().body, first);
  EXPECT_EQ(line.calls(), 2U);
}

TEST_F(MessagingApiTest, StatusesBecomeKinds) {
  const struct {
    int status;
    const char* body;
    Kind kind;
  } cases[] = {
      {202, "", Kind::Delivered},
      {400,
       R"json({"message":"The request body has 1 error(s)","details":[{"message":"x","property":"messages"}]})json",
       Kind::Refused},
      {401, R"({"message":"Authentication failed due to the following reason: invalid token."})", Kind::Unauthorized},
      {403, "{}", Kind::Refused},
      {302, "", Kind::Refused},
      {409, "{}", Kind::Refused},
      {429, R"({"message":"You have reached your monthly limit."})", Kind::QuotaExhausted},
      {429, R"({"message":"The API rate limit has been exceeded. Try again later."})", Kind::RateLimited},
      {429, "not json", Kind::RateLimited},
      {503, "<html>", Kind::ServerError},
  };
  for (const auto& item : cases) {
    line.answer(item.status, item.body);
    const SendResult result = reply();
    EXPECT_EQ(kindName(result.kind), kindName(item.kind)) << item.status << item.body;
    EXPECT_EQ(result.httpStatus, item.status);
  }
}

TEST_F(MessagingApiTest, APushKeyThatWasAcceptedCountsAsDelivered) {
  net::HttpHeaders headers;
  headers.add("x-line-request-id", "second");
  headers.add("x-line-accepted-request-id", "first");
  line.answer(409, R"({"message":"The retry key is already accepted","sentMessages":[{"id":"7"}]})", headers);
  const SendResult result = push();
  EXPECT_EQ(result.kind, Kind::AlreadyAccepted);
  EXPECT_TRUE(result.delivered());
  EXPECT_EQ(result.requestId, "first");
  ASSERT_EQ(result.sentMessages.size(), 1U);
  EXPECT_EQ(result.sentMessages[0].id, "7");
  EXPECT_EQ(line.last().headers.find("X-Line-Retry-Key"), "123e4567-e89b-12d3-a456-426614174000");
}

TEST_F(MessagingApiTest, DetailsAreEscapedAndHoldNoSecrets) {
  line.answer(400, "{\"message\":\"bad\\u001b[31m\\nthing\"}");
  const SendResult result = reply();
  EXPECT_EQ(result.detail.find('\n'), std::string::npos);
  EXPECT_EQ(result.detail.find('\x1b'), std::string::npos);
  EXPECT_NE(result.detail.find("bad"), std::string::npos);
  for (const char* secret : {"s3cret-token", "reply-token", "hello"})
    EXPECT_EQ(result.detail.find(secret), std::string::npos) << secret;
}

TEST_F(MessagingApiTest, AnUnreadableAnswerIsAmbiguous) {
  net::HttpHeaders headers;
  headers.add("Content-Encoding", "gzip");
  line.answer(200, "{}", headers);
  EXPECT_EQ(reply().kind, Kind::Ambiguous);
}

TEST_F(MessagingApiTest, NobodyListeningIsNotSent) {
  const MessagingApi nowhere(client, {"http://127.0.0.1:1", "http://127.0.0.1:1"}, SecretString("s3cret-token"));
  const SendResult result = nowhere.reply("reply-token", textMessagesJson({"hello"}));
  EXPECT_EQ(result.kind, Kind::NotSent);
  EXPECT_FALSE(result.detail.empty());
}

TEST_F(MessagingApiTest, ACancelledTokenSendsNothing) {
  net::CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(api().reply("reply-token", textMessagesJson({"hello"}), &cancel).kind, Kind::Cancelled);
  EXPECT_EQ(line.calls(), 0U);
}

TEST_F(MessagingApiTest, ABaseMayHaveAPath) {
  const MessagingApi prefixed(client, {line.base() + "/prefix", line.base()}, SecretString("t"));
  line.answer(200, "{}");
  EXPECT_EQ(prefixed.reply("r", textMessagesJson({"x"})).kind, Kind::Delivered);
  EXPECT_EQ(line.last().path, "/prefix/v2/bot/message/reply");
}

TEST(ApiEndpoints, CarryASecretOverHttpsOrLoopbackOnly) {
  const auto valid = [](const std::string& base) {
    return ApiEndpoints{base, "https://api-data.line.me"}.validate().ok();
  };
  EXPECT_TRUE(ApiEndpoints{}.validate().ok());
  for (const char* good : {"https://api.line.me", "https://proxy.example:8443/line", "http://127.0.0.1:8080",
                           "http://localhost:1", "http://[::1]:9"})
    EXPECT_TRUE(valid(good)) << good;
  for (const char* bad :
       {"", "api.line.me", "http://api.line.me", "http://127.0.0.1.example.com", "https://api.line.me/",
        "https://user:pw@api.line.me", "https://api.line.me?x=1", "ws://127.0.0.1", "http://10.0.0.1"})
    EXPECT_FALSE(valid(bad)) << bad;
  EXPECT_FALSE((ApiEndpoints{"https://api.line.me", "http://api-data.line.me"}.validate().ok()));
}

TEST(ApiEndpoints, ThatDoNotValidateMakeNoCall) {
  const net::HttpClient client(nullptr);
  const MessagingApi api(client, {"http://192.0.2.1", "https://api-data.line.me"}, SecretString("t"));
  const SendResult result = api.reply("r", textMessagesJson({"x"}));
  EXPECT_EQ(result.kind, Kind::NotSent);
  EXPECT_NE(result.detail.find("api_base"), std::string::npos) << result.detail;
}

TEST(TextMessagesJson, IsValidJsonWhateverTheText) {
  const json messages = json::parse(textMessagesJson({"a\"\n", "\xFF", "🤨"}));
  EXPECT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0]["text"], "a\"\n");
  EXPECT_EQ(messages[1]["text"], "\xEF\xBF\xBD");
  EXPECT_EQ(json::parse(replyBody("t\"", "[]"))["replyToken"], "t\"");
}

}  // namespace
}  // namespace tsunagi::line
