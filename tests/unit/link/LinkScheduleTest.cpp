// Both state machines over random schedules: relay and bridge crash, stores are slow, goaways come at any time.
// Whatever happens, every stored event is committed exactly once and in order.
#include <gtest/gtest.h>

#include "tests/unit/link/LinkWorld.h"

namespace tsunagi::link {
namespace {

int numberOf(const std::string& body) { return std::atoi(body.c_str()); }

TEST(LinkSchedule, EveryEventIsCommittedOnceAndInOrder) {
  int cuts = 0;
  int goaways = 0;
  for (uint32_t seed = 1; seed <= 250; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(120, 20'000);
    ASSERT_EQ(world.broken, "");
    ASSERT_EQ(world.store.bodies.size(), 120u);
    for (int i = 0; i < 120; ++i) ASSERT_EQ(numberOf(world.store.bodies[static_cast<size_t>(i)]), i + 1);
    ASSERT_TRUE(world.queue.events.empty());
    ASSERT_EQ(world.queue.acknowledged, 120u);
    ASSERT_EQ(world.gaps, 0);
    ASSERT_EQ(world.resets, 0);
    ASSERT_EQ(world.queue.buried, 0);
    cuts += world.cuts;
    goaways += world.goaways;
  }
  // The schedules did contain what they are for.
  EXPECT_GT(cuts, 1'000);
  EXPECT_GT(goaways, 400);
}

TEST(LinkSchedule, ABridgeStoreThatGoesBackIsToldOfTheGapAndLosesNothingNew) {
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    Store copy;
    world.agenda.after(5'000, [&] { copy = world.store; });
    size_t lost = 0;
    uint64_t mark = 0;
    world.agenda.after(12'000, [&] {
      lost = world.store.bodies.size() - copy.bodies.size();
      // A hello under way may still acknowledge what the store had until now.
      mark = std::max(world.queue.acknowledged, world.store.position.lastSeq);
      world.replaceStore(seed % 4 == 0 ? Store{} : copy);
    });
    world.run(120, 20'000);
    ASSERT_EQ(world.broken, "");
    ASSERT_TRUE(world.queue.events.empty());
    // All that the store had not seen when it went back is there, once and in order.
    std::vector<int> tail;
    for (const auto& body : world.store.bodies) {
      if (numberOf(body) > static_cast<int>(mark)) tail.push_back(numberOf(body));
    }
    ASSERT_EQ(tail.size(), 120 - mark);
    for (size_t i = 0; i < tail.size(); ++i) ASSERT_EQ(tail[i], static_cast<int>(mark + i + 1));
    if (lost > 8) {
      ASSERT_GE(world.gaps, 1);
    }
  }
}

TEST(LinkSchedule, ARelayStoreThatGoesBackBeginsANewQueue) {
  int resets = 0;
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    Queue copy;
    int storedBefore = 0;
    world.agenda.after(9'000, [&] { copy = world.queue; });
    world.agenda.after(12'000, [&] {
      storedBefore = static_cast<int>(world.queue.nextSeq) - 1;
      world.replaceQueue(copy);
    });
    world.run(120, 20'000);
    ASSERT_EQ(world.broken, "");
    ASSERT_TRUE(world.queue.events.empty());
    resets += world.resets;
    // What was stored after the return is there, once and in order.
    std::vector<int> fresh;
    for (const auto& body : world.store.bodies) {
      if (numberOf(body) > storedBefore) fresh.push_back(numberOf(body));
    }
    ASSERT_EQ(fresh.size(), static_cast<size_t>(120 - storedBefore));
    for (size_t i = 0; i < fresh.size(); ++i) ASSERT_EQ(fresh[i], storedBefore + static_cast<int>(i) + 1);
  }
  EXPECT_GT(resets, 40);
}

}  // namespace
}  // namespace tsunagi::link
