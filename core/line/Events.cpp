#include "line/Events.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "line/EventMessageReader.h"
#include "line/JsonRead.h"
#include "line/JsonRepair.h"

namespace tsunagi::line {
namespace {

using nlohmann::json;
using Limits = WebhookLimits;

struct KindName {
  EventKind kind;
  std::string_view name;
};
constexpr KindName KINDS[] = {
    {EventKind::Message, "message"},
    {EventKind::MessageEdited, "messageEdited"},
    {EventKind::Unsend, "unsend"},
    {EventKind::Follow, "follow"},
    {EventKind::Unfollow, "unfollow"},
    {EventKind::Join, "join"},
    {EventKind::Leave, "leave"},
    {EventKind::MemberJoined, "memberJoined"},
    {EventKind::MemberLeft, "memberLeft"},
    {EventKind::Postback, "postback"},
    {EventKind::VideoPlayComplete, "videoPlayComplete"},
    {EventKind::Beacon, "beacon"},
    {EventKind::AccountLink, "accountLink"},
    {EventKind::Membership, "membership"},
    {EventKind::Delivery, "delivery"},
    {EventKind::Module, "module"},
    {EventKind::Activated, "activated"},
    {EventKind::Deactivated, "deactivated"},
    {EventKind::BotSuspended, "botSuspended"},
    {EventKind::BotResumed, "botResumed"},
    {EventKind::Things, "things"},
};

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

template <typename Take>
void each(const json& list, size_t most, Take take) {
  if (!list.is_array()) return;
  for (const json& item : list)
    if (most == 0)
      break;
    else if (take(item))
      --most;
}

std::vector<std::string> stringsOf(const json& list, size_t most) {
  std::vector<std::string> result;
  each(list, most, [&](const json& item) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > Limits::MAX_ID) return false;
    result.push_back(item.get<std::string>());
    return true;
  });
  return result;
}

std::vector<std::string> readMembers(const json& change) {
  std::vector<std::string> ids;
  each(memberOf(change, "members"), Limits::MAX_MEMBERS, [&](const json& item) {
    std::string id = stringOf(item, "userId", Limits::MAX_ID);
    if (id.empty()) return false;
    ids.push_back(std::move(id));
    return true;
  });
  return ids;
}

Postback readPostback(const json& postback) {
  Postback result;
  result.data = stringOf(postback, "data", Limits::MAX_TOKEN);
  const json& params = memberOf(postback, "params");
  if (!params.is_object()) return result;
  for (const auto& [name, value] : params.items()) {
    if (result.params.size() == Limits::MAX_PARAMS) break;
    if (name.size() > Limits::MAX_ID || !value.is_string()) continue;
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() <= Limits::MAX_NAME) result.params.emplace_back(name, text);
  }
  return result;
}

// What belongs to the types beside messages.
void readDetails(const json& item, Event& event) {
  event.unsentMessageId = stringOf(memberOf(item, "unsend"), "messageId", Limits::MAX_ID);
  event.isUnblocked = boolOf(memberOf(item, "follow"), "isUnblocked");
  event.memberIds = readMembers(memberOf(item, event.type == "memberLeft" ? "left" : "joined"));
  if (const json& postback = memberOf(item, "postback"); postback.is_object()) event.postback = readPostback(postback);
  event.trackingId = stringOf(memberOf(item, "videoPlayComplete"), "trackingId", Limits::MAX_ID);
  if (const json& beacon = memberOf(item, "beacon"); beacon.is_object())
    event.beacon = {stringOf(beacon, "hwid", Limits::MAX_ID), stringOf(beacon, "type", Limits::MAX_ID),
                    stringOf(beacon, "dm", Limits::MAX_ID)};
  if (const json& link = memberOf(item, "link"); link.is_object())
    event.accountLink = {stringOf(link, "result", Limits::MAX_ID), stringOf(link, "nonce", Limits::MAX_ID)};
  if (const json& membership = memberOf(item, "membership"); membership.is_object())
    event.membership = {stringOf(membership, "type", Limits::MAX_ID), integerOf(membership, "membershipId")};
  event.deliveryData = stringOf(memberOf(item, "delivery"), "data", Limits::MAX_TOKEN);
  if (const json& module = memberOf(item, "module"); module.is_object())
    event.module = {stringOf(module, "type", Limits::MAX_ID), stringOf(module, "botId", Limits::MAX_ID),
                    stringsOf(memberOf(module, "scopes"), Limits::MAX_PARAMS),
                    stringOf(module, "reason", Limits::MAX_ID)};
  event.chatControlUntilMs = integerOf(memberOf(item, "chatControl"), "expireAt");
}

Event readEvent(const json& item) {
  Event event;
  event.json = compactJson(item);
  if (!item.is_object()) return event;
  event.type = stringOf(item, "type", Limits::MAX_ID);
  event.mode = stringOf(item, "mode", Limits::MAX_ID);
  event.timestampMs = integerOf(item, "timestamp");
  event.webhookEventId = stringOf(item, "webhookEventId", Limits::MAX_ID);
  event.isRedelivery = boolOf(memberOf(item, "deliveryContext"), "isRedelivery");
  event.replyToken = stringOf(item, "replyToken", Limits::MAX_TOKEN);
  event.source = readSource(memberOf(item, "source"));
  if (const json& message = memberOf(item, "message"); message.is_object()) event.message = readEventMessage(message);
  readDetails(item, event);
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

std::string_view kindName(EventKind kind) {
  for (const KindName& entry : KINDS)
    if (entry.kind == kind) return entry.name;
  return "unknown";
}

EventKind kindOf(const Event& event) {
  for (const KindName& entry : KINDS)
    if (entry.name == event.type) return entry.kind;
  return EventKind::Unknown;
}

bool isVerificationSample(const Event& event) {
  return event.source.userId == "Udeadbeefdeadbeefdeadbeefdeadbeef" ||
         event.replyToken == "00000000000000000000000000000000" ||
         event.replyToken == "ffffffffffffffffffffffffffffffff";
}

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
  const json& events = memberOf(root, "events");
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

bool isMessageId(std::string_view id) {
  return !id.empty() && id.size() <= 32 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace tsunagi::line
