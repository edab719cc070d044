#include "chat/RateLimits.h"

#include <algorithm>
#include <charconv>

namespace tsunagi::chat {
namespace {

constexpr int64_t DAY_MS = 86'400'000;
constexpr int64_t MAX_COUNT = int64_t{1} << 60;

// Figures come from backends and from the store: none is negative, none overflows.
int64_t sum(int64_t a, int64_t b) {
  return std::min(MAX_COUNT, std::clamp<int64_t>(a, 0, MAX_COUNT) + std::clamp<int64_t>(b, 0, MAX_COUNT));
}

// The counter as it stands at a time: in the window that holds it.
WindowCounter rolled(const WindowCounter& counter, int64_t nowMs, int64_t windowMs) {
  WindowCounter now = counter;
  const int64_t passed = nowMs - counter.startMs;
  if (passed >= 0 && passed < windowMs) return now;
  now.startMs = nowMs;
  now.current = 0;
  now.previous = 0;
  if (passed >= windowMs && passed < 2 * windowMs) {
    now.startMs = counter.startMs + windowMs;
    now.previous = counter.current;
  }
  return now;
}

DayUse today(const DayUse& use, int64_t day) {
  if (use.day == day) return use;
  DayUse fresh;
  fresh.day = day;
  return fresh;
}

bool isSpent(const DayUse& use, const DayBudget& budget) {
  const auto over = [](int64_t used, int64_t limit) { return limit > 0 && used >= limit; };
  return over(use.calls, budget.calls) || over(use.tokens, budget.tokens) || over(use.backendMs, budget.backendMs);
}

void putNumbers(std::string& text, std::initializer_list<int64_t> numbers) {
  for (const int64_t number : numbers) {
    if (!text.empty()) text += ' ';
    text += std::to_string(number);
  }
}

int64_t windowOf(const RateLimit& rate) { return std::max<int64_t>(1, rate.windowMs); }

// Exactly `count` numbers behind the version, or nothing.
std::optional<std::vector<int64_t>> numbersIn(std::string_view text, size_t count) {
  std::vector<int64_t> numbers;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(' '));
    int64_t number = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
    if (read.ec != std::errc() || read.ptr != part.data() + part.size()) return std::nullopt;
    if (number < 0 || number > MAX_COUNT || numbers.size() > count) return std::nullopt;
    numbers.push_back(number);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  if (numbers.size() != count + 1 || numbers.front() != 1) return std::nullopt;
  numbers.erase(numbers.begin());
  return numbers;
}

}  // namespace

int64_t countIn(const WindowCounter& counter, int64_t nowMs, int64_t windowMs) {
  const WindowCounter now = rolled(counter, nowMs, windowMs);
  const int64_t left = windowMs - (nowMs - now.startMs);
  // Rounded up, so that a limit holds: the part of the window before that lies within the last windowMs.
  const double share = static_cast<double>(left) / static_cast<double>(windowMs);
  const double before = static_cast<double>(now.previous) * share;
  const auto whole = static_cast<int64_t>(before);
  return sum(now.current, whole + (static_cast<double>(whole) < before ? 1 : 0));
}

void addTo(WindowCounter& counter, int64_t nowMs, int64_t windowMs, int64_t count) {
  counter = rolled(counter, nowMs, windowMs);
  counter.current = sum(counter.current, count);
}

DayUse& operator+=(DayUse& use, const DayUse& more) {
  use.calls = sum(use.calls, more.calls);
  use.tokens = sum(use.tokens, more.tokens);
  use.backendMs = sum(use.backendMs, more.backendMs);
  use.pushes = sum(use.pushes, more.pushes);
  use.downloadBytes = sum(use.downloadBytes, more.downloadBytes);
  return use;
}

int64_t dayOf(int64_t wallMs, int offsetMinutes) {
  const int64_t local = wallMs + offsetMinutes * int64_t{60'000};
  return local >= 0 ? local / DAY_MS : -((-local + DAY_MS - 1) / DAY_MS);
}

RateVerdict judgeRate(const std::vector<UsageKey>& keys, int64_t nowMs, int64_t day) {
  // A spent budget lasts until tomorrow: it is what the user should hear.
  for (size_t i = 0; i < keys.size(); ++i) {
    const DayUse use = today(keys[i].usage->day, day);
    if (!isSpent(use, keys[i].limits.budget)) continue;
    return {RateVerdict::Kind::BudgetSpent, today(keys.front().usage->day, day).told, i};
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const RateLimit& rate = keys[i].limits.rate;
    if (rate.events <= 0 || countIn(keys[i].usage->window, nowMs, windowOf(rate)) < rate.events) continue;
    const int64_t toldMs = keys.front().usage->window.toldMs;
    const bool told = toldMs > 0 && toldMs <= nowMs && nowMs - toldMs < windowOf(rate);
    return {RateVerdict::Kind::Limited, told, i};
  }
  return {};
}

void countTurn(const std::vector<UsageKey>& keys, int64_t nowMs, int64_t day) {
  DayUse call;
  call.calls = 1;
  countUse(keys, day, call);
  countEvent(keys, nowMs);
}

void countEvent(const std::vector<UsageKey>& keys, int64_t nowMs) {
  for (const auto& key : keys) addTo(key.usage->window, nowMs, windowOf(key.limits.rate));
}

void countUse(const std::vector<UsageKey>& keys, int64_t day, const DayUse& used) {
  for (const auto& key : keys) {
    key.usage->day = today(key.usage->day, day);
    key.usage->day += used;
  }
}

void markTold(const std::vector<UsageKey>& keys, const RateVerdict& verdict, int64_t nowMs, int64_t day) {
  if (verdict.kind == RateVerdict::Kind::Ok || keys.empty()) return;
  Usage& heard = *keys.front().usage;
  if (verdict.kind == RateVerdict::Kind::Limited) {
    heard.window.toldMs = nowMs;
  } else {
    heard.day = today(heard.day, day);
    heard.day.told = true;
  }
}

std::optional<int64_t> leftOf(const std::vector<UsageKey>& keys, int64_t day, int64_t DayBudget::*limit,
                              int64_t DayUse::*used) {
  std::optional<int64_t> least;
  for (const auto& key : keys) {
    const int64_t allowed = key.limits.budget.*limit;
    if (allowed <= 0) continue;
    const int64_t left = std::max<int64_t>(0, allowed - today(key.usage->day, day).*used);
    least = std::min(least.value_or(left), left);
  }
  return least;
}

bool wrongCodesLocked(const WindowCounter& ofUser, int64_t nowMs) {
  const int64_t passed = nowMs - ofUser.startMs;
  return passed >= 0 && passed < WRONG_CODES_WINDOW_MS && ofUser.current >= WRONG_CODES_PER_USER;
}

bool countWrongCode(WindowCounter& ofUser, int64_t& inAll, int64_t nowMs) {
  const int64_t passed = nowMs - ofUser.startMs;
  if (passed < 0 || passed >= WRONG_CODES_WINDOW_MS) ofUser = {nowMs, 0, 0, 0};
  ++ofUser.current;
  if (++inAll < WRONG_CODES_IN_ALL) return false;
  inAll = 0;
  return true;
}

std::string toText(const MonthUse& use) {
  std::string text;
  putNumbers(text, {1, use.month, use.used});
  return text;
}

MonthUse monthUseFromText(std::string_view text) {
  const auto n = numbersIn(text, 2);
  return n ? MonthUse{(*n)[0], (*n)[1]} : MonthUse{};
}

std::string toText(const WindowCounter& counter) {
  std::string text;
  putNumbers(text, {1, counter.startMs, counter.current, counter.previous, counter.toldMs});
  return text;
}

WindowCounter windowFromText(std::string_view text) {
  const auto n = numbersIn(text, 4);
  return n ? WindowCounter{(*n)[0], (*n)[1], (*n)[2], (*n)[3]} : WindowCounter{};
}

std::string toText(const Usage& usage) {
  std::string text = toText(usage.window);
  const DayUse& day = usage.day;
  putNumbers(text, {day.day, day.calls, day.tokens, day.backendMs, day.pushes, day.downloadBytes, day.told ? 1 : 0});
  return text;
}

Usage usageFromText(std::string_view text) {
  const auto n = numbersIn(text, 11);
  if (!n) return {};
  const auto& v = *n;
  return {{v[0], v[1], v[2], v[3]}, {v[4], v[5], v[6], v[7], v[8], v[9], v[10] != 0}};
}

}  // namespace tsunagi::chat
