#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Result.h"

namespace tsunagi::line {

// Where an event came from. Ids are as LINE wrote them; empty = absent (line-api.md section 0, item 7).
struct EventSource {
  enum class Kind : uint8_t { None, User, Group, Room };
  Kind kind = Kind::None;  // None also for source types this version does not know
  std::string userId;
  std::string groupId;
  std::string roomId;
};

// One mention in a text; index and length count UTF-16 units of the text.
struct Mentionee {
  int64_t index = 0;
  int64_t length = 0;
  std::string type;  // "user", "all" or one that came later
  std::string userId;
  bool isSelf = false;
};

struct EventMessage {
  std::string id;
  std::string type;  // "text", "image", … or one that came later
  std::string text;
  std::string quoteToken;
  std::string quotedMessageId;
  std::string markAsReadToken;
  std::vector<Mentionee> mentionees;
};

// One event. Every field may be empty: LINE leaves out what has no value, and adds types and properties without notice.
struct Event {
  std::string type;         // as LINE names it; empty when the item was no event object
  std::string mode;         // "active" or "standby"; a standby event must not be answered
  int64_t timestampMs = 0;  // time of the event, 0 = absent; may be far from the time of receipt
  std::string webhookEventId;
  bool isRedelivery = false;
  std::string replyToken;
  EventSource source;
  std::optional<EventMessage> message;
  std::string postbackData;
  std::string json;  // the event as compact JSON, valid UTF-8, the values as received; parseEvent() reads it again

  // The id replies are addressed by and order is kept under: group or room id, in 1:1 the user id ("U…", "C…", "R…").
  // Empty when LINE told none: such an event cannot be assigned, and a group's event never falls back to the user.
  std::string_view conversation() const;
};

struct Webhook {
  std::string destination;    // user id of the bot; may be empty
  std::vector<Event> events;  // in the body's order, one for every item, so that an index names an item
};

struct WebhookLimits {
  static constexpr size_t MAX_EVENTS = 1000;
  static constexpr size_t MAX_DEPTH = 32;
  static constexpr size_t MAX_ID = 256;          // bytes of an id or type name; a longer one counts as absent
  static constexpr size_t MAX_TOKEN = 4096;      // bytes of a token or of postback data; a longer one counts as absent
  static constexpr size_t MAX_TEXT = 64 * 1024;  // bytes of a text; a longer one is cut on a character
  static constexpr size_t MAX_MENTIONEES = 50;   // more are dropped
};

// Reads the body of a webhook whose signature was verified. Tolerant: unknown types are kept by name, fields of an
// unexpected type count as absent, lone surrogates in escapes and bytes that are not UTF-8 are read as U+FFFD (in the
// copy that is parsed). An Error only when the body is no JSON object, is nested too deeply or holds too many events.
// An absent "events" is an empty list. Linear time; throws nothing but std::bad_alloc.
Result<Webhook> parseWebhook(std::string_view rawBody);

// Reads one event from Event::json (or from LINE's text of it) under the same rules.
Result<Event> parseEvent(std::string_view json);

// Is this an id of LINE's form: one of the letters of kinds (out of "UCR"), then 32 lower-case hex digits?
bool isLineId(std::string_view id, std::string_view kinds = "UCR");

}  // namespace tsunagi::line
