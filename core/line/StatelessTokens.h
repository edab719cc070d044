#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "base/SecretString.h"
#include "line/AccessTokenSource.h"
#include "line/ApiEndpoints.h"

namespace tsunagi {
class Clock;
}
namespace tsunagi::net {
class HttpClient;
struct HttpCall;
struct HttpResult;
}  // namespace tsunagi::net

namespace tsunagi::line {

// Stateless channel access tokens (line-api.md section 7), issued by channel id and secret, good for 15 minutes:
// nothing to be revoked, nothing to be kept. A token is used until RENEW_BEFORE_MS of its life are left (half its life
// when that is shorter); then one thread issues the next while the others go on with the old one. Without a usable
// token all wait for that one call. A failure is told to everyone until the next attempt is due, 1 s later at first and
// a minute at last. Thread-safe.
class StatelessTokens : public AccessTokenSource {
 public:
  using Http = std::function<net::HttpResult(const net::HttpCall&)>;

  static constexpr int64_t RENEW_BEFORE_MS = 150'000;
  static constexpr int64_t ISSUE_TOTAL_MS = 8'000;
  static constexpr int64_t FIRST_BACKOFF_MS = 1'000;
  static constexpr int64_t LONGEST_BACKOFF_MS = 60'000;
  static constexpr int64_t FORCED_EVERY_MS = 60'000;  // a 401 forces a renewal at most this often

  // client and clock outlive the object. An empty id or secret is Refused; so are endpoints that do not validate().
  StatelessTokens(const net::HttpClient& client, ApiEndpoints endpoints, std::string channelId,
                  SecretString channelSecret, const Clock& clock);
  StatelessTokens(Http http, ApiEndpoints endpoints, std::string channelId, SecretString channelSecret,
                  const Clock& clock);

  AccessToken token(net::CancelToken* cancel) override;
  bool invalidate(const SecretString& refused) override;

  struct Status {
    bool hasToken = false;
    int64_t expiresInMs = 0;
    uint64_t issued = 0;  // since the start
    uint64_t failures = 0;
    std::string error;  // of the last attempt; empty when it succeeded
  };
  Status status() const;

 private:
  struct Issued {
    AccessToken::State state = AccessToken::State::Unavailable;
    SecretString secret;
    int64_t lifeMs = 0;
    std::string error;
  };
  bool usable(int64_t nowMs) const;
  bool mayIssue(int64_t nowMs) const;
  Issued issue(net::CancelToken* cancel) const;
  void settle(Issued issued, int64_t startedMs);
  AccessToken refusal(int64_t nowMs) const;

  Http _http;
  ApiEndpoints _endpoints;
  std::string _channelId;
  SecretString _channelSecret;
  const Clock& _clock;
  std::string _unusable;  // why no token can be issued at all

  mutable std::mutex _mutex;
  std::condition_variable _issuedOne;
  bool _issuing = false;
  SecretString _token;
  int64_t _expiresMs = 0;
  int64_t _renewMs = 0;
  int64_t _forcedMs = INT64_MIN;  // when a 401 last took a token away
  int64_t _nextAttemptMs = INT64_MIN;
  int64_t _backoffMs = 0;
  AccessToken::State _failure = AccessToken::State::Unavailable;
  Status _status;
};

}  // namespace tsunagi::line
