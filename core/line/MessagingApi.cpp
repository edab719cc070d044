#include "line/MessagingApi.h"

#include <nlohmann/json.hpp>

#include "base/LogEscape.h"
#include "net/HttpClient.h"
#include "net/Url.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Kind = SendResult::Kind;

constexpr int64_t CONNECT_MS = 5'000;
constexpr uint64_t MAX_ANSWER = 1024 * 1024;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string stringOf(const json& parent, const char* name) {
  if (!parent.is_object()) return {};
  const auto found = parent.find(name);
  return found != parent.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<net::Url> parseBase(std::string_view key, const std::string& base) {
  const std::string where = std::string(key) + " " + logEscape(base);
  auto url = net::Url::parse(base);
  if (!url) return Error{where + ": " + url.error()};
  if (url->scheme != "https" && !(url->scheme == "http" && url->isLoopback()))
    return Error{where + ": must be https, or http to a loopback address, since it carries the access token"};
  if (url->target.find('?') != std::string::npos) return Error{where + ": must not have a query"};
  if (base.back() == '/') return Error{where + ": must not end with a slash"};
  return url;
}

// Message ids of an answer; LINE's pages call them numbers and show strings.
std::vector<std::string> sentIds(const json& answer) {
  std::vector<std::string> ids;
  if (!answer.is_object()) return ids;
  const auto list = answer.find("sentMessages");
  if (list == answer.end() || !list->is_array()) return ids;
  for (const json& item : *list) {
    if (!item.is_object() || ids.size() == 5) continue;
    const auto id = item.find("id");
    if (id == item.end()) continue;
    if (id->is_string())
      ids.push_back(id->get<std::string>());
    else if (id->is_number_integer())
      ids.push_back(dump(*id));
  }
  return ids;
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
  std::string words = stringOf(answer, "message");
  if (!answer.is_object()) return words;
  const auto details = answer.find("details");
  if (details == answer.end() || !details->is_array()) return words;
  size_t shown = 0;
  for (const json& item : *details) {
    if (++shown > 3) break;
    words += "; " + stringOf(item, "property") + ": " + stringOf(item, "message");
  }
  return words;
}

std::string headerOf(const net::HttpHeaders& headers, std::string_view name) {
  const auto value = headers.find(name);
  return value ? logEscape(*value, 100) : std::string();
}

void readOutcome(const net::HttpResult& answer, std::string_view what, SendResult& result) {
  using Outcome = net::HttpResult::Outcome;
  const std::string words = std::string(what) + ": ";
  if (answer.outcome == Outcome::NotSent) {
    result.kind = Kind::NotSent;
    result.detail = words + "LINE was not reached, " + logEscape(answer.error);
  } else if (answer.outcome == Outcome::Cancelled && !answer.sent) {
    result.kind = Kind::Cancelled;
    result.detail = words + "cancelled before it was sent";
  } else {
    result.kind = Kind::Ambiguous;
    result.detail = words + "sent, but no whole answer came, " + logEscape(answer.error);
  }
}

}  // namespace

Status ApiEndpoints::validate() const {
  if (auto url = parseBase("api_base", apiBase); !url) return Error{url.error()};
  if (auto url = parseBase("data_base", dataBase); !url) return Error{url.error()};
  return {};
}

std::string_view kindName(Kind kind) {
  switch (kind) {
    case Kind::Delivered:
      return "Delivered";
    case Kind::InvalidReplyToken:
      return "InvalidReplyToken";
    case Kind::AlreadyAccepted:
      return "AlreadyAccepted";
    case Kind::RateLimited:
      return "RateLimited";
    case Kind::QuotaExhausted:
      return "QuotaExhausted";
    case Kind::Unauthorized:
      return "Unauthorized";
    case Kind::Refused:
      return "Refused";
    case Kind::ServerError:
      return "ServerError";
    case Kind::NotSent:
      return "NotSent";
    case Kind::Ambiguous:
      return "Ambiguous";
    case Kind::Cancelled:
      return "Cancelled";
  }
  return "unknown";
}

std::string replyBody(std::string_view replyToken, std::string_view messagesJson) {
  return "{\"replyToken\":" + dump(std::string(replyToken)) + ",\"messages\":" + std::string(messagesJson) + "}";
}

std::string pushBody(std::string_view to, std::string_view messagesJson) {
  return "{\"to\":" + dump(std::string(to)) + ",\"messages\":" + std::string(messagesJson) + "}";
}

std::string textMessagesJson(const std::vector<std::string>& texts) {
  json messages = json::array();
  for (const auto& text : texts) messages.push_back({{"type", "text"}, {"text", text}});
  return dump(messages);
}

MessagingApi::MessagingApi(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken)
    : _client(client), _endpoints(std::move(endpoints)), _accessToken(std::move(accessToken)) {
  if (auto status = _endpoints.validate(); !status) _unusable = status.error();
}

SendResult MessagingApi::send(std::string_view what, std::string_view path, net::HttpCall& call,
                              net::CancelToken* cancel, std::string& body) const {
  SendResult result;
  auto url =
      _unusable.empty() ? net::Url::parse(_endpoints.apiBase + std::string(path)) : Result<net::Url>(Error{_unusable});
  if (!url) {
    result.detail = std::string(what) + ": " + url.error();
    return result;
  }
  call.url = std::move(url.value());
  call.headers.set("Authorization", "Bearer " + std::string(_accessToken.reveal()));
  if (call.method == "POST") call.headers.set("Content-Type", "application/json");
  call.connectMs = CONNECT_MS;
  call.idleMs = call.totalMs;
  call.maxBody = MAX_ANSWER;
  call.cancel = cancel;
  net::HttpResult answer = _client.perform(call);
  if (!answer.ok()) {
    readOutcome(answer, what, result);
    return result;
  }
  const json content = json::parse(answer.body, nullptr, false);
  const std::string words = wordsOf(content);
  result.httpStatus = answer.status;
  result.kind = kindOf(answer.status, words, what == "reply", call.headers.find("X-Line-Retry-Key").has_value());
  result.requestId = headerOf(answer.headers, "x-line-request-id");
  if (result.kind == Kind::AlreadyAccepted)
    if (auto accepted = headerOf(answer.headers, "x-line-accepted-request-id"); !accepted.empty())
      result.requestId = std::move(accepted);
  result.sentMessageIds = sentIds(content);
  result.detail = std::string(what) + ": LINE answered " + std::to_string(answer.status);
  if (!words.empty()) result.detail += " \"" + logEscape(words) + "\"";
  if (!result.requestId.empty()) result.detail += " (request " + result.requestId + ")";
  body = std::move(answer.body);
  return result;
}

SendResult MessagingApi::reply(std::string_view replyToken, std::string_view messagesJson,
                               net::CancelToken* cancel) const {
  net::HttpCall call;
  call.method = "POST";
  call.body = replyBody(replyToken, messagesJson);
  call.totalMs = REPLY_TOTAL_MS;
  std::string answer;
  return send("reply", "/v2/bot/message/reply", call, cancel, answer);
}

SendResult MessagingApi::push(std::string_view to, std::string_view messagesJson, std::string_view retryKey,
                              net::CancelToken* cancel) const {
  net::HttpCall call;
  call.method = "POST";
  call.body = pushBody(to, messagesJson);
  call.headers.set("X-Line-Retry-Key", std::string(retryKey));
  call.totalMs = PUSH_TOTAL_MS;
  std::string answer;
  return send("push", "/v2/bot/message/push", call, cancel, answer);
}

BotInfoResult MessagingApi::botInfo(net::CancelToken* cancel) const {
  net::HttpCall call;
  call.totalMs = LOOKUP_TOTAL_MS;
  std::string answer;
  BotInfoResult result{send("bot info", "/v2/bot/info", call, cancel, answer), {}};
  if (result.call.kind != Kind::Delivered) return result;
  const json content = json::parse(answer, nullptr, false);
  result.info = {stringOf(content, "userId"), stringOf(content, "basicId"), stringOf(content, "displayName"),
                 stringOf(content, "chatMode"), stringOf(content, "markAsReadMode")};
  if (result.info.userId.empty()) {
    result.call.kind = Kind::Refused;
    result.call.detail = "bot info: the answer has no userId; is api_base really LINE's?";
  }
  return result;
}

}  // namespace tsunagi::line
