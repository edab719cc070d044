// The Messaging API's calls that send: reply, push, multicast, and the dry run of all of them.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Encoding.h"
#include "base/Random.h"
#include "tools/linesim/BotAnswers.h"
#include "tools/linesim/MessageRules.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using Form = FieldRule::Form;

constexpr int64_t MAX_MULTICAST = 500;

std::vector<std::string> textsOf(const json& messages) {
  std::vector<std::string> texts;
  for (const json& message : messages) {
    const std::string text = stringMember(message, "text");
    texts.push_back(text.empty() ? "[" + stringMember(message, "type") + "]" : text);
  }
  return texts;
}

// The violations of a sending request: of its own members, then of its messages.
std::vector<RuleViolation> checkRequest(const json& request, const FieldRule& target) {
  FieldChecker checker;
  checker.check(request, "",
                {target,
                 {"messages", Form::Unlooked},
                 {"notificationDisabled", Form::Flag},
                 {"customAggregationUnits", Form::List, false, 0, 1}});
  for (RuleViolation& violation : checkMessages(request)) checker.found.push_back(std::move(violation));
  return std::move(checker.found);
}

}  // namespace

BotAnswer Platform::start(const std::string& endpoint, const BotCall& call) {
  BotAnswer answer;
  answer.requestId = randomUuid();
  if (!_rates.take(endpoint, _clock.steadyMs()))
    return refuse(std::move(answer), 429, "The API rate limit has been exceeded. Try again later.");
  if (!call.hasRetryKey) return answer;
  if (endpoint != "push" && endpoint != "multicast")
    return refuse(std::move(answer), 400, "The retry key header is not supported by this endpoint");
  return isUuid(call.retryKey) ? answer : refuse(std::move(answer), 400, "The retry key is not a UUID");
}

// What LINE can only judge where the message goes to: quote tokens, mentions, tracking ids.
std::vector<RuleViolation> Platform::checkForChat(const json& messages, const std::string& conversation) const {
  FieldChecker checker;
  const Chat* const chat = _people.findChat(conversation);
  for (size_t i = 0; i < messages.size(); ++i) {
    const json& message = messages[i];
    const std::string where = elementPath("messages", i);
    if (const std::string token = stringMember(message, "quoteToken"); !token.empty()) {
      const ChatMessage* const quoted = _chatLog.findQuoted(token);
      if (!quoted || quoted->conversation != conversation)
        checker.complain(memberPath(where, "quoteToken"), "Invalid quote token");
    }
    if (chat && message.contains("trackingId"))
      checker.complain(memberPath(where, "trackingId"), "Only in a chat with one user");
    const json substitution = message.value("substitution", json::object());
    for (const auto& [key, item] : substitution.items()) {
      if (stringMember(item, "type") != "mention") continue;
      const std::string userId = stringMember(item["mentionee"], "userId");
      if (!chat || (!userId.empty() && !chat->hasMember(userId)))
        checker.complain(memberPath(where, "substitution." + key), "Only members of a group or room can be mentioned");
    }
  }
  return std::move(checker.found);
}

BotAnswer Platform::deliver(ReceivedMessages messages, const json& content, BotAnswer answer,
                            const std::optional<Fault>& fault) {
  json sent = json::array();
  messages.messagesJson = dumpJson(content);
  messages.texts = textsOf(content);
  for (const json& message : content) {
    const std::string type = stringMember(message, "type");
    const bool quotable = type == "text" || type == "textV2" || type == "sticker" || type == "image" ||
                          type == "video" || type == "template";
    ChatMessage entry{nextMessageId(), messages.conversation, "", type, dumpJson(message), "", std::nullopt};
    if (quotable) entry.quoteToken = toHex(randomBytes(24));
    messages.messageIds.push_back(entry.id);
    sent.push_back({{"id", entry.id}});
    if (quotable) sent.back()["quoteToken"] = entry.quoteToken;
    const ChatMessage* const quoted = _chatLog.findQuoted(stringMember(message, "quoteToken"));
    if (quoted && quoted->event && quoted->event != messages.event &&
        std::find(messages.quotes.begin(), messages.quotes.end(), *quoted->event) == messages.quotes.end())
      messages.quotes.push_back(*quoted->event);
    _chatLog.add(std::move(entry));
  }
  messages.atMs = _clock.steadyMs();
  messages.requestId = answer.requestId;
  messages.answerSpoiled = fault.has_value();
  answer.body = dumpJson({{"sentMessages", std::move(sent)}});
  answer.effect = true;
  _ledger.addMessages(std::move(messages));
  return answer;
}

BotAnswer Platform::reply(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = start("reply", call);
    if (answer.status != 200) return answer;
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    if (const auto found = checkRequest(request, {"replyToken", Form::Units, true, 1}); !found.empty())
      return refuseFaults(std::move(answer), found);
    const auto fault = _faults.take("reply");
    if (fault && !fault->afterEffect) {
      spoil(answer, *fault);
      return answer;
    }
    const auto owner = _replyTokens.find(stringMember(request, "replyToken"), _clock.steadyMs());
    if (owner.state != ReplyTokens::State::Good) {
      ++_deadTokenCalls;
      answer = refuse(std::move(answer), 400, "Invalid reply token");
    } else {
      ReceivedMessages messages;
      messages.event = owner.event;
      messages.conversation = _ledger.event(owner.event).conversation;
      const json& content = request["messages"];
      if (const auto found = checkForChat(content, messages.conversation); !found.empty())
        return refuseFaults(std::move(answer), found);
      const auto recipients = _people.recipients(messages.conversation, _clock.steadyMs());
      const bool isChat = _people.findChat(messages.conversation) != nullptr;
      if (isChat && !recipients) return refuse(std::move(answer), 400, "Failed to send messages");
      messages.recipients = recipients.value_or(0);
      _replyTokens.spend(stringMember(request, "replyToken"));
      answer = deliver(std::move(messages), content, std::move(answer), fault);
    }
    if (fault) spoil(answer, *fault);
  }
  changed();
  return answer;
}

BotAnswer Platform::push(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = start("push", call);
    if (answer.status != 200) return answer;
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    if (const auto found = checkRequest(request, {"to", Form::Units, true, 1}); !found.empty())
      return refuseFaults(std::move(answer), found);
    const int64_t now = _clock.steadyMs();
    if (call.hasRetryKey) {
      if (const auto* accepted = _retryKeys.find(call.retryKey, now)) {
        answer.status = 409;
        answer.acceptedRequestId = accepted->requestId;
        answer.body = "{\"message\":\"The retry key is already accepted\"," + accepted->body.substr(1);
        return answer;
      }
    }
    const auto fault = _faults.take("push");
    if (fault && !fault->afterEffect) {
      spoil(answer, *fault);
      return answer;
    }
    ReceivedMessages messages;
    messages.via = ReceivedMessages::Via::Push;
    messages.conversation = stringMember(request, "to");
    const auto recipients = _people.recipients(messages.conversation, now);
    if (!recipients) return refuse(std::move(answer), 400, "Failed to send messages");
    const json& content = request["messages"];
    if (const auto found = checkForChat(content, messages.conversation); !found.empty())
      return refuseFaults(std::move(answer), found);
    if (_quota && _pushed + std::max<size_t>(*recipients, 1) > *_quota)
      return refuse(std::move(answer), 429, "You have reached your monthly limit.");
    if (call.hasRetryKey && _retryKeys.full(now))
      return refuse(std::move(answer), 429, "The API rate limit has been exceeded. Try again later.");
    _pushed += *recipients;
    messages.recipients = *recipients;
    answer = deliver(std::move(messages), content, std::move(answer), fault);
    if (call.hasRetryKey) _retryKeys.add(call.retryKey, {answer.requestId, answer.body, now});
    if (fault) spoil(answer, *fault);
  }
  changed();
  return answer;
}

BotAnswer Platform::multicast(const BotCall& call) {
  BotAnswer answer;
  {
    const std::lock_guard lock(_mutex);
    answer = start("multicast", call);
    if (answer.status != 200) return answer;
    const json request = parseBody(call.body, answer);
    if (request.is_null()) return answer;
    auto found = checkRequest(request, {"to", Form::List, true, 1, MAX_MULTICAST});
    std::vector<std::string> to;
    for (const json& id : request.value("to", json::array()))
      if (id.is_string() && !_people.findChat(id.get<std::string>()))
        to.push_back(id.get<std::string>());
      else
        found.push_back({"to", "Must be ids of users"});
    if (!found.empty()) return refuseFaults(std::move(answer), found);
    const int64_t now = _clock.steadyMs();
    if (const auto* accepted = call.hasRetryKey ? _retryKeys.find(call.retryKey, now) : nullptr) {
      answer.acceptedRequestId = accepted->requestId;
      return refuse(std::move(answer), 409, "The retry key is already accepted");
    }
    const auto fault = _faults.take("multicast");
    if (fault && !fault->afterEffect) {
      spoil(answer, *fault);
      return answer;
    }
    if (_quota && _pushed + to.size() > *_quota)
      return refuse(std::move(answer), 429, "You have reached your monthly limit.");
    for (const std::string& id : to) {
      const size_t recipients = _people.recipients(id, now).value_or(0);
      if (recipients == 0) continue;
      ReceivedMessages messages;
      messages.via = ReceivedMessages::Via::Push;
      messages.conversation = id;
      answer = deliver(std::move(messages), request["messages"], std::move(answer), fault);
      ++_pushed;
    }
    answer.effect = true;
    answer.body = "{}";
    if (call.hasRetryKey && !_retryKeys.full(now)) _retryKeys.add(call.retryKey, {answer.requestId, answer.body, now});
    if (fault) spoil(answer, *fault);
  }
  changed();
  return answer;
}

BotAnswer Platform::validate(const BotCall& call) {
  const std::lock_guard lock(_mutex);
  BotAnswer answer = start("validate", call);
  if (answer.status != 200) return answer;
  const json request = parseBody(call.body, answer);
  if (request.is_null()) return answer;
  const auto fault = _faults.take("validate");
  FieldChecker checker;
  checker.check(request, "", {{"messages", Form::Unlooked}});
  for (RuleViolation& violation : checkMessages(request)) checker.found.push_back(std::move(violation));
  answer.body = "{}";
  if (!checker.found.empty()) answer = refuseFaults(std::move(answer), checker.found);
  if (fault) spoil(answer, *fault);
  return answer;
}

}  // namespace tsunagi::linesim
