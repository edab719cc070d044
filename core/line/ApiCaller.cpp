#include "line/ApiCaller.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/LogEscape.h"
#include "line/JsonRead.h"
#include "line/TextLimits.h"
#include "net/HttpClient.h"
#include "net/Url.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

constexpr int64_t CONNECT_MS = 5'000;
constexpr int64_t LEAST_ATTEMPT_MS = 1'000;
constexpr uint64_t MAX_ANSWER = 1024UL * 1024;
constexpr size_t MAX_WORDS = 1024;
constexpr size_t MAX_TOKEN = 4096;

// LINE's pages call the ids numbers and show strings.
std::vector<SentMessage> sentMessages(const json& answer) {
  std::vector<SentMessage> messages;
  const json& list = memberOf(answer, "sentMessages");
  if (!list.is_array()) return messages;
  for (const json& item : list) {
    if (messages.size() == MAX_MESSAGES) break;
    const json& id = memberOf(item, "id");
    std::string text = id.is_number_integer() ? compactJson(id) : stringOf(item, "id", 64);
    if (!text.empty()) messages.push_back({std::move(text), stringOf(item, "quoteToken", MAX_TOKEN)});
  }
  return messages;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Kind kindOf(int status, std::string_view message, bool isReply, bool hasRetryKey) {
  if (status >= 200 && status < 300) return Kind::Delivered;
  if (status == 400 && isReply && contains(message, "nvalid reply token")) return Kind::InvalidReplyToken;
  if (status == 409 && hasRetryKey) return Kind::AlreadyAccepted;
  if (status == 401) return Kind::Unauthorized;
  if (status == 429) return contains(message, "monthly limit") ? Kind::QuotaExhausted : Kind::RateLimited;
  return status >= 500 ? Kind::ServerError : Kind::Refused;
}

// LINE's own words about an error: the message, then its details. They name properties, never values.
std::string wordsOf(const json& answer) {
  std::string words = stringOf(answer, "message", MAX_WORDS);
  const json& details = memberOf(answer, "details");
  if (!details.is_array()) return words;
  size_t shown = 0;
  for (const json& item : details) {
    if (++shown > 3) break;
    words += "; " + stringOf(item, "property", MAX_WORDS) + ": " + stringOf(item, "message", MAX_WORDS);
  }
  return words;
}

std::string headerOf(const net::HttpHeaders& headers, std::string_view name) {
  const auto value = headers.find(name);
  return value ? logEscape(*value, 100) : std::string();
}

void readOutcome(const net::HttpResult& answer, const std::string& what, SendResult& result) {
  using Outcome = net::HttpResult::Outcome;
  if (answer.outcome == Outcome::NotSent) {
    result.kind = Kind::NotSent;
    result.detail = what + ": LINE was not reached, " + logEscape(answer.error);
  } else if (answer.outcome == Outcome::Cancelled && !answer.sent) {
    result.kind = Kind::Cancelled;
    result.detail = what + ": cancelled before it was sent";
  } else {
    result.kind = Kind::Ambiguous;
    result.detail = what + ": sent, but no whole answer came, " + logEscape(answer.error);
  }
}

SendResult readAnswer(const net::HttpResult& answer, const std::string& what, const net::HttpCall& call) {
  SendResult result;
  if (!answer.ok()) {
    readOutcome(answer, what, result);
    return result;
  }
  const json content = parseJson(answer.body);
  const std::string words = wordsOf(content);
  result.httpStatus = answer.status;
  result.kind = kindOf(answer.status, words, what == "reply", call.headers.count("X-Line-Retry-Key") > 0);
  result.requestId = headerOf(answer.headers, "x-line-request-id");
  if (result.kind == Kind::AlreadyAccepted)
    if (auto accepted = headerOf(answer.headers, "x-line-accepted-request-id"); !accepted.empty())
      result.requestId = std::move(accepted);
  result.sentMessages = sentMessages(content);
  result.detail = what + ": LINE answered " + std::to_string(answer.status);
  if (!words.empty()) result.detail += " \"" + logEscape(words) + "\"";
  if (!result.requestId.empty()) result.detail += " (request " + result.requestId + ")";
  return result;
}

SendResult withoutToken(const AccessToken& token, const std::string& what) {
  SendResult result;
  result.detail = what + ": " + token.error;
  switch (token.state) {
    case AccessToken::State::Refused:
      result.kind = Kind::Unauthorized;
      break;
    case AccessToken::State::Cancelled:
      result.kind = Kind::Cancelled;
      break;
    case AccessToken::State::Ready:
    case AccessToken::State::Unavailable:
      result.kind = Kind::NotSent;
      break;
  }
  return result;
}

}  // namespace

ApiCaller::ApiCaller(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens)
    : _client(client), _endpoints(std::move(endpoints)), _tokens(std::move(tokens)) {
  if (auto status = _endpoints.validate(); !status) _unusable = status.error();
}

SendResult ApiCaller::perform(std::string_view what, Host host, std::string_view path, net::HttpCall& call,
                              net::HttpResult* answer) const {
  const std::string name(what);
  const std::string& base = host == Host::Data ? _endpoints.dataBase : _endpoints.apiBase;
  auto url = _unusable.empty() ? net::Url::parse(base + std::string(path)) : Result<net::Url>(Error{_unusable});
  if (!url) {
    SendResult result;
    result.detail = name + ": " + url.error();
    return result;
  }
  call.url = std::move(url.value());
  if (!call.body.empty()) call.headers.set("Content-Type", "application/json");
  call.connectMs = CONNECT_MS;
  if (!call.onBody) call.maxBody = MAX_ANSWER;
  if (!call.onBody) call.idleMs = call.totalMs;
  for (bool again = false;; again = true) {
    const AccessToken token = _tokens->token(call.cancel);
    if (token.state != AccessToken::State::Ready) return withoutToken(token, name);
    call.headers.set("Authorization", "Bearer " + std::string(token.secret.reveal()));
    net::HttpResult got = _client.perform(call);
    SendResult result = readAnswer(got, name, call);
    if (result.kind == Kind::Unauthorized && !again && _tokens->invalidate(token.secret)) {
      call.totalMs = std::max(LEAST_ATTEMPT_MS, call.totalMs - got.elapsedMs);
      continue;
    }
    if (answer != nullptr) *answer = std::move(got);
    return result;
  }
}

}  // namespace tsunagi::line
