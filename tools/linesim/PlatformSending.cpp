// The Messaging API's side of the platform: what a bot may call, and what LINE would answer.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Random.h"
#include "tools/linesim/MessageRules.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

constexpr int64_t RETRY_KEY_LIFE_MS = 24 * 60 * 60 * 1000;
constexpr size_t MAX_RETRY_KEYS = 100'000;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

BotAnswer refuse(BotAnswer answer, int status, const std::string& message,
                 const std::vector<RuleViolation>& details = {}) {
  answer.status = status;
  answer.body = errorBody(message, details);
  return answer;
}

BotAnswer refuseFaults(BotAnswer answer, const std::vector<RuleViolation>& found) {
  return refuse(std::move(answer), 400, "The request body has " + std::to_string(found.size()) + " error(s)", found);
}

std::vector<std::string> textsOf(const json& messages) {
  std::vector<std::string> texts;
  for (const json& message : messages) {
    const auto text = message.find("text");
    texts.push_back(text != message.end() && text->is_string() ? text->get<std::string>()
                                                               : "[" + message["type"].get<std::string>() + "]");
  }
  return texts;
}

// The object of a request body; sets answer and returns null when there is none.
json parseBody(const std::string& body, BotAnswer& answer) {
  json request = json::parse(body, nullptr, false);
  if (!request.is_object()) {
    answer = refuse(std::move(answer), 400, "The request body could not be parsed as JSON (line: 1, column: 1)");
    return nullptr;
  }
  return request;
}

// The string member name, or an entry in found.
std::string requiredString(const json& request, const char* name, std::vector<RuleViolation>& found) {
  const auto value = request.find(name);
  if (value != request.end() && value->is_string() && !value->get_ref<const std::string&>().empty())
    return value->get<std::string>();
  found.insert(found.begin(), {name, "May not be empty"});
  return {};
}

}  // namespace

BotAnswer Platform::begin() {
  BotAnswer answer;
  answer.requestId = randomUuid();
  return answer;
}

void Platform::spoil(BotAnswer& answer, const Fault& fault) const {
  if (fault.action != Fault::Action::Status) {
    answer.spoiled = fault.action;
    return;
  }
  const char* message = fault.status == 429 ? "The API rate limit has been exceeded. Try again later."
                                            : "Internal Server Error (a fault that was asked for)";
  answer = refuse(std::move(answer), fault.status, message);
}

BotAnswer Platform::deliver(ReceivedMessages messages, BotAnswer answer, const std::optional<Fault>& fault) {
  json sent = json::array();
  for (size_t i = 0; i < messages.texts.size(); ++i) {
    messages.messageIds.push_back(nextMessageId());
    sent.push_back({{"id", messages.messageIds.back()}, {"quoteToken", randomId()}});
  }
  messages.atMs = _clock.steadyMs();
  messages.requestId = answer.requestId;
  messages.answerSpoiled = fault.has_value();
  answer.body = dump({{"sentMessages", std::move(sent)}});
  answer.effect = true;
  _ledger.addMessages(std::move(messages));
  return answer;
}

BotAnswer Platform::reply(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = begin();
    if (call.hasRetryKey)
      return refuse(std::move(answer), 400, "The retry key header is not supported by this endpoint");
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    auto found = checkMessages(request);
    const std::string token = requiredString(request, "replyToken", found);
    if (!found.empty()) return refuseFaults(std::move(answer), found);
    const auto fault = _faults.take();
    if (fault && !fault->afterEffect) {
      spoil(answer, *fault);
      return answer;
    }
    const auto owner = _tokens.find(token, _clock.steadyMs());
    if (owner.state != ReplyTokens::State::Good) {
      ++_deadTokenCalls;
      answer = refuse(std::move(answer), 400, "Invalid reply token");
    } else {
      _tokens.spend(token);
      ReceivedMessages messages;
      messages.event = owner.event;
      messages.conversation = _ledger.event(owner.event).conversation;
      messages.messagesJson = dump(request["messages"]);
      messages.texts = textsOf(request["messages"]);
      answer = deliver(std::move(messages), std::move(answer), fault);
    }
    if (fault) spoil(answer, *fault);
  }
  changed();
  return answer;
}

void Platform::dropOldRetryKeys(int64_t nowMs) {
  for (auto key = _retryKeys.begin(); key != _retryKeys.end();)
    key = nowMs - key->second.firstMs > RETRY_KEY_LIFE_MS ? _retryKeys.erase(key) : std::next(key);
}

BotAnswer Platform::push(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = begin();
    if (call.hasRetryKey && !isUuid(call.retryKey))
      return refuse(std::move(answer), 400, "The retry key is not a UUID");
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    auto found = checkMessages(request);
    const std::string to = requiredString(request, "to", found);
    if (!found.empty()) return refuseFaults(std::move(answer), found);
    const int64_t now = _clock.steadyMs();
    if (_retryKeys.size() >= MAX_RETRY_KEYS) dropOldRetryKeys(now);
    if (const auto key = _retryKeys.find(call.retryKey); call.hasRetryKey && key != _retryKeys.end()) {
      if (now - key->second.firstMs <= RETRY_KEY_LIFE_MS) {
        answer.status = 409;
        answer.acceptedRequestId = key->second.requestId;
        answer.body = "{\"message\":\"The retry key is already accepted\"," + key->second.sentMessages.substr(1);
        return answer;
      }
      _retryKeys.erase(key);
    }
    const auto fault = _faults.take();
    if (fault && !fault->afterEffect) {
      spoil(answer, *fault);
      return answer;
    }
    if (!_ledger.knowsConversation(to) && _users.count(to) == 0)
      return refuse(std::move(answer), 400, "Failed to send messages");
    if (_quota && _pushed >= *_quota) return refuse(std::move(answer), 429, "You have reached your monthly limit.");
    if (call.hasRetryKey && _retryKeys.size() >= MAX_RETRY_KEYS)
      return refuse(std::move(answer), 429, "The API rate limit has been exceeded. Try again later.");
    ++_pushed;
    ReceivedMessages messages;
    messages.via = ReceivedMessages::Via::Push;
    messages.conversation = to;
    messages.messagesJson = dump(request["messages"]);
    messages.texts = textsOf(request["messages"]);
    answer = deliver(std::move(messages), std::move(answer), fault);
    if (call.hasRetryKey) _retryKeys[call.retryKey] = {answer.requestId, answer.body, now};
    if (fault) spoil(answer, *fault);
  }
  changed();
  return answer;
}

BotAnswer Platform::startLoading(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = begin();
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    std::vector<RuleViolation> found;
    const std::string chatId = requiredString(request, "chatId", found);
    int64_t seconds = 20;
    if (const auto value = request.find("loadingSeconds"); value != request.end())
      seconds = value->is_number_integer() ? value->get<int64_t>() : 0;
    if (seconds < 5 || seconds > 60 || seconds % 5 != 0)
      found.push_back({"loadingSeconds", "Must be a multiple of 5 between 5 and 60"});
    if (_users.count(chatId) == 0) found.push_back({"chatId", "Must be a user's id"});
    if (!found.empty()) return refuseFaults(std::move(answer), found);
    _ledger.addLoading(chatId, static_cast<size_t>(seconds));
    answer.status = 202;
    answer.body = "{}";
  }
  changed();
  return answer;
}

BotAnswer Platform::profile(const std::string& userId) {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = begin();
  const auto user = _users.find(userId);
  if (user == _users.end()) return refuse(std::move(answer), 404, "Not found");
  answer.body = dump({{"displayName", user->second}, {"userId", userId}, {"language", "ja"}});
  return answer;
}

BotAnswer Platform::botInfo() {
  BotAnswer answer = begin();
  answer.body = dump({{"userId", _options.botUserId},
                      {"basicId", "@linesim"},
                      {"displayName", _options.botName},
                      {"chatMode", "bot"},
                      {"markAsReadMode", "auto"}});
  return answer;
}

BotAnswer Platform::quota() {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = begin();
  answer.body = dump(_quota ? json{{"type", "limited"}, {"value", *_quota}} : json{{"type", "none"}});
  return answer;
}

BotAnswer Platform::quotaConsumption() {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = begin();
  answer.body = dump({{"totalUsage", _pushed}});
  return answer;
}

}  // namespace tsunagi::linesim
