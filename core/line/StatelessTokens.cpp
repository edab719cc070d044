#include "line/StatelessTokens.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Clock.h"
#include "base/LogEscape.h"
#include "line/JsonRead.h"
#include "net/HttpClient.h"
#include "net/Url.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using State = AccessToken::State;

constexpr std::string_view PATH = "/oauth2/v3/token";
constexpr int64_t CONNECT_MS = 5'000;
constexpr uint64_t MAX_ANSWER = 64UL * 1024;
constexpr size_t MAX_TOKEN = 4096;
constexpr size_t MAX_WORDS = 300;
constexpr int64_t SHORTEST_LIFE_S = 30;
constexpr int64_t LONGEST_LIFE_S = 30L * 24 * 3600;
constexpr std::chrono::milliseconds CANCEL_LOOK{100};

// application/x-www-form-urlencoded, everything but unreserved characters escaped.
std::string formEncode(std::string_view text) {
  constexpr std::string_view DIGITS = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.' || c == '~')
      out += c;
    else
      out.append("%").append(1, DIGITS[byte >> 4]).append(1, DIGITS[byte & 15]);
  }
  return out;
}

// LINE's token endpoints speak OAuth's shape and sometimes their own.
std::string wordsOf(const json& answer) {
  std::string words = stringOf(answer, "error", MAX_WORDS);
  for (const char* name : {"error_description", "message"})
    if (const std::string more = stringOf(answer, name, MAX_WORDS); !more.empty())
      words += (words.empty() ? "" : ": ") + more;
  return words.empty() ? words : " \"" + logEscape(words) + "\"";
}

bool isPrintable(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

StatelessTokens::StatelessTokens(const net::HttpClient& client, ApiEndpoints endpoints, std::string channelId,
                                 SecretString channelSecret, const Clock& clock)
    : StatelessTokens([&client](const net::HttpCall& call) { return client.perform(call); }, std::move(endpoints),
                      std::move(channelId), std::move(channelSecret), clock) {}

StatelessTokens::StatelessTokens(Http http, ApiEndpoints endpoints, std::string channelId, SecretString channelSecret,
                                 const Clock& clock)
    : _http(std::move(http)),
      _endpoints(std::move(endpoints)),
      _channelId(std::move(channelId)),
      _channelSecret(std::move(channelSecret)),
      _clock(clock) {
  if (auto status = _endpoints.validate(); !status)
    _unusable = "no access token can be issued: " + status.error();
  else if (_channelId.empty() || _channelSecret.empty())
    _unusable = "no access token can be issued: channel_id or channel_secret_file is not set";
}

bool StatelessTokens::usable(int64_t nowMs) const { return !_token.empty() && nowMs < _expiresMs; }
bool StatelessTokens::mayIssue(int64_t nowMs) const { return !_issuing && nowMs >= _nextAttemptMs; }

AccessToken StatelessTokens::refusal(int64_t nowMs) const {
  const int64_t seconds = (_nextAttemptMs - nowMs + 999) / 1000;
  return {_failure, {}, _status.error + "; next attempt in " + std::to_string(seconds) + " s"};
}

AccessToken StatelessTokens::token(net::CancelToken* cancel) {
  std::unique_lock lock(_mutex);
  if (!_unusable.empty()) return {State::Refused, {}, _unusable};
  for (;;) {
    const int64_t nowMs = _clock.steadyMs();
    const bool good = usable(nowMs);
    if (good && (nowMs < _renewMs || !mayIssue(nowMs))) return {State::Ready, _token, {}};
    if (cancel != nullptr && cancel->isCancelled()) return {State::Cancelled, {}, "cancelled before a token was there"};
    if (_issuing) {
      if (cancel != nullptr)
        _issuedOne.wait_for(lock, CANCEL_LOOK);
      else
        _issuedOne.wait(lock);
      continue;
    }
    if (!mayIssue(nowMs)) return refusal(nowMs);
    _issuing = true;
    lock.unlock();
    Issued issued;
    try {
      issued = issue(cancel);
    } catch (...) {
      lock.lock();
      _issuing = false;
      _issuedOne.notify_all();
      throw;
    }
    lock.lock();
    _issuing = false;
    _issuedOne.notify_all();
    settle(std::move(issued), nowMs);
  }
}

void StatelessTokens::settle(Issued issued, int64_t startedMs) {
  switch (issued.state) {
    case State::Cancelled:
      return;
    case State::Ready:
      _token = std::move(issued.secret);
      _expiresMs = startedMs + issued.lifeMs;
      _renewMs = _expiresMs - std::min(RENEW_BEFORE_MS, issued.lifeMs / 2);
      _nextAttemptMs = INT64_MIN;
      _backoffMs = 0;
      ++_status.issued;
      _status.error.clear();
      return;
    case State::Refused:
      _backoffMs = LONGEST_BACKOFF_MS;
      break;
    case State::Unavailable:
      _backoffMs = std::clamp(_backoffMs * 2, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
      break;
  }
  _failure = issued.state;
  _nextAttemptMs = _clock.steadyMs() + _backoffMs;
  ++_status.failures;
  _status.error = std::move(issued.error);
}

StatelessTokens::Issued StatelessTokens::issue(net::CancelToken* cancel) const {
  Issued result;
  auto url = net::Url::parse(_endpoints.tokenBase() + std::string(PATH));
  if (!url) {
    result.error = "no access token can be issued: " + url.error();
    return result;
  }
  net::HttpCall call;
  call.method = "POST";
  call.url = std::move(url.value());
  call.headers.set("Content-Type", "application/x-www-form-urlencoded");
  call.body = "grant_type=client_credentials&client_id=" + formEncode(_channelId) +
              "&client_secret=" + formEncode(_channelSecret.reveal());
  call.connectMs = CONNECT_MS;
  call.totalMs = ISSUE_TOTAL_MS;
  call.idleMs = ISSUE_TOTAL_MS;
  call.maxBody = MAX_ANSWER;
  call.cancel = cancel;
  const net::HttpResult answer = _http(call);
  if (answer.outcome == net::HttpResult::Outcome::Cancelled) {
    result.state = State::Cancelled;
    return result;
  }
  if (!answer.ok()) {
    result.error = "LINE's token endpoint gave no answer, " + logEscape(answer.error);
    return result;
  }
  const json content = parseJson(answer.body);
  const std::string said = "LINE's token endpoint answered " + std::to_string(answer.status) + wordsOf(content);
  if (answer.status == 400 || answer.status == 401 || answer.status == 403) {
    result.state = State::Refused;
    result.error = said + ": it does not accept this channel's id and secret; check channel_id and channel_secret_file";
    return result;
  }
  if (answer.status != 200) {
    result.error = said;
    return result;
  }
  std::string token = stringOf(content, "access_token", MAX_TOKEN);
  const int64_t seconds = integerOf(content, "expires_in");
  if (token.empty() || !isPrintable(token) || seconds < SHORTEST_LIFE_S) {
    result.error = said + " without a token to use; is oauth_base really LINE's?";
    return result;
  }
  result.state = State::Ready;
  result.secret = SecretString(std::move(token));
  result.lifeMs = std::min(seconds, LONGEST_LIFE_S) * 1000;
  return result;
}

bool StatelessTokens::invalidate(const SecretString& refused) {
  const std::lock_guard lock(_mutex);
  const int64_t nowMs = _clock.steadyMs();
  if (!(_token == refused)) return usable(nowMs) || _issuing || mayIssue(nowMs);
  if (_forcedMs > nowMs - FORCED_EVERY_MS || nowMs < _nextAttemptMs) return false;
  _forcedMs = nowMs;
  _token = SecretString();
  return true;
}

StatelessTokens::Status StatelessTokens::status() const {
  const std::lock_guard lock(_mutex);
  Status status = _status;
  const int64_t nowMs = _clock.steadyMs();
  status.hasToken = usable(nowMs);
  status.expiresInMs = status.hasToken ? _expiresMs - nowMs : 0;
  return status;
}

}  // namespace tsunagi::line
