#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "chat/Commands.h"
#include "store/Access.h"

namespace tsunagi::chat {

// Who may do what: the one function that decides it, before anything is fetched, stored or asked of a model (S10).
// docs/access.md holds the same rules as tables; a test reads those tables and compares every combination.

enum class Place : uint8_t { Direct, Group, Room };  // 1:1; a room is decided like a group

// What an event wants of the bridge, as far as it alone tells.
enum class Request : uint8_t {
  Message,         // a text, photo, sticker …
  Command,         // a known command other than /pair; AccessInput::command says which
  UnknownCommand,  // CommandParse::Kind::Unknown
  PairingCode,     // /pair, or in 1:1 with somebody not paired a text that has the form of a code
  Postback,        // a button
  Follow,          // the bot became a friend, or is one again
  Join,            // the bot came into a group or room
  Other  // never answered. Unsend, leave and unfollow are carried out on what is stored, whoever sent them and
         // however late; an edit puts new words only of who may talk here, else it takes the old ones away
};

enum class RateState : uint8_t {
  Ok,
  Limited,     // too many within the window
  BudgetSpent  // today's budget is used up
};

struct AccessInput {
  Place place = Place::Direct;
  bool hasUserId = true;                               // LINE told who it was
  store::UserState state = store::UserState::Unknown;  // in this channel (S12)
  store::Role role = store::Role::Guest;               // means something only when paired

  // Of the group or room; not looked at in 1:1.
  bool allowAiResponse = false;
  store::GroupMembers members = store::GroupMembers::Everyone;
  store::RecordRule record = store::RecordRule::Addressed;
  bool mentionRequired = true;
  bool addressed = false;  // MentionGate

  Request request = Request::Message;
  Command command = Command::Help;  // of Request::Command
  bool isText = true;               // a Message that can be a question by itself; in groups nothing else is answered

  bool paused = false;  // a person answers in OA Manager (J29)

  // now - the event's signed timestamp. Not trusted: an unsynchronised clock is reported, and no age is judged (S13).
  int64_t ageMs = 0;
  bool clockTrusted = true;
  int64_t maxAgeMs = 3LL * 24 * 3'600'000;  // max_event_age

  RateState rate = RateState::Ok;
  bool rateTold = false;          // this window's or day's limit was said already
  bool pairingOffered = false;    // within the last 24 hours
  bool wrongCodesLocked = false;  // S14: too many wrong codes of this user within the hour
  // In a group: a responder would read what somebody else than its owners wrote, in this session or in what is quoted.
  bool othersWrote = false;
};

constexpr int64_t COMMAND_MAX_AGE_MS = 600'000;  // commands, pairing, postbacks (S13)
constexpr int64_t MAX_FUTURE_MS = 300'000;

enum class AccessAction : uint8_t {
  Ignore,           // nothing is said
  Stale,            // too old or from the future: noted as stale, never acted on
  Record,           // kept as far as `keep` says, nothing is said
  OfferPairing,     // tell how to get paired
  Greet,            // the bot became a paired person's friend, or came into a group that is allowed
  TellAllow,        // the bot came into a group that is not: who can allow it, and how
  RunCommand,       // also while paused, and of paired senders over their limit
  RefuseCommand,    // "you may not", with CommandUser of the rule in this place
  HintCommand,      // unknown command: "try /help"
  TryPairing,       // compare the code
  RefusePairing,    // codes are for 1:1 only
  TellCodesLocked,  // too many wrong codes
  RunPostback,
  TellExpired,  // a command, code or button pressed long ago
  Answer,       // ask a responder
  TellLimited,  // too many messages; said once in a window
  TellBudget    // today's budget is spent; said once a day
};

// What may be stored of the event (J7, S10).
enum class Keep : uint8_t {
  Nothing,  // beyond the row that tells the event from its duplicates
  Ids,      // message id, kind, sender and time: enough to fetch a photo that is asked about within minutes (J23)
  Text      // all of it
};

struct AccessDecision {
  AccessAction action = AccessAction::Ignore;
  // The highest role whose responders may be asked for this event (S1); nothing when none may. In a group open to
  // everyone, and where others wrote into the same context, it is never above member, also for the owner.
  std::optional<store::Role> maximumRole;
  Keep keep = Keep::Nothing;
  bool fetchContent = false;  // photos, files: download now
  bool askProfile = false;    // LINE may be asked for the sender's name
  bool mayTalk = false;       // the sender may ask the bot here
};

AccessDecision decideAccess(const AccessInput& input);

std::string_view name(Place place);          // "1:1", "group", "room"
std::string_view name(Request request);      // "message", "command", "unknown command", "code" …
std::string_view name(AccessAction action);  // "ignore", "stale", "record", "offer pairing" …
std::string_view name(Keep keep);            // "nothing", "ids", "text"

}  // namespace tsunagi::chat
