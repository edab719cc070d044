#include "chat/ReplyPlan.h"

#include <gtest/gtest.h>

#include "line/TextLimits.h"

namespace tsunagi::chat {
namespace {

using Kind = TurnPlan::Kind;

TurnFacts facts(bool ready, int64_t tokenLeftMs, int64_t waitedMs) {
  TurnFacts facts;
  facts.answerReady = ready;
  facts.tokenLeftMs = tokenLeftMs;
  facts.waitedMs = waitedMs;
  return facts;
}

TEST(ReplyPlan, AnswerInTimeGoesByTheToken) {
  for (const Place place : {Place::Direct, Place::Group, Place::Room})
    for (const auto slow : {SlowPolicy::Button, SlowPolicy::Hold, SlowPolicy::Push}) {
      TurnFacts input = facts(true, 30'000, 30'000);
      input.place = place, input.slow = slow;
      EXPECT_EQ(planTurn(input).kind, Kind::Reply);
      input.tokenLeftMs = 1;
      EXPECT_EQ(planTurn(input).kind, Kind::Reply) << "a living token is tried to its end";
    }
}

TEST(ReplyPlan, ButtonInDirectChats) {
  auto plan = planTurn(facts(false, 60'000, 0));
  EXPECT_EQ(plan.kind, Kind::Wait);
  EXPECT_EQ(plan.inMs, 45'000);
  EXPECT_EQ(planTurn(facts(false, 20'000, 40'000)).inMs, 5'000);
  EXPECT_EQ(planTurn(facts(false, 8'000, 40'000)).inMs, 3'000) << "the token's end comes first";
  EXPECT_EQ(planTurn(facts(false, 15'000, 45'000)).kind, Kind::SendButton);
  EXPECT_EQ(planTurn(facts(false, 4'000, 10'000)).kind, Kind::SendButton) << "late in the queue, not much token left";

  TurnFacts sent = facts(false, 0, 50'000);
  sent.buttonSent = true;
  EXPECT_EQ(planTurn(sent).kind, Kind::Wait);
  EXPECT_EQ(planTurn(sent).inMs, 0);
  sent.answerReady = true;
  EXPECT_EQ(planTurn(sent).kind, Kind::Keep) << "the tap brings the token";
  EXPECT_EQ(planTurn(facts(false, 0, 70'000)).kind, Kind::Wait) << "no token, no button";
  EXPECT_EQ(planTurn(facts(true, 0, 70'000)).kind, Kind::Keep);
}

TEST(ReplyPlan, GroupsHold) {
  for (const Place place : {Place::Group, Place::Room}) {
    TurnFacts input = facts(false, 4'000, 56'000);
    input.place = place;
    EXPECT_EQ(planTurn(input).kind, Kind::Wait);
    EXPECT_EQ(planTurn(input).inMs, 0);
    input.groupButton = true;
    EXPECT_EQ(planTurn(input).kind, Kind::SendButton);
    input = facts(true, 0, 90'000);
    input.place = place;
    EXPECT_EQ(planTurn(input).kind, Kind::Keep);
  }
}

TEST(ReplyPlan, PushOnlyWherePolicyAndBudgetSaySo) {
  TurnFacts input = facts(true, 0, 90'000);
  input.slow = SlowPolicy::Push;
  EXPECT_EQ(planTurn(input).kind, Kind::Push);
  input.push.quotaExhausted = true;
  EXPECT_EQ(planTurn(input).kind, Kind::Keep);
  input.push.quotaExhausted = false;
  input.push.budgetLeft = 10;
  EXPECT_EQ(planTurn(input).kind, Kind::Keep) << "the reserve is the owner's";
  input.push.budgetLeft = 11;
  EXPECT_EQ(planTurn(input).kind, Kind::Push);
  for (const auto slow : {SlowPolicy::Button, SlowPolicy::Hold}) {
    input.slow = slow;
    EXPECT_EQ(planTurn(input).kind, Kind::Keep);
  }
  input.slow = SlowPolicy::Push;
  input.buttonSent = true;
  EXPECT_EQ(planTurn(input).kind, Kind::Keep) << "the policy changed while a button stood there: not twice";
}

TEST(ReplyPlan, PushRoomCountsMembers) {
  PushRoom room;
  EXPECT_TRUE(mayPush(room));
  room.cost = 13;
  room.quotaLeft = 22;
  EXPECT_FALSE(mayPush(room)) << "13 members and 10 in reserve";
  room.quotaLeft = 23;
  EXPECT_TRUE(mayPush(room));
  room.userDayLeft = 12;
  EXPECT_FALSE(mayPush(room));
  EXPECT_TRUE(mayPush(room, true)) << "an alarm to the owner is nobody's day";
  room.quotaLeft = 13;
  EXPECT_TRUE(mayPush(room, true)) << "the reserve is for this";
  room.quotaLeft = 12;
  EXPECT_FALSE(mayPush(room, true));
  room = {};
  room.budgetLeft = 0;
  EXPECT_FALSE(mayPush(room));
  EXPECT_FALSE(mayPush(room, true));
  room = {};
  room.cost = 0;
  EXPECT_FALSE(mayPush(room)) << "nobody would get it";
  room = {};
  room.quotaLeft = -5;
  room.reserve = -100;
  EXPECT_FALSE(mayPush(room));
}

TEST(ReplyPlan, Taps) {
  EXPECT_EQ(planTap(true, true, Place::Direct, true), TapPlan::Deliver);
  EXPECT_EQ(planTap(true, true, Place::Direct, false), TapPlan::ShowAgain);
  EXPECT_EQ(planTap(false, true, Place::Direct, false), TapPlan::Gone);
  EXPECT_EQ(planTap(true, false, Place::Group, true), TapPlan::Refuse);
  EXPECT_EQ(planTap(false, false, Place::Room, false), TapPlan::Refuse);
  EXPECT_EQ(planTap(true, true, Place::Group, true), TapPlan::Deliver);
}

TEST(ReplyPlan, LateEvents) {
  LateFacts input;
  input.ageMs = 3'600'000;
  EXPECT_EQ(planLate(input), LatePlan::HoldForNext);
  input.late = LatePolicy::Drop;
  EXPECT_EQ(planLate(input), LatePlan::RecordOnly);
  input.late = LatePolicy::Push;
  EXPECT_EQ(planLate(input), LatePlan::AnswerAndPush);
  input.push.quotaExhausted = true;
  EXPECT_EQ(planLate(input), LatePlan::HoldForNext);
  input.ageMs = 6LL * 3'600'000;
  EXPECT_EQ(planLate(input), LatePlan::HoldForNext);
  input.ageMs += 1;
  EXPECT_EQ(planLate(input), LatePlan::RecordOnly) << "older than late_max";
  for (const auto late : {LatePolicy::Hold, LatePolicy::Push, LatePolicy::Drop}) {
    LateFacts group;
    group.place = Place::Group;
    group.late = late;
    EXPECT_EQ(planLate(group), LatePlan::RecordOnly) << "groups have moved on";
  }
}

TEST(ReplyPlan, KindsNobodyTakesAreNeverSilentInDirectChats) {
  const ResponderTakes nothing{false, false, false};
  const ResponderTakes all{true, true, true};
  struct Case {
    const char* type;
    bool always, ifTaken;
  };
  const Case cases[] = {{"text", true, true},    {"sticker", true, true},   {"location", true, true},
                        {"image", false, true},  {"audio", false, true},    {"file", false, true},
                        {"video", false, false}, {"hologram", false, false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.type);
    const auto kind = contentKindOf(c.type);
    EXPECT_EQ(planKind(kind, nothing, true, Place::Direct), c.always ? KindPlan::Give : KindPlan::SayCannot);
    EXPECT_EQ(planKind(kind, nothing, true, Place::Group), c.always ? KindPlan::Give : KindPlan::Silence);
    EXPECT_EQ(planKind(kind, all, true, Place::Direct), c.ifTaken ? KindPlan::Give : KindPlan::SayCannot);
  }
  EXPECT_EQ(planKind(ContentKind::File, all, false, Place::Direct), KindPlan::SayCannot) << "no text in it";
}

TEST(ReplyPlan, FailuresAreSaidOnceAnHourInGroups) {
  EXPECT_EQ(planFailure(Place::Direct, 1), FailurePlan::Say);
  EXPECT_EQ(planFailure(Place::Group, std::nullopt), FailurePlan::Say);
  EXPECT_EQ(planFailure(Place::Group, 3'599'999), FailurePlan::Silence);
  EXPECT_EQ(planFailure(Place::Group, 3'600'000), FailurePlan::Say);
  EXPECT_EQ(planFailure(Place::Room, 0), FailurePlan::Silence);
  EXPECT_EQ(planFailure(Place::Room, -1), FailurePlan::Say) << "a clock that went back";
}

// Numbered lines of 100 characters.
std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    std::string line = std::to_string(i) + " ";
    line.resize(99, 'x');
    text += line + "\n";
  }
  return text;
}

TEST(ReplyPlan, LongAnswersAreContinuedWithoutLoss) {
  EXPECT_TRUE(splitAnswer("", false, "…").now.empty());
  auto parts = splitAnswer("short", false, "…");
  EXPECT_EQ(parts.now, std::vector<std::string>{"short"});
  EXPECT_FALSE(parts.offerContinue);
  EXPECT_EQ(parts.rest, "");

  parts = splitAnswer(lines(240), false, "…");
  EXPECT_EQ(parts.now.size(), 5u) << "five messages need no offer";
  EXPECT_FALSE(parts.offerContinue);

  parts = splitAnswer("short", true, "…");
  EXPECT_TRUE(parts.offerContinue) << "the model stopped at its limit";
  EXPECT_EQ(parts.now.size(), 1u);
  EXPECT_FALSE(splitAnswer(" ", true, "…").offerContinue);
  EXPECT_EQ(splitAnswer(lines(240), true, "…").now.size(), 4u);

  const std::string answer = lines(1000);
  std::string read;
  std::string open = answer;
  int taps = 0;
  do {
    parts = splitAnswer(open, false, "…");
    EXPECT_LE(parts.now.size() + (parts.offerContinue ? 1 : 0), line::MAX_MESSAGES);
    EXPECT_EQ(parts.offerContinue, !parts.rest.empty());
    for (const auto& text : parts.now) {
      EXPECT_LE(line::utf16Length(text), line::MAX_TEXT_UNITS);
      read += text;
      if (read.back() != '\n') read += '\n';
    }
    open = parts.rest;
  } while (!open.empty() && ++taps < 100);
  EXPECT_EQ(read, answer);
  EXPECT_EQ(taps, 4);
}

TEST(ReplyPlan, TheRestKeepsIndentationAndHasALimit) {
  std::string answer = lines(200);
  for (int i = 0; i < 100; ++i) answer += "    indented " + std::to_string(i) + std::string(60, 'y') + "\n";
  const auto parts = splitAnswer(answer, true, "…");
  EXPECT_EQ(parts.rest, answer.substr(answer.size() - parts.rest.size())) << "as it was written";
  EXPECT_EQ(parts.rest.rfind("    indented 0", 0), 0u);

  std::string kanji;
  for (int i = 0; i < 40'000; ++i) kanji += "字";
  const auto cut = splitAnswer(kanji, false, "…END", 10'000);
  EXPECT_LE(cut.rest.size(), 10'000u);
  EXPECT_EQ(cut.rest.substr(cut.rest.size() - 6), "…END");
  EXPECT_EQ((cut.rest.size() - 6) % 3, 0u) << "cut between characters";
}

TEST(ReplyPlan, PolicyWords) {
  EXPECT_EQ(parseSlowPolicy("button"), SlowPolicy::Button);
  EXPECT_EQ(parseSlowPolicy("hold"), SlowPolicy::Hold);
  EXPECT_EQ(parseSlowPolicy("push"), SlowPolicy::Push);
  EXPECT_EQ(parseSlowPolicy("drop"), std::nullopt);
  EXPECT_EQ(parseLatePolicy("hold"), LatePolicy::Hold);
  EXPECT_EQ(parseLatePolicy("push"), LatePolicy::Push);
  EXPECT_EQ(parseLatePolicy("drop"), LatePolicy::Drop);
  EXPECT_EQ(parseLatePolicy("button"), std::nullopt);
}

}  // namespace
}  // namespace tsunagi::chat
