// The Messaging API client against a scripted server on loopback.
#include "line/MessagingApi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/HttpClient.h"
#include "tests/unit/line/ScriptedLine.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

class MessagingApiTest : public testing::Test {
 protected:
  MessagingApi api() { return {client, {line.base(), line.base()}, SecretString("s3cret-token")}; }
  SendResult reply() { return api().reply("reply-token", textMessagesJson({"hello"})); }
  SendResult push() { return api().push("U1", textMessagesJson({"hello"}), "123e4567-e89b-12d3-a456-426614174000"); }

  ScriptedLine line{
      {{"POST", "/v2/bot/message/reply"}, {"POST", "/v2/bot/message/push"}, {"POST", "/prefix/v2/bot/message/reply"}}};
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
  EXPECT_FALSE((ApiEndpoints{"https://a.example", "https://b.example", "http://c.example"}.validate().ok()));
  EXPECT_TRUE((ApiEndpoints{"https://a.example", "https://b.example", "https://c.example"}.validate().ok()));
}

TEST(ApiEndpoints, ThatDoNotValidateMakeNoCall) {
  const net::HttpClient client(nullptr);
  const MessagingApi api(client, {"http://192.0.2.1", "https://api-data.line.me"}, SecretString("t"));
  const SendResult result = api.reply("r", textMessagesJson({"x"}));
  EXPECT_EQ(result.kind, Kind::NotSent);
  EXPECT_NE(result.detail.find("api_base"), std::string::npos) << result.detail;
}

// Gives the tokens it holds one after another; a refused one is never given again.
class TokenList : public AccessTokenSource {
 public:
  explicit TokenList(std::vector<std::string> tokens) : _tokens(std::move(tokens)) {}
  AccessToken token(net::CancelToken*) override {
    if (_next == _tokens.size()) return {AccessToken::State::Unavailable, {}, "the list is empty"};
    return {AccessToken::State::Ready, SecretString(_tokens[_next]), {}};
  }
  bool invalidate(const SecretString& refused) override {
    if (refused.reveal() != _tokens[_next]) return true;
    return ++_next < _tokens.size();
  }

 private:
  std::vector<std::string> _tokens;
  size_t _next = 0;
};

TEST_F(MessagingApiTest, ARefusedTokenIsReplacedOnceAndTheSameCallRepeated) {
  const MessagingApi api(client, {line.base(), line.base()},
                         std::make_shared<TokenList>(std::vector<std::string>{"old-token", "new-token", "newest"}));
  line.answer(401, R"({"message":"Authentication failed"})");
  line.answer(200, R"({"sentMessages":[{"id":"1"}]})");
  EXPECT_EQ(api.reply("r", textMessagesJson({"x"})).kind, Kind::Delivered);
  EXPECT_EQ(line.calls(), 2U);
  EXPECT_EQ(line.last().headers.find("Authorization"), "Bearer new-token");
  EXPECT_EQ(line.last().headers.count("Authorization"), 1U);
  line.answer(401, "{}");
  line.answer(401, "{}");
  line.answer(200, "{}");
  EXPECT_EQ(api.reply("r", textMessagesJson({"x"})).kind, Kind::Unauthorized) << "one repetition, not one per token";
  EXPECT_EQ(line.calls(), 4U);
}

TEST_F(MessagingApiTest, AStaticTokenThatIsRefusedIsNotTriedAgain) {
  line.answer(401, "{}");
  EXPECT_EQ(reply().kind, Kind::Unauthorized);
  EXPECT_EQ(line.calls(), 1U);
}

TEST_F(MessagingApiTest, WithoutATokenNothingIsSent) {
  const MessagingApi waiting(client, {line.base(), line.base()},
                             std::make_shared<TokenList>(std::vector<std::string>{}));
  const SendResult later = waiting.reply("r", textMessagesJson({"x"}));
  EXPECT_EQ(later.kind, Kind::NotSent);
  EXPECT_NE(later.detail.find("the list is empty"), std::string::npos);
  const MessagingApi unset(client, {line.base(), line.base()}, SecretString());
  EXPECT_EQ(unset.reply("r", textMessagesJson({"x"})).kind, Kind::Unauthorized);
  EXPECT_EQ(line.calls(), 0U);
}

}  // namespace
}  // namespace tsunagi::line
