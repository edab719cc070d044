#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/Result.h"
#include "line/EventMessage.h"

namespace tsunagi::line {

// Where an event came from. Ids are as LINE wrote them; empty = absent (line-api.md section 0, item 7).
struct EventSource {
  enum class Kind : uint8_t { None, User, Group, Room };
  Kind kind = Kind::None;  // None also for source types this version does not know
  std::string userId;
  std::string groupId;
  std::string roomId;
};

struct Postback {
  std::string data;  // as the bot wrote it into the button, or as a stranger's client sent it (S24)
  // "date", "time", "datetime", or "newRichMenuAliasId" and "status"; in the order of their names.
  std::vector<std::pair<std::string, std::string>> params;
};

struct Beacon {
  std::string hwid;
  std::string type;           // "enter", "banner", "stay" or one that came later
  std::string deviceMessage;  // hex digits as received
};

struct AccountLink {
  std::string result;  // "ok" or "failed"
  std::string nonce;   // a secret until it is spent: never logged
};

struct Membership {
  std::string type;  // "joined", "left", "renewed"
  int64_t membershipId = 0;
};

struct ModuleChange {
  std::string type;  // "attached", "detached"
  std::string botId;
  std::vector<std::string> scopes;
  std::string reason;
};

// The types of line-api.md section 2; what is done with each is in docs/events.md.
enum class EventKind : uint8_t {
  Unknown,  // also an item that was no event object
  Message,
  MessageEdited,
  Unsend,
  Follow,
  Unfollow,
  Join,
  Leave,
  MemberJoined,
  MemberLeft,
  Postback,
  VideoPlayComplete,
  Beacon,
  AccountLink,
  Membership,
  Delivery,
  Module,
  Activated,
  Deactivated,
  BotSuspended,
  BotResumed,
  Things
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
  std::optional<EventMessage> message;  // message, messageEdited
  std::string unsentMessageId;          // unsend
  bool isUnblocked = false;             // follow: was it an end of blocking? LINE calls this not fully accurate
  std::vector<std::string> memberIds;   // memberJoined, memberLeft: those whose ids LINE told
  std::optional<Postback> postback;
  std::string trackingId;  // videoPlayComplete
  std::optional<Beacon> beacon;
  std::optional<AccountLink> accountLink;
  std::optional<Membership> membership;
  std::string deliveryData;  // delivery
  std::optional<ModuleChange> module;
  int64_t chatControlUntilMs = 0;  // activated: wall clock, 0 = absent
  std::string json;  // the event as compact JSON, valid UTF-8, the values as received; parseEvent() reads it again

  // The id replies are addressed by and order is kept under: group or room id, in 1:1 the user id ("U…", "C…", "R…").
  // Empty when LINE told none: such an event cannot be assigned, and a group's event never falls back to the user.
  std::string_view conversation() const;
  // Another party answers for the bot now: such an event is never answered, and nothing may be sent because of it. True
  // for every mode that is told and is not "active".
  bool isStandby() const { return !mode.empty() && mode != "active"; }
};

EventKind kindOf(const Event& event);
std::string_view kindName(EventKind kind);  // LINE's name of the type, "unknown" for the rest: safe as a metric's label

// One of the two made-up events that LINE's "verify" button sent until 2020 and that old captures still hold: nobody
// wrote it, and its token answers nothing.
bool isVerificationSample(const Event& event);

struct Webhook {
  std::string destination;    // user id of the bot; may be empty
  std::vector<Event> events;  // in the body's order, one for every item, so that an index names an item
};

struct WebhookLimits {
  static constexpr size_t MAX_EVENTS = 1000;
  static constexpr size_t MAX_DEPTH = 32;
  static constexpr size_t MAX_ID = 256;         // bytes of an id or type name; a longer one counts as absent
  static constexpr size_t MAX_TOKEN = 4096;     // bytes of a token or of postback data; a longer one counts as absent
  static constexpr size_t MAX_TEXT = 65'536;    // bytes of a text; a longer one is cut on a character
  static constexpr size_t MAX_NAME = 1024;      // bytes of a file name, title, address; a longer one is cut
  static constexpr size_t MAX_MENTIONEES = 50;  // more are dropped, as with the rest of these
  static constexpr size_t MAX_EMOJIS = 500;
  static constexpr size_t MAX_KEYWORDS = 50;
  static constexpr size_t MAX_MEMBERS = 500;
  static constexpr size_t MAX_PARAMS = 20;  // also of a module's scopes
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

// Is this a message id: 1 to 32 decimal digits (S10)? Only such a one may enter a URL or a file name.
bool isMessageId(std::string_view id);

}  // namespace tsunagi::line
