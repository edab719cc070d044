#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::chat {

// Rates, daily budgets and wrong codes (S22, S14) as plain counters: the caller keeps them per key (user, group,
// channel, all), stores them as text and gives the time. Time is wall time in milliseconds, since the counters outlive
// the process; a clock that jumps back begins a new window, never a longer one.

// How many within the last window, told by two halves: the running window and the part of the one before that still
// counts. Exact to within one window's even spread.
struct WindowCounter {
  int64_t startMs = 0;  // of the running window
  int64_t current = 0;
  int64_t previous = 0;
  int64_t toldMs = 0;  // when the limit was last said; 0: never
};
int64_t countIn(const WindowCounter& counter, int64_t nowMs, int64_t windowMs);
void addTo(WindowCounter& counter, int64_t nowMs, int64_t windowMs, int64_t count = 1);

// What one day used. day = days since 1970-01-01 in the owner's time zone.
struct DayUse {
  int64_t day = 0;
  int64_t calls = 0;      // of responders
  int64_t tokens = 0;     // in and out, as the backend tells
  int64_t backendMs = 0;  // time in the backend
  int64_t pushes = 0;     // as LINE counts: a push to a group is one for each member
  int64_t downloadBytes = 0;
  bool told = false;  // the user heard that the budget is spent
};
DayUse& operator+=(DayUse& use, const DayUse& more);  // the figures only
int64_t dayOf(int64_t wallMs, int offsetMinutes);

// 0 = no limit.
struct RateLimit {
  int64_t windowMs = 60'000;
  int64_t events = 0;
};
struct DayBudget {
  int64_t calls = 0;
  int64_t tokens = 0;
  int64_t backendMs = 0;
  int64_t pushes = 0;
  int64_t downloadBytes = 0;
};

// The counters of one key, and what it may use.
struct Usage {
  WindowCounter window;
  DayUse day;
};
struct UsageLimits {
  RateLimit rate;
  DayBudget budget;
};

struct RateVerdict {
  enum class Kind : uint8_t { Ok, Limited, BudgetSpent } kind = Kind::Ok;
  bool told = false;  // was said already within a window, or on this day
  size_t key = 0;     // the first of the keys that refuses
};
// May one more turn begin, that all keys count? Changes nothing. The first key is the one that hears of a refusal,
// whichever key refuses: the user in 1:1, the group in a group; behind it channel and all.
struct UsageKey {
  Usage* usage;
  UsageLimits limits;
};
RateVerdict judgeRate(const std::vector<UsageKey>& keys, int64_t nowMs, int64_t day);
// A turn begins: counts one event and one call for each key. Call it only after Ok.
void countTurn(const std::vector<UsageKey>& keys, int64_t nowMs, int64_t day);
// The same without the call.
void countEvent(const std::vector<UsageKey>& keys, int64_t nowMs);
// Adds what was used to each key's day.
void countUse(const std::vector<UsageKey>& keys, int64_t day, const DayUse& used);
// The refusal was said to the user.
void markTold(const std::vector<UsageKey>& keys, const RateVerdict& verdict, int64_t nowMs, int64_t day);
// What is left of one figure of the day's budget under all keys; nothing when none of them limits it.
std::optional<int64_t> leftOf(const std::vector<UsageKey>& keys, int64_t day, int64_t DayBudget::*limit,
                              int64_t DayUse::*used);

// What one month used; the caller says which month it is.
struct MonthUse {
  int64_t month = 0;
  int64_t used = 0;
};

// Wrong codes (S14).
constexpr int64_t WRONG_CODES_PER_USER = 5;
constexpr int64_t WRONG_CODES_WINDOW_MS = 3'600'000;
constexpr int64_t WRONG_CODES_IN_ALL = 20;
bool wrongCodesLocked(const WindowCounter& ofUser, int64_t nowMs);
// Counts one. True: all open codes of the channel must be cancelled and the owner told; inAll begins anew.
bool countWrongCode(WindowCounter& ofUser, int64_t& inAll, int64_t nowMs);

// As the store keeps them: one line of ASCII. What cannot be read counts as empty counters.
std::string toText(const Usage& usage);
Usage usageFromText(std::string_view text);
std::string toText(const MonthUse& use);
MonthUse monthUseFromText(std::string_view text);
std::string toText(const WindowCounter& counter);
WindowCounter windowFromText(std::string_view text);

}  // namespace tsunagi::chat
