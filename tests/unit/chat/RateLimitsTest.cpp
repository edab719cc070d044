#include "chat/RateLimits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tsunagi::chat {
namespace {

using Kind = RateVerdict::Kind;

constexpr int64_t T0 = 1'760'000'000'000;
constexpr int64_t MINUTE = 60'000;

TEST(RateLimits, WindowSlides) {
  WindowCounter counter;
  for (int i = 0; i < 10; ++i) addTo(counter, T0, MINUTE);
  EXPECT_EQ(countIn(counter, T0, MINUTE), 10);
  EXPECT_EQ(countIn(counter, T0 + MINUTE - 1, MINUTE), 10);
  EXPECT_EQ(countIn(counter, T0 + MINUTE, MINUTE), 10);
  EXPECT_EQ(countIn(counter, T0 + MINUTE * 3 / 2, MINUTE), 5);
  EXPECT_EQ(countIn(counter, T0 + 2 * MINUTE, MINUTE), 0);
  addTo(counter, T0 + MINUTE * 3 / 2, MINUTE);
  EXPECT_EQ(countIn(counter, T0 + MINUTE * 3 / 2, MINUTE), 6);
  EXPECT_EQ(countIn(counter, T0 + MINUTE * 7 / 4, MINUTE), 4) << "2.5 of the window before, rounded up, and 1";
  addTo(counter, T0 + MINUTE * 7 / 2, MINUTE);
  EXPECT_EQ(countIn(counter, T0 + MINUTE * 21 / 5, MINUTE), 1)
      << "a window begins when something comes after a silence";
}

// Whatever the pattern, at most twice the limit within any window, and never a refusal below it.
TEST(RateLimits, HoldsForAnyPattern) {
  std::mt19937 random(7);
  for (int run = 0; run < 200; ++run) {
    WindowCounter counter;
    std::vector<int64_t> let;
    int64_t now = T0;
    const int64_t limit = 1 + random() % 20;
    for (int i = 0; i < 300; ++i) {
      now += random() % (random() % 10 == 0 ? 2 * MINUTE : MINUTE / 20);
      const auto recent = std::count_if(let.begin(), let.end(), [&](int64_t at) { return now - at < 2 * MINUTE; });
      const bool full = countIn(counter, now, MINUTE) >= limit;
      EXPECT_FALSE(full && recent == 0);
      if (full) continue;
      addTo(counter, now, MINUTE);
      let.push_back(now);
      const auto inWindow = std::count_if(let.begin(), let.end(), [&](int64_t at) { return now - at < MINUTE; });
      EXPECT_LE(inWindow, 2 * limit);
    }
  }
}

TEST(RateLimits, ClockThatJumps) {
  WindowCounter counter;
  for (int i = 0; i < 10; ++i) addTo(counter, T0, MINUTE);
  EXPECT_EQ(countIn(counter, T0 - 1'000'000, MINUTE), 0) << "a clock set back locks nobody out";
  addTo(counter, T0 - 1'000'000, MINUTE);
  EXPECT_EQ(countIn(counter, T0 - 1'000'000, MINUTE), 1);
  EXPECT_EQ(countIn(counter, T0 + 1'000'000'000'000, MINUTE), 0);
}

struct Keys {
  Usage user, all;
  UsageLimits userLimits, allLimits;
  std::vector<UsageKey> list() { return {{&user, userLimits}, {&all, allLimits}}; }
};

TEST(RateLimits, RefusesAndTellsOnce) {
  Keys keys;
  keys.userLimits.rate = {MINUTE, 2};
  const int64_t day = dayOf(T0, 0);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(judgeRate(keys.list(), T0, day).kind, Kind::Ok);
    countTurn(keys.list(), T0, day);
  }
  auto verdict = judgeRate(keys.list(), T0, day);
  EXPECT_EQ(verdict.kind, Kind::Limited);
  EXPECT_EQ(verdict.key, 0u);
  EXPECT_FALSE(verdict.told);
  markTold(keys.list(), verdict, T0, day);
  EXPECT_TRUE(judgeRate(keys.list(), T0 + 1, day).told);
  // Let through once in between, refused again: still the same window's notice.
  const int64_t later = T0 + MINUTE * 7 / 4;
  ASSERT_EQ(judgeRate(keys.list(), later, day).kind, Kind::Ok);
  countTurn(keys.list(), T0 + MINUTE - 2, day);
  verdict = judgeRate(keys.list(), T0 + MINUTE - 1, day);
  EXPECT_EQ(verdict.kind, Kind::Limited);
  EXPECT_TRUE(verdict.told);
  EXPECT_FALSE(judgeRate(keys.list(), T0 + MINUTE, day).told) << "a new window, a new notice";
  EXPECT_EQ(keys.user.day.calls, 3);
  EXPECT_EQ(keys.all.day.calls, 3);
}

TEST(RateLimits, EachFigureOfABudget) {
  const int64_t day = dayOf(T0, 540);
  struct Case {
    const char* name;
    int64_t DayBudget::*limit;
    int64_t DayUse::*used;
    bool stopsTurns;
  };
  const Case cases[] = {{"calls", &DayBudget::calls, &DayUse::calls, true},
                        {"tokens", &DayBudget::tokens, &DayUse::tokens, true},
                        {"backendMs", &DayBudget::backendMs, &DayUse::backendMs, true},
                        {"pushes", &DayBudget::pushes, &DayUse::pushes, false},
                        {"downloadBytes", &DayBudget::downloadBytes, &DayUse::downloadBytes, false}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Keys keys;
    keys.allLimits.budget.*c.limit = 100;
    EXPECT_EQ(leftOf(keys.list(), day, c.limit, c.used), 100);
    DayUse use;
    use.*c.used = 99;
    countUse(keys.list(), day, use);
    EXPECT_EQ(judgeRate(keys.list(), T0, day).kind, Kind::Ok);
    EXPECT_EQ(leftOf(keys.list(), day, c.limit, c.used), 1);
    use.*c.used = 5;
    countUse(keys.list(), day, use);
    EXPECT_EQ(leftOf(keys.list(), day, c.limit, c.used), 0);
    const auto verdict = judgeRate(keys.list(), T0, day);
    EXPECT_EQ(verdict.kind, c.stopsTurns ? Kind::BudgetSpent : Kind::Ok);
    EXPECT_EQ(judgeRate(keys.list(), T0, day + 1).kind, Kind::Ok) << "tomorrow";
    EXPECT_EQ(leftOf(keys.list(), day + 1, c.limit, c.used), 100);
    keys.userLimits.budget.*c.limit = 10;
    EXPECT_EQ(leftOf(keys.list(), day + 1, c.limit, c.used), 10) << "the least of all keys";
  }
  Keys none;
  EXPECT_EQ(leftOf(none.list(), day, &DayBudget::pushes, &DayUse::pushes), std::nullopt);
}

TEST(RateLimits, SharedBudgetTellsEachUserAndTheOwnerOnce) {
  Usage all, aya, ken;
  UsageLimits limits, none;
  limits.budget.calls = 1;
  const std::vector<UsageKey> ayas{{&aya, none}, {&all, limits}};
  const std::vector<UsageKey> kens{{&ken, none}, {&all, limits}};
  const int64_t day = dayOf(T0, 0);
  countTurn(ayas, T0, day);
  const auto verdict = judgeRate(ayas, T0, day);
  ASSERT_EQ(verdict.kind, Kind::BudgetSpent);
  EXPECT_EQ(verdict.key, 1u);
  EXPECT_FALSE(verdict.told);
  markTold(ayas, verdict, T0, day);
  EXPECT_TRUE(judgeRate(ayas, T0, day).told);
  EXPECT_FALSE(judgeRate(kens, T0, day).told) << "Ken has not heard it";
  countTurn(ayas, T0, day + 1);
  EXPECT_FALSE(judgeRate(ayas, T0, day + 1).told) << "said again tomorrow";
}

TEST(RateLimits, Days) {
  EXPECT_EQ(dayOf(0, 0), 0);
  EXPECT_EQ(dayOf(-1, 0), -1);
  EXPECT_EQ(dayOf(86'400'000 - 540 * MINUTE, 540), 1) << "midnight in Tokyo";
  EXPECT_EQ(dayOf(86'400'000 - 540 * MINUTE - 1, 540), 0);
}

TEST(RateLimits, WrongCodes) {
  WindowCounter user;
  int64_t inAll = 0;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(wrongCodesLocked(user, T0 + i));
    EXPECT_FALSE(countWrongCode(user, inAll, T0 + i));
  }
  EXPECT_TRUE(wrongCodesLocked(user, T0 + 5));
  EXPECT_TRUE(wrongCodesLocked(user, T0 + WRONG_CODES_WINDOW_MS - 1));
  EXPECT_FALSE(wrongCodesLocked(user, T0 + WRONG_CODES_WINDOW_MS));
  EXPECT_EQ(inAll, 5);

  // Four users with five each: the twentieth cancels.
  int cancelled = 0;
  for (int u = 0; u < 3; ++u) {
    WindowCounter other;
    for (int i = 0; i < 5; ++i) cancelled += countWrongCode(other, inAll, T0) ? 1 : 0;
  }
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(inAll, 0) << "counted anew for the codes made from now on";
}

TEST(RateLimits, AsText) {
  Usage usage;
  usage.window = {T0, 3, 7, T0 + 1};
  usage.day = {20'000, 1, 2, 3, 4, 5, true};
  const std::string text = toText(usage);
  const Usage again = usageFromText(text);
  EXPECT_EQ(toText(again), text);
  EXPECT_EQ(again.window.previous, 7);
  EXPECT_EQ(again.window.toldMs, T0 + 1);
  EXPECT_EQ(again.day.downloadBytes, 5);
  EXPECT_TRUE(again.day.told);
  EXPECT_EQ(toText(windowFromText(toText(usage.window))), toText(usage.window));

  for (const std::string& bad :
       {std::string(), std::string("x"), text + " 1", text.substr(0, text.size() - 2), "2" + text.substr(1),
        std::string("1 -5 0 0 0 0 0 0 0 0 0 0"), " " + text,
        std::string("1 99999999999999999999999 0 0 0 0 0 0 0 0 0 0 0"), std::string(100'000, '1')})
    EXPECT_EQ(toText(usageFromText(bad)), toText(Usage{})) << bad.substr(0, 80);
}

TEST(RateLimits, FiguresDoNotOverflow) {
  DayUse use;
  use.tokens = INT64_MAX;
  use += use;
  EXPECT_GT(use.tokens, 0);
  DayUse negative;
  negative.tokens = -5;
  use.tokens = 10;
  use += negative;
  EXPECT_EQ(use.tokens, 10) << "a figure that a backend did not tell";
}

}  // namespace
}  // namespace tsunagi::chat
