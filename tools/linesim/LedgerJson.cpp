#include "tools/linesim/LedgerJson.h"

#include <nlohmann/json.hpp>

namespace tsunagi::linesim {
namespace {

using nlohmann::json;

json eventToJson(const SentEvent& event) {
  json result{{"webhookEventId", event.content.webhookEventId},
              {"type", event.content.type},
              {"event", json::parse(event.content.payload, nullptr, false)},
              {"user", event.user},
              {"conversation", event.conversation},
              {"seq", event.seq},
              {"timestamp", event.content.timestampMs}};
  if (!event.messageId.empty()) result["messageId"] = event.messageId;
  result["text"] = event.text;
  if (!event.group.empty()) result[event.isRoom ? "room" : "group"] = event.group;
  if (event.content.isStandby) result["standby"] = true;
  return result;
}

json attemptToJson(const WebhookAttempt& attempt) {
  json result{{"status", attempt.status},
              {"accepted", attempt.accepted()},
              {"latencyMs", attempt.latencyMs},
              {"redelivery", attempt.redelivery}};
  if (!attempt.error.empty()) result["error"] = attempt.error;
  return result;
}

json messagesToJson(const Ledger& ledger, const ReceivedMessages& received) {
  json result{{"via", received.via == ReceivedMessages::Via::Reply ? "reply" : "push"},
              {"conversation", received.conversation},
              {"texts", received.texts},
              {"messages", json::parse(received.messagesJson, nullptr, false)},
              {"messageIds", received.messageIds},
              {"recipients", received.recipients},
              {"requestId", received.requestId},
              {"answerSpoiled", received.answerSpoiled}};
  if (!received.quotes.empty()) {
    result["quotes"] = json::array();
    for (const size_t quoted : received.quotes) result["quotes"].push_back(ledger.event(quoted).content.webhookEventId);
  }
  if (received.event) {
    const SentEvent& event = ledger.event(*received.event);
    result["webhookEventId"] = event.content.webhookEventId;
    result["seq"] = event.seq;
    result["latencyMs"] = received.atMs - event.sentMs;
  }
  return result;
}

}  // namespace

json eventDetail(const Ledger& ledger, size_t index) {
  const SentEvent& event = ledger.event(index);
  json result = eventToJson(event);
  result["answered"] = !event.answers.empty();
  result["expectsAnswer"] = event.expectsAnswer;
  result["accepted"] = event.accepted();
  result["replyToken"] = event.content.replyToken;
  result["attempts"] = json::array();
  for (const WebhookAttempt& attempt : event.attempts) result["attempts"].push_back(attemptToJson(attempt));
  result["answers"] = json::array();
  for (const size_t answer : event.answers)
    result["answers"].push_back(messagesToJson(ledger, ledger.messages(answer)));
  if (event.body) result["webhook"] = {{"body", *event.body}, {"signature", event.signature}};
  return result;
}

json entryToJson(const Ledger& ledger, size_t index) {
  const Ledger::Entry& entry = ledger.entries()[index];
  json result;
  switch (entry.kind) {
    case Ledger::Kind::Event:
      result = eventToJson(ledger.event(entry.index));
      result["kind"] = "event";
      break;
    case Ledger::Kind::Webhook: {
      const SentEvent& event = ledger.event(entry.index);
      result = attemptToJson(event.attempts[entry.detail]);
      result["kind"] = "webhook";
      result["webhookEventId"] = event.content.webhookEventId;
      result["conversation"] = event.conversation;
      break;
    }
    case Ledger::Kind::Messages:
      result = messagesToJson(ledger, ledger.messages(entry.index));
      result["kind"] = "messages";
      break;
    case Ledger::Kind::Loading:
      result = {{"kind", "loading"}, {"conversation", entry.conversation}, {"seconds", entry.detail}};
      break;
    case Ledger::Kind::Read:
      result = {{"kind", "read"}, {"conversation", entry.conversation}, {"messageId", entry.messageId}};
      break;
    case Ledger::Kind::People:
      result = {{"kind", "people"}};
      break;
  }
  result["n"] = index + 1;
  return result;
}

json summaryToJson(const Summary& summary) {
  return {{"events", summary.events},
          {"accepted", summary.accepted},
          {"answered", summary.answered},
          {"unanswered", summary.unanswered},
          {"lost", summary.lost},
          {"twice", summary.twice},
          {"reordered", summary.reordered},
          {"replies", summary.replies},
          {"pushes", summary.pushes},
          {"pushRecipients", summary.pushRecipients},
          {"redeliveries", summary.redeliveries},
          {"conversations", summary.conversations},
          {"contentRequests", summary.contentRequests}};
}

}  // namespace tsunagi::linesim
