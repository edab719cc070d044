#include "line/StatelessTokens.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "net/CancelToken.h"
#include "net/HttpClient.h"

namespace tsunagi::line {
namespace {

using State = AccessToken::State;
using Outcome = net::HttpResult::Outcome;

// LINE's token endpoint: hands out "token-1", "token-2", … unless a fault is scripted. Can be held, to look at what
// happens while a token is being issued.
class TokenEndpoint {
 public:
  net::HttpResult operator()(const net::HttpCall& call) {
    std::unique_lock lock(_mutex);
    _calls.push_back(call);
    _changed.notify_all();
    _changed.wait(lock, [&] { return !_held; });
    if (_script.empty()) return answer(200, good(++_issued));
    net::HttpResult result = _script.front();
    _script.pop_front();
    return result;
  }
  static std::string good(size_t number, int64_t expiresIn = 900) {
    return nlohmann::json{
        {"token_type", "Bearer"}, {"access_token", "token-" + std::to_string(number)}, {"expires_in", expiresIn}}
        .dump();
  }
  static net::HttpResult answer(int status, std::string body) {
    net::HttpResult result;
    result.outcome = Outcome::Answered;
    result.status = status;
    result.body = std::move(body);
    return result;
  }
  static net::HttpResult fault(Outcome outcome) {
    net::HttpResult result;
    result.outcome = outcome;
    result.error = "POST to api: broken";
    return result;
  }
  void script(net::HttpResult result) {
    const std::lock_guard lock(_mutex);
    _script.push_back(std::move(result));
  }
  void hold(bool held) {
    const std::lock_guard lock(_mutex);
    _held = held;
    _changed.notify_all();
  }
  void waitForCalls(size_t count) {
    std::unique_lock lock(_mutex);
    _changed.wait(lock, [&] { return _calls.size() >= count; });
  }
  size_t calls() {
    const std::lock_guard lock(_mutex);
    return _calls.size();
  }
  net::HttpCall last() {
    const std::lock_guard lock(_mutex);
    return _calls.back();
  }

 private:
  std::mutex _mutex;
  std::condition_variable _changed;
  std::vector<net::HttpCall> _calls;
  std::deque<net::HttpResult> _script;
  size_t _issued = 0;
  bool _held = false;
};

class StatelessTokensTest : public testing::Test {
 protected:
  std::string token() {
    const AccessToken result = tokens.token(nullptr);
    return result.state == State::Ready ? std::string(result.secret.reveal()) : "no token: " + result.error;
  }

  TokenEndpoint endpoint;
  ManualClock clock;
  StatelessTokens tokens{[this](const net::HttpCall& call) { return endpoint(call); }, ApiEndpoints{}, "1234567890",
                         SecretString("se&cr=et+/%"), clock};
};

TEST_F(StatelessTokensTest, ATokenIsIssuedOnceAndKept) {
  EXPECT_EQ(endpoint.calls(), 0U) << "nothing is asked before it is needed";
  EXPECT_EQ(token(), "token-1");
  EXPECT_EQ(token(), "token-1");
  EXPECT_EQ(endpoint.calls(), 1U);
  const net::HttpCall call = endpoint.last();
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.url.scheme + "://" + call.url.authority() + call.url.target, "https://api.line.me/oauth2/v3/token");
  EXPECT_EQ(call.headers.find("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(call.body, "grant_type=client_credentials&client_id=1234567890&client_secret=se%26cr%3Det%2B%2F%25");
  EXPECT_EQ(call.totalMs, StatelessTokens::ISSUE_TOTAL_MS);
  EXPECT_TRUE(tokens.status().hasToken);
  EXPECT_EQ(tokens.status().expiresInMs, 900'000);
}

TEST_F(StatelessTokensTest, TheOauthBaseMayBeAnother) {
  StatelessTokens other([this](const net::HttpCall& call) { return endpoint(call); },
                        ApiEndpoints{"https://a.example", "https://d.example", "http://127.0.0.1:9/x"}, "1",
                        SecretString("s"), clock);
  EXPECT_EQ(other.token(nullptr).state, State::Ready);
  EXPECT_EQ(endpoint.last().url.authority() + endpoint.last().url.target, "127.0.0.1:9/x/oauth2/v3/token");
}

TEST_F(StatelessTokensTest, ATokenIsRenewedBeforeItExpires) {
  EXPECT_EQ(token(), "token-1");
  clock.advance(900'000 - StatelessTokens::RENEW_BEFORE_MS - 1);
  EXPECT_EQ(token(), "token-1");
  clock.advance(1);
  EXPECT_EQ(token(), "token-2");
  EXPECT_EQ(endpoint.calls(), 2U);
}

TEST_F(StatelessTokensTest, AShortLifeIsRenewedAtItsHalf) {
  endpoint.script(TokenEndpoint::answer(200, TokenEndpoint::good(7, 60)));
  EXPECT_EQ(token(), "token-7");
  clock.advance(29'999);
  EXPECT_EQ(token(), "token-7");
  clock.advance(1);
  EXPECT_EQ(token(), "token-1");
}

TEST_F(StatelessTokensTest, AFailedRenewalLeavesTheOldTokenInUse) {
  EXPECT_EQ(token(), "token-1");
  clock.advance(800'000);
  endpoint.script(TokenEndpoint::answer(500, "{}"));
  EXPECT_EQ(token(), "token-1");
  EXPECT_EQ(token(), "token-1");
  EXPECT_EQ(endpoint.calls(), 2U) << "the next attempt waits its turn";
  clock.advance(StatelessTokens::FIRST_BACKOFF_MS);
  EXPECT_EQ(token(), "token-2");
}

TEST_F(StatelessTokensTest, FailuresBackOffAndSayWhen) {
  int64_t wait = StatelessTokens::FIRST_BACKOFF_MS;
  for (size_t attempt = 1; attempt <= 9; ++attempt) {
    endpoint.script(attempt % 2 == 0 ? TokenEndpoint::answer(503, "oops") : TokenEndpoint::fault(Outcome::NotSent));
    const AccessToken refused = tokens.token(nullptr);
    EXPECT_EQ(refused.state, State::Unavailable);
    EXPECT_NE(refused.error.find("next attempt in " + std::to_string(wait / 1000) + " s"), std::string::npos)
        << refused.error;
    clock.advance(wait - 1);
    EXPECT_EQ(tokens.token(nullptr).state, State::Unavailable);
    EXPECT_EQ(endpoint.calls(), attempt) << "nothing is asked before the time is over";
    clock.advance(1);
    wait = std::min(wait * 2, StatelessTokens::LONGEST_BACKOFF_MS);
  }
  EXPECT_EQ(token(), "token-1");
  EXPECT_EQ(tokens.status().failures, 9U);
  EXPECT_EQ(tokens.status().error, "");
}

TEST_F(StatelessTokensTest, RefusedCredentialsAreAPersonsBusiness) {
  endpoint.script(TokenEndpoint::answer(401, R"({"error":"invalid_client","error_description":"bad\nsecret"})"));
  const AccessToken refused = tokens.token(nullptr);
  EXPECT_EQ(refused.state, State::Refused);
  EXPECT_NE(refused.error.find("401 \"invalid_client: bad\\u{a}secret\""), std::string::npos) << refused.error;
  EXPECT_NE(refused.error.find("channel_secret_file"), std::string::npos);
  EXPECT_EQ(refused.error.find("se&cr"), std::string::npos);
  clock.advance(StatelessTokens::LONGEST_BACKOFF_MS - 1);
  EXPECT_EQ(tokens.token(nullptr).state, State::Refused);
  EXPECT_EQ(endpoint.calls(), 1U);
  clock.advance(1);
  EXPECT_EQ(token(), "token-1");
}

TEST_F(StatelessTokensTest, AnswersWithoutAUsableTokenAreFaults) {
  for (const char* body :
       {"", "[]", "{}", R"({"access_token":"t"})", R"({"access_token":"t","expires_in":"900"})",
        R"({"access_token":"t","expires_in":29})", R"({"access_token":"","expires_in":900})",
        R"({"access_token":"a b","expires_in":900})", R"({"access_token":"a\r\nb","expires_in":900})"}) {
    endpoint.script(TokenEndpoint::answer(200, body));
    EXPECT_EQ(tokens.token(nullptr).state, State::Unavailable) << body;
    clock.advance(StatelessTokens::LONGEST_BACKOFF_MS);
  }
}

TEST_F(StatelessTokensTest, A401ForcesOneRenewal) {
  EXPECT_EQ(token(), "token-1");
  EXPECT_TRUE(tokens.invalidate(SecretString("token-1")));
  EXPECT_EQ(token(), "token-2");
  EXPECT_TRUE(tokens.invalidate(SecretString("token-1"))) << "another thread's late 401: a new token is there";
  EXPECT_EQ(token(), "token-2");
  EXPECT_FALSE(tokens.invalidate(SecretString("token-2"))) << "a fresh one refused: renewing again would not help";
  EXPECT_EQ(token(), "token-2");
  EXPECT_EQ(endpoint.calls(), 2U);
  clock.advance(StatelessTokens::FORCED_EVERY_MS);
  EXPECT_TRUE(tokens.invalidate(SecretString("token-2")));
  EXPECT_EQ(token(), "token-3");
}

TEST_F(StatelessTokensTest, NothingIsTakenAwayWhileNoneCanBeIssued) {
  EXPECT_EQ(token(), "token-1");
  clock.advance(800'000);
  endpoint.script(TokenEndpoint::fault(Outcome::Ambiguous));
  EXPECT_EQ(token(), "token-1");
  EXPECT_FALSE(tokens.invalidate(SecretString("token-1")));
  EXPECT_EQ(token(), "token-1");
}

TEST_F(StatelessTokensTest, ManyThreadsShareOneCall) {
  endpoint.hold(true);
  std::atomic<int> got = 0;
  std::vector<NamedThread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back("asker", [&] {
      if (token() == "token-1") ++got;
    });
  endpoint.waitForCalls(1);
  endpoint.hold(false);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 16);
  EXPECT_EQ(endpoint.calls(), 1U);
}

TEST_F(StatelessTokensTest, WhileOneThreadRenewsTheOthersGoOn) {
  EXPECT_EQ(token(), "token-1");
  clock.advance(800'000);
  endpoint.hold(true);
  std::string renewed;
  NamedThread renewer("renewer", [&] { renewed = token(); });
  endpoint.waitForCalls(2);
  EXPECT_EQ(token(), "token-1") << "not held up by the renewal";
  endpoint.hold(false);
  renewer.join();
  EXPECT_EQ(renewed, "token-2");
  EXPECT_EQ(token(), "token-2");
}

TEST_F(StatelessTokensTest, ACancelIsNoFailure) {
  net::CancelToken cancel;
  endpoint.script(TokenEndpoint::fault(Outcome::Cancelled));
  cancel.cancel();
  EXPECT_EQ(tokens.token(&cancel).state, State::Cancelled);
  EXPECT_EQ(endpoint.calls(), 0U) << "a cancelled caller starts nothing";
  EXPECT_EQ(token(), "token-1") << "the one who was cancelled in mid-call asks again";
  EXPECT_EQ(tokens.status().failures, 0U);
}

TEST_F(StatelessTokensTest, AWaitingThreadHearsItsCancel) {
  endpoint.hold(true);
  net::CancelToken cancel;
  NamedThread first("first", [&] { token(); });
  endpoint.waitForCalls(1);
  AccessToken second;
  NamedThread waiter("second", [&] { second = tokens.token(&cancel); });
  cancel.cancel();
  waiter.join();
  EXPECT_EQ(second.state, State::Cancelled);
  endpoint.hold(false);
}

TEST(StatelessTokens, WithoutCredentialsOrGoodEndpointsNothingIsAsked) {
  TokenEndpoint endpoint;
  ManualClock clock;
  const auto http = [&](const net::HttpCall& call) { return endpoint(call); };
  StatelessTokens noSecret(http, {}, "1", SecretString(), clock);
  EXPECT_EQ(noSecret.token(nullptr).state, State::Refused);
  EXPECT_NE(noSecret.token(nullptr).error.find("channel_secret_file"), std::string::npos);
  StatelessTokens noId(http, {}, "", SecretString("s"), clock);
  EXPECT_EQ(noId.token(nullptr).state, State::Refused);
  StatelessTokens plain(http, {"https://a.example", "https://b.example", "http://a.example"}, "1", SecretString("s"),
                        clock);
  EXPECT_EQ(plain.token(nullptr).state, State::Refused);
  EXPECT_EQ(endpoint.calls(), 0U);
}

TEST(StaticAccessToken, IsReadyUnlessItIsEmpty) {
  StaticAccessToken token(SecretString("t"));
  EXPECT_EQ(token.token(nullptr).secret.reveal(), "t");
  EXPECT_FALSE(token.invalidate(SecretString("t")));
  StaticAccessToken none{SecretString()};
  EXPECT_EQ(none.token(nullptr).state, State::Refused);
}

}  // namespace
}  // namespace tsunagi::line
