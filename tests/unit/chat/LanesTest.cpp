#include "chat/Lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "tests/support/Eventually.h"

namespace tsunagi::chat {
namespace {

struct Work : LaneWork {
  std::function<LaneStep(const store::LaneEntry&, int)> body;
  LaneStep handle(const store::LaneEntry& entry, int failures) override { return body(entry, failures); }
};

TEST(Lanes, AParkedLaneWaitsForItsTimeAndCountsItsFailures) {
  ManualClock clock;
  Work work;
  std::vector<int> seen;
  work.body = [&](const store::LaneEntry&, int failures) {
    seen.push_back(failures);
    return seen.size() < 3 ? LaneStep{LaneStep::Kind::RetryAt, clock.steadyMs() + 100} : LaneStep{};
  };
  Lanes lanes(work, clock);
  lanes.add({{1, 1, "a"}});
  EXPECT_EQ(lanes.runReady(), 1u);
  EXPECT_EQ(lanes.runReady(), 0u);
  EXPECT_EQ(lanes.waiting(), 1u);
  clock.advance(99);
  EXPECT_EQ(lanes.runReady(), 0u);
  clock.advance(1);
  EXPECT_EQ(lanes.runReady(), 1u);
  lanes.add({{2, 1, "a"}});
  EXPECT_EQ(lanes.runReady(), 0u) << "a new event does not overtake the parked head";
  clock.advance(100);
  EXPECT_EQ(lanes.runReady(), 2u);
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 0}));
  EXPECT_EQ(lanes.backlog(), 0u);
}

TEST(Lanes, WhatGoesOnBesideHoldsUpNobody) {
  ManualClock clock;
  Work work;
  std::vector<std::string> seen;
  bool done = false;
  work.body = [&](const store::LaneEntry& entry, int failures) {
    seen.push_back(std::to_string(entry.inboxId) + "/" + std::to_string(failures));
    if (entry.inboxId != 1 || done) return LaneStep{};
    return LaneStep{failures < 1 ? LaneStep::Kind::RetryAt : LaneStep::Kind::Beside, clock.steadyMs() + 100};
  };
  Lanes lanes(work, clock);
  lanes.add({{1, 1, "a"}, {2, 1, "a"}});
  lanes.runReady();
  clock.advance(100);
  lanes.runReady();
  EXPECT_EQ(seen, (std::vector<std::string>{"1/0", "1/1", "2/0"}));
  EXPECT_EQ(lanes.backlog(), 1u);
  clock.advance(100);
  lanes.add({{3, 1, "a"}});
  lanes.runReady();
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen.back(), "1/2") << "it stays in its own lane";
  done = true;
  clock.advance(100);
  lanes.runReady();
  EXPECT_EQ(seen.back(), "1/3");
  EXPECT_EQ(lanes.backlog(), 0u);
}

TEST(Lanes, ChangedSettingsWakeWhoWaits) {
  ManualClock clock;
  Work work;
  bool set = false;
  work.body = [&](const store::LaneEntry&, int) {
    return set ? LaneStep{} : LaneStep{LaneStep::Kind::Waiting, clock.steadyMs() + 1'000'000};
  };
  Lanes lanes(work, clock);
  lanes.add({{1, 1, "a"}, {2, 1, "b"}});
  lanes.runReady();
  set = true;
  EXPECT_EQ(lanes.runReady(), 0u);
  lanes.settingsChanged();
  EXPECT_EQ(lanes.runReady(), 2u);
}

TEST(Lanes, WorkersKeepTheOrderOfEachLaneAndRunLanesSideBySide) {
  Work work;
  std::mutex mutex;
  std::map<std::string, std::vector<int64_t>> order;
  std::set<std::string> inside;
  bool twice = false;
  std::condition_variable both;
  size_t most = 0;
  work.body = [&](const store::LaneEntry& entry, int) {
    std::unique_lock lock(mutex);
    twice = twice || !inside.insert(entry.conversation).second;
    most = std::max(most, inside.size());
    both.notify_all();
    // Nobody leaves before two lanes have been worked on at once.
    both.wait_for(lock, test::HANG_GUARD, [&] { return most >= 2; });
    order[entry.conversation].push_back(entry.inboxId);
    inside.erase(entry.conversation);
    return LaneStep{};
  };
  Lanes lanes(work, Clock::system());
  std::vector<store::LaneEntry> entries;
  for (int64_t i = 0; i < 200; ++i) entries.push_back({i, 1, std::string(1, static_cast<char>('a' + i % 7))});
  lanes.add(entries);
  lanes.start(4);
  EXPECT_TRUE(test::eventually([&] { return lanes.backlog() == 0; }));
  lanes.stop();
  lanes.join();
  EXPECT_FALSE(twice);
  EXPECT_GE(most, 2u);
  EXPECT_EQ(order.size(), 7u);
  for (const auto& [conversation, ids] : order) EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end())) << conversation;
}

TEST(Lanes, ATapDoesNotWaitForTheTurnOfItsConversationNorForAWorkerOfTurns) {
  Work work;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int64_t> taps;
  bool underWay = false, meanwhile = false;
  work.body = [&](const store::LaneEntry& entry, int) {
    std::unique_lock lock(mutex);
    if (entry.tap) taps.push_back(entry.inboxId);
    underWay = true;
    changed.notify_all();
    if (entry.inboxId == 1) meanwhile = changed.wait_for(lock, test::HANG_GUARD, [&] { return taps.size() == 2; });
    return LaneStep{};
  };
  Lanes lanes(work, Clock::system());
  lanes.add({{1, 1, "a"}});
  lanes.start(1);
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, test::HANG_GUARD, [&] { return underWay; }));
  }
  lanes.add({{2, 1, "a"}, {3, 1, "a", true}, {4, 1, "a", true}});
  EXPECT_TRUE(test::eventually([&] { return lanes.backlog() == 0; }));
  EXPECT_TRUE(meanwhile);
  EXPECT_EQ(taps, (std::vector<int64_t>{3, 4})) << "in their order";
}

TEST(Lanes, WorkersSleepUntilTheyAreWokenOrAParkedLaneIsDue) {
  ManualClock clock;
  Work work;
  int64_t parkedMs = 300;
  work.body = [&](const store::LaneEntry&, int) {
    return LaneStep{parkedMs > 0 ? LaneStep::Kind::RetryAt : LaneStep::Kind::Finished, clock.steadyMs() + parkedMs};
  };
  Lanes lanes(work, clock);
  EXPECT_EQ(lanes.sleepMs(), std::nullopt) << "nothing to do, nothing to look at";
  lanes.add({{1, 1, "a"}});
  lanes.runReady();
  EXPECT_EQ(lanes.sleepMs(), std::optional<int64_t>(300));
  clock.advance(300);
  parkedMs = 3'600'000;
  lanes.runReady();
  EXPECT_EQ(lanes.sleepMs(), std::optional<int64_t>(1'000)) << "the machine's sleep is not counted by the wait";
  clock.advance(parkedMs);
  parkedMs = 0;
  lanes.runReady();
  EXPECT_EQ(lanes.sleepMs(), std::nullopt);
}

TEST(Lanes, StopLeavesWhatIsNotBegun) {
  ManualClock clock;
  Work work;
  std::atomic<int> steps{0};
  Lanes* which = nullptr;
  work.body = [&](const store::LaneEntry&, int) {
    ++steps;
    which->stop();
    return LaneStep{};
  };
  Lanes lanes(work, clock);
  which = &lanes;
  lanes.add({{1, 1, "a"}, {2, 1, "a"}, {3, 1, "a"}});
  lanes.start(1);
  lanes.join();
  EXPECT_TRUE(lanes.waitIdle(0));
  EXPECT_EQ(steps, 1);
  EXPECT_EQ(lanes.backlog(), 2u);
}

}  // namespace
}  // namespace tsunagi::chat
