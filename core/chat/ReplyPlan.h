#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/Access.h"

namespace tsunagi::chat {

// What goes to LINE, when, and how it is paid for (J20, J9, J22). Pure: the caller brings the facts and does what comes
// out. Nothing here pushes unless a policy says push and the budget has room.

enum class SlowPolicy : uint8_t {
  Button,  // spend the token on a button that fetches the answer with a token of its own
  Hold,    // keep the answer for the next token of this conversation
  Push
};
enum class LatePolicy : uint8_t { Hold, Push, Drop };
std::optional<SlowPolicy> parseSlowPolicy(std::string_view text);  // "button", "hold", "push"
std::optional<LatePolicy> parseLatePolicy(std::string_view text);  // "hold", "push", "drop"

// What may still be pushed. LINE counts recipients: a push to a group costs one for each member.
struct PushRoom {
  bool quotaExhausted = false;         // confirmed by LINE's quota endpoints
  std::optional<int64_t> quotaLeft;    // of LINE's month; nothing: no limit, or not known
  std::optional<int64_t> budgetLeft;   // of push_budget_month; nothing: not set
  std::optional<int64_t> userDayLeft;  // of push_per_user_day
  int64_t reserve = 10;                // push_reserve: kept for the owner's alarms
  int64_t cost = 1;
};
bool mayPush(const PushRoom& room, bool ownerAlarm = false);

// --- a turn under way or ended ---

struct TurnFacts {
  Place place = Place::Direct;
  SlowPolicy slow = SlowPolicy::Button;  // a group's Button counts as Hold unless groupButton
  bool groupButton = false;
  bool answerReady = false;      // an answer, or the sentence that stands for one
  int64_t tokenLeftMs = 0;       // of the reply token; <= 0: it is dead or spent
  int64_t sendMarginMs = 5'000;  // of the token's life, kept for sending
  int64_t waitedMs = 0;          // since the event was sent by LINE
  int64_t buttonAtMs = 45'000;
  bool buttonSent = false;  // a button of this turn stands in the chat
  PushRoom push;
};

struct TurnPlan {
  enum class Kind : uint8_t {
    Wait,        // ask again in `inMs`, or when the answer comes
    Reply,       // the answer, by the reply token
    SendButton,  // the button, by the reply token
    Push,        // the answer, by push
    Keep         // the answer stays until the conversation's next token (or the button's)
  };
  Kind kind = Kind::Wait;
  int64_t inMs = 0;  // of Wait: until something is due; 0: only the answer is waited for
};
TurnPlan planTurn(const TurnFacts& facts);

// A tap on the button of a slow answer: it brings a new token.
enum class TapPlan : uint8_t {
  Deliver,    // the answer, also the second time
  ShowAgain,  // not ready yet: a new animation and a new button
  Refuse,     // in a group somebody else's question: nothing is said
  Gone        // the answer is no longer kept: say so
};
TapPlan planTap(bool known, bool isAsker, Place place, bool answerReady);

// --- an event whose token is dead on arrival (J9) ---

struct LateFacts {
  Place place = Place::Direct;
  LatePolicy late = LatePolicy::Hold;  // in groups it is always Drop
  int64_t ageMs = 0;
  int64_t lateMaxMs = 6LL * 3'600'000;
  PushRoom push;
};
enum class LatePlan : uint8_t {
  RecordOnly,    // no model call, now or later
  HoldForNext,   // no model call until this user writes again, then one turn with the missed messages listed
  AnswerAndPush  // a model call, the answer by push
};
LatePlan planLate(const LateFacts& facts);

// --- kinds of content (J22) ---

enum class ContentKind : uint8_t { Text, Sticker, Location, Image, Audio, Video, File, Unknown };
ContentKind contentKindOf(std::string_view lineType);  // LINE's message.type

struct ResponderTakes {
  bool images = false;
  bool audio = false;     // itself, or by [transcribe]
  bool textFiles = true;  // plain text and PDF go in as text
};
enum class KindPlan : uint8_t {
  Give,       // as text or as a part
  SayCannot,  // one localised sentence
  Silence     // in groups
};
// textFile: a file whose text can be read.
KindPlan planKind(ContentKind kind, const ResponderTakes& takes, bool textFile, Place place);

// --- no answer (J20) ---

enum class FailurePlan : uint8_t { Say, Silence };
// In 1:1 always one sentence; in groups only when none was said within the hour.
FailurePlan planFailure(Place place, std::optional<int64_t> lastNoticeAgoMs);

// --- long answers ---

struct AnswerParts {
  std::vector<std::string> now;  // at most 5 messages
  std::string rest;              // kept for "continue"; empty: all was said
  bool offerContinue = false;    // rest is there, or the responder stopped at its length limit
};
// Splits an answer (already plain text) at LINE's limits into what goes out now and what is kept. With something to
// continue one of the five messages stays free for the button that offers it. cutByModel: the responder's finish was
// "length". A rest of more than maxRestBytes is cut on a character and ends with the mark.
AnswerParts splitAnswer(const std::string& answer, bool cutByModel, std::string_view cutMark,
                        size_t maxRestBytes = 262'144);

}  // namespace tsunagi::chat
