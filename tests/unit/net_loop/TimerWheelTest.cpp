#include "net/TimerWheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace tsunagi::net {
namespace {

void fireAll(TimerWheel& wheel) {
  while (auto task = wheel.popDue()) task();
}

TEST(TimerWheel, FiresAtItsTickAndNotBefore) {
  TimerWheel wheel(1000);
  int fired = 0;
  wheel.insert(1005, [&] { ++fired; });
  wheel.advance(1004);
  fireAll(wheel);
  EXPECT_EQ(fired, 0);
  wheel.advance(1005);
  fireAll(wheel);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(wheel.size(), 0u);
}

TEST(TimerWheel, PastAndPresentTicksBecomeDueOneTickLater) {
  TimerWheel wheel(500);
  int fired = 0;
  wheel.insert(0, [&] { ++fired; });
  wheel.insert(500, [&] { ++fired; });
  EXPECT_FALSE(wheel.hasDue());
  wheel.advance(501);
  fireAll(wheel);
  EXPECT_EQ(fired, 2);
}

TEST(TimerWheel, ATimerThatIsDueCanStillBeCancelled) {
  TimerWheel wheel(0);
  int fired = 0;
  uint64_t second = 0;
  wheel.insert(3, [&] { EXPECT_TRUE(wheel.cancel(second)); });
  second = wheel.insert(3, [&] { ++fired; });
  wheel.advance(10);
  fireAll(wheel);
  EXPECT_EQ(fired, 0);
  EXPECT_FALSE(wheel.cancel(second));
  EXPECT_FALSE(wheel.cancel(0));
  EXPECT_FALSE(wheel.cancel(UINT64_MAX));
}

TEST(TimerWheel, ASpentIdDoesNotCancelTheTimerThatTookItsPlace) {
  TimerWheel wheel(0);
  const auto first = wheel.insert(1, [] {});
  wheel.advance(1);
  fireAll(wheel);
  int fired = 0;
  const auto second = wheel.insert(2, [&] { ++fired; });
  EXPECT_NE(first, second);
  EXPECT_FALSE(wheel.cancel(first));
  wheel.advance(2);
  fireAll(wheel);
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheel, TimersSetWhileFiringWaitForALaterTick) {
  TimerWheel wheel(0);
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    wheel.insert(0, again);
  };
  wheel.insert(1, again);
  wheel.advance(1);
  fireAll(wheel);
  EXPECT_EQ(fired, 1);
  wheel.advance(2);
  fireAll(wheel);
  EXPECT_EQ(fired, 2);
}

TEST(TimerWheel, FarTicksNeitherWrapNorFireEarly) {
  TimerWheel wheel(UINT64_MAX - 10);
  int fired = 0;
  wheel.insert(UINT64_MAX, [&] { ++fired; });
  wheel.advance(UINT64_MAX - 1);
  fireAll(wheel);
  EXPECT_EQ(fired, 0);
  wheel.advance(UINT64_MAX);
  fireAll(wheel);
  EXPECT_EQ(fired, 1);
}

// Against a sorted map: same set of timers, same moments, over slot borders of every level in reach.
TEST(TimerWheel, AgreesWithASortedMap) {
  std::mt19937_64 random(7);
  for (int run = 0; run < 20; ++run) {
    uint64_t now = random() >> (random() % 60);
    now = std::min<uint64_t>(now, UINT64_MAX / 2);
    TimerWheel wheel(now);
    std::multimap<uint64_t, uint64_t> expected;              // tick -> number
    std::map<uint64_t, std::pair<uint64_t, uint64_t>> live;  // number -> {id, tick}
    std::vector<uint64_t> fired;
    uint64_t number = 0;
    for (int step = 0; step < 3000; ++step) {
      const uint64_t what = random() % 10;
      if (what < 6) {
        const uint64_t tick = now + 1 + (random() >> (44 + random() % 20));
        const uint64_t mine = number++;
        const uint64_t id = wheel.insert(tick, [&fired, mine] { fired.push_back(mine); });
        expected.emplace(tick, mine);
        live[mine] = {id, tick};
      } else if (what < 8 && !live.empty()) {
        auto it = live.lower_bound(random() % number);
        if (it == live.end()) it = live.begin();
        ASSERT_TRUE(wheel.cancel(it->second.first));
        const auto range = expected.equal_range(it->second.second);
        for (auto e = range.first; e != range.second; ++e) {
          if (e->second == it->first) {
            expected.erase(e);
            break;
          }
        }
        live.erase(it);
      } else {
        now += random() >> (44 + random() % 20);
        const auto next = wheel.nextTick();
        ASSERT_EQ(next.has_value(), !expected.empty());
        if (next) {
          ASSERT_LE(*next, expected.begin()->first);
        }
        wheel.advance(now);
        fired.clear();
        fireAll(wheel);
        std::vector<uint64_t> due;
        while (!expected.empty() && expected.begin()->first <= now) {
          due.push_back(expected.begin()->second);
          live.erase(expected.begin()->second);
          expected.erase(expected.begin());
        }
        std::sort(due.begin(), due.end());
        auto got = fired;
        std::sort(got.begin(), got.end());
        ASSERT_EQ(got, due);
      }
      ASSERT_EQ(wheel.size(), live.size());
    }
  }
}

}  // namespace
}  // namespace tsunagi::net
