#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsunagi::store {

// When and how old something arrived, kept on both clocks so that an age can be told after a restart (J4).
struct Receipt {
  int64_t steadyMs = 0;  // Clock::steadyMs() when the bridge received it; comparable only under the same bootId
  std::string bootId;
  int64_t wallMs = 0;
  int64_t ageMs = 0;  // what the relay said of its age then; 0 in direct mode
};

// The bridge's place in its unit's queue on the relay (DESIGN section 4).
struct LinkMark {
  std::string epoch;
  uint64_t lastSeq = 0;
  std::string lastId;
  friend bool operator==(const LinkMark& a, const LinkMark& b) {
    return a.epoch == b.epoch && a.lastSeq == b.lastSeq && a.lastId == b.lastId;
  }
};

enum class InboxState { New, Working, Done, Dead };
enum class OutboxState { Pending, Sending, Sent, Failed, Unknown };
const char* name(InboxState state);
const char* name(OutboxState state);

// One LINE event about to be recorded.
struct NewEvent {
  int64_t channelId = 0;
  std::string conversation;  // "user:U…", "group:C…", "room:R…", or empty: events without a source share a lane
  std::string eventKey;      // what makes it the same event when it comes again
  std::string type;          // "message", "follow" …
  std::string body;          // the event's JSON
  std::optional<std::string> replyToken;
  Receipt receipt;
  bool dead = false;    // recorded for the operator only, never worked on
  std::string outcome;  // why, when dead
};

// A webhook whose signature fitted no channel (J13), with all that a later check needs.
struct QuarantinedWebhook {
  int64_t id = 0;
  std::string linkId;
  std::string epoch;
  uint64_t seq = 0;
  std::string replay;
  std::string signature;  // the header's value, unchecked
  std::string body;       // the exact bytes
  Receipt receipt;
};

struct Notice {
  std::string kind;    // "gap", "resync", "quarantine" …
  std::string detail;  // escaped, no message text
  int64_t wallMs = 0;
};

// Everything that one intake transaction does. All or nothing.
struct IntakeBatch {
  std::vector<NewEvent> events;
  std::vector<QuarantinedWebhook> quarantined;
  std::vector<int64_t> released;  // quarantine rows that leave because their events are in `events`
  std::vector<Notice> notices;
  std::optional<LinkMark> mark;
  uint64_t webhooks = 0;  // counted as received
  uint64_t refused = 0;   // counted: wrong destination, unparsable
};

// A place in a lane.
struct LaneEntry {
  int64_t inboxId = 0;
  int64_t channelId = 0;
  std::string conversation;
  bool tap = false;  // on a button: goes beside the conversation's other events
};

struct IntakeResult {
  std::vector<LaneEntry> inserted;  // in their order; without the dead ones
  uint64_t duplicates = 0;
};

struct InboxRow {
  int64_t id = 0;
  int64_t channelId = 0;
  std::string channel;  // the channel's name in bridge.ini
  std::string conversation;
  std::string type;
  std::string body;
  std::optional<std::string> replyToken;
  Receipt receipt;
  InboxState state = InboxState::New;
  int64_t attempts = 0;
};

// A message to LINE: what is sent is exactly `body`, each time.
struct OutboxDraft {
  std::string method = "reply";  // or "push"
  std::string target;            // the reply token; of a push LINE's id of the conversation
  std::string body;
  std::string retryKey{};                  // of a push: a UUID, the same on every attempt (DESIGN rule 3)
  int64_t recipients = 0;                  // of a push: how often LINE counts it
  std::string asker{};                     // LINE's id of who asked; "" when it was not told
  int64_t heldAnswer = 0;                  // of HeldAnswers: delivered with this one
  size_t heldTexts = 0;                    // so many of the first texts are that answer's
  std::vector<std::string> answeredIds{};  // messages of people (LINE's ids) that this answers
  bool apology = false;                    // no answer to them: no model reads them again
  // What the messages say, in their order: kept as the bot's part of the conversation.
  std::vector<std::string> texts{};
};

struct OutboxRow {
  int64_t id = 0;
  int64_t inboxId = 0;
  int64_t channelId = 0;
  std::string channel;
  std::string method;
  std::string target;
  std::string body;
  OutboxState state = OutboxState::Pending;
  std::string retryKey;
  int64_t recipients = 0;
  int64_t attempts = 0;     // calls begun
  int64_t firstSentMs = 0;  // wall clock; 0 = no call was begun
  Receipt receipt;          // of the event it answers: the clock of its reply token
};

// What is in the tables now, and what was counted since the store was made.
struct StoreCounts {
  uint64_t inboxOpen = 0, outboxOpen = 0, quarantine = 0;
  uint64_t webhooks = 0, events = 0, duplicates = 0, refused = 0, quarantined = 0, released = 0;
  uint64_t gaps = 0, resyncs = 0, answered = 0, apologies = 0, notices = 0, merged = 0, sent = 0, late = 0, failed = 0,
           unknown = 0, dead = 0;
  uint64_t held = 0;                // answers that a call surely did not deliver, and that wait for another token
  uint64_t pushes = 0, pushed = 0;  // sent by push, and the recipients that LINE counts
};

}  // namespace tsunagi::store
