#include "line/Events.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "line/JsonRepair.h"
#include "line/Utf8.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Limits = WebhookLimits;

std::string compact(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// The member called name, or null when parent is no object or has none.
const json& member(const json& parent, const char* name) {
  static const json NONE;
  if (!parent.is_object()) return NONE;
  const auto found = parent.find(name);
  return found == parent.end() ? NONE : *found;
}

std::string stringOf(const json& parent, const char* name, size_t maxBytes) {
  const json& value = member(parent, name);
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  return text.size() > maxBytes ? std::string() : text;
}

std::string textOf(const json& parent, const char* name) {
  const json& value = member(parent, name);
  if (!value.is_string()) return {};
  return std::string(cutUtf8(value.get_ref<const std::string&>(), Limits::MAX_TEXT));
}

bool boolOf(const json& parent, const char* name) {
  const json& value = member(parent, name);
  return value.is_boolean() && value.get<bool>();
}

int64_t integerOf(const json& parent, const char* name) {
  const json& value = member(parent, name);
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    return number > INT64_MAX ? 0 : static_cast<int64_t>(number);
  }
  return value.is_number_integer() ? value.get<int64_t>() : 0;
}

EventSource readSource(const json& source) {
  EventSource result;
  const std::string type = stringOf(source, "type", Limits::MAX_ID);
  if (type == "user")
    result.kind = EventSource::Kind::User;
  else if (type == "group")
    result.kind = EventSource::Kind::Group;
  else if (type == "room")
    result.kind = EventSource::Kind::Room;
  result.userId = stringOf(source, "userId", Limits::MAX_ID);
  result.groupId = stringOf(source, "groupId", Limits::MAX_ID);
  result.roomId = stringOf(source, "roomId", Limits::MAX_ID);
  return result;
}

EventMessage readMessage(const json& message) {
  EventMessage result;
  result.id = stringOf(message, "id", Limits::MAX_ID);
  result.type = stringOf(message, "type", Limits::MAX_ID);
  result.text = textOf(message, "text");
  result.quoteToken = stringOf(message, "quoteToken", Limits::MAX_TOKEN);
  result.quotedMessageId = stringOf(message, "quotedMessageId", Limits::MAX_ID);
  result.markAsReadToken = stringOf(message, "markAsReadToken", Limits::MAX_TOKEN);
  const json& mentionees = member(member(message, "mention"), "mentionees");
  if (!mentionees.is_array()) return result;
  for (const json& item : mentionees) {
    if (result.mentionees.size() == Limits::MAX_MENTIONEES) break;
    if (!item.is_object()) continue;
    result.mentionees.push_back({integerOf(item, "index"), integerOf(item, "length"),
                                 stringOf(item, "type", Limits::MAX_ID), stringOf(item, "userId", Limits::MAX_ID),
                                 boolOf(item, "isSelf")});
  }
  return result;
}

Event readEvent(const json& item) {
  Event event;
  event.json = compact(item);
  if (!item.is_object()) return event;
  event.type = stringOf(item, "type", Limits::MAX_ID);
  event.mode = stringOf(item, "mode", Limits::MAX_ID);
  event.timestampMs = integerOf(item, "timestamp");
  event.webhookEventId = stringOf(item, "webhookEventId", Limits::MAX_ID);
  event.isRedelivery = boolOf(member(item, "deliveryContext"), "isRedelivery");
  event.replyToken = stringOf(item, "replyToken", Limits::MAX_TOKEN);
  event.source = readSource(member(item, "source"));
  if (const json& message = member(item, "message"); message.is_object()) event.message = readMessage(message);
  event.postbackData = stringOf(member(item, "postback"), "data", Limits::MAX_TOKEN);
  return event;
}

// A discarded value when the text cannot be read; why is told in error.
json parseTolerant(std::string_view text, std::string& error) {
  const auto repaired = repairJson(text, Limits::MAX_DEPTH);
  if (!repaired) {
    error = "is nested deeper than " + std::to_string(Limits::MAX_DEPTH) + " levels";
    return json(json::value_t::discarded);
  }
  json root = json::parse(*repaired, nullptr, false);
  if (!root.is_object()) {
    error = root.is_discarded() ? "is not valid JSON" : "is JSON but no object";
    return json(json::value_t::discarded);
  }
  return root;
}

}  // namespace

std::string_view Event::conversation() const {
  switch (source.kind) {
    case EventSource::Kind::User:
      return source.userId;
    case EventSource::Kind::Group:
      return source.groupId;
    case EventSource::Kind::Room:
      return source.roomId;
    case EventSource::Kind::None:
      break;
  }
  return {};
}

Result<Webhook> parseWebhook(std::string_view rawBody) {
  std::string error;
  const json root = parseTolerant(rawBody, error);
  if (root.is_discarded()) return Error{"the webhook's body " + error};
  Webhook webhook;
  webhook.destination = stringOf(root, "destination", Limits::MAX_ID);
  const json& events = member(root, "events");
  if (events.is_null()) return webhook;
  if (!events.is_array()) return Error{"\"events\" of the webhook's body is no list"};
  if (events.size() > Limits::MAX_EVENTS)
    return Error{"the webhook's body holds " + std::to_string(events.size()) + " events, more than " +
                 std::to_string(Limits::MAX_EVENTS)};
  webhook.events.reserve(events.size());
  for (const json& item : events) webhook.events.push_back(readEvent(item));
  return webhook;
}

Result<Event> parseEvent(std::string_view text) {
  std::string error;
  const json root = parseTolerant(text, error);
  if (root.is_discarded()) return Error{"the event " + error};
  return readEvent(root);
}

bool isLineId(std::string_view id, std::string_view kinds) {
  return id.size() == 33 && kinds.find(id[0]) != std::string_view::npos &&
         std::all_of(id.begin() + 1, id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace tsunagi::line
