#include "link/ReconnectPolicy.h"

#include <gtest/gtest.h>

using tsunagi::link::ReconnectPolicy;
using Ending = ReconnectPolicy::Ending;

namespace {

uint64_t lowest(uint64_t) { return 0; }
uint64_t highest(uint64_t bound) { return bound - 1; }

TEST(ReconnectPolicy, GoesAtOnceAfterACleanGoaway) {
  ReconnectPolicy policy(highest);
  EXPECT_EQ(policy.next(Ending::Goaway), 0);
  EXPECT_EQ(policy.next(Ending::Goaway, 700), 700);
  EXPECT_EQ(ReconnectPolicy(lowest).next(Ending::Goaway, 700), 0);
}

TEST(ReconnectPolicy, WaitsAtMostTwoSecondsAfterAHealthySession) {
  EXPECT_EQ(ReconnectPolicy(highest).next(Ending::Healthy), 2'000);
  EXPECT_EQ(ReconnectPolicy(lowest).next(Ending::Healthy), 0);
}

TEST(ReconnectPolicy, BacksOffFromOneSecondToSixtyWithFullJitter) {
  ReconnectPolicy high(highest);
  ReconnectPolicy low(lowest);
  for (int64_t ceiling : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000, 60'000}) {
    EXPECT_EQ(high.next(Ending::Failed), ceiling);
    EXPECT_EQ(low.next(Ending::Failed), 50);
  }
  high.next(Ending::Healthy);
  EXPECT_EQ(high.next(Ending::Failed), 1'000);
  high.reset();
  EXPECT_EQ(high.next(Ending::Failed), 1'000);
}

TEST(ReconnectPolicy, WaitsAsLongAsAnOverloadedRelayAsksWithinReason) {
  ReconnectPolicy policy(lowest);
  EXPECT_EQ(policy.next(Ending::Overloaded, 30'000), 30'050);
  EXPECT_EQ(policy.next(Ending::Overloaded, 1'000'000'000), 600'050);
}

TEST(ReconnectPolicy, AReplacedBridgeWaitsFiveMinutesMoreOrLess) {
  EXPECT_EQ(ReconnectPolicy(lowest).next(Ending::Replaced), 240'000);
  EXPECT_EQ(ReconnectPolicy(highest).next(Ending::Replaced), 360'000);
}

TEST(ReconnectPolicy, ARefusedBridgeDoesNotHammer) {
  ReconnectPolicy policy(lowest);
  EXPECT_EQ(policy.next(Ending::Refused), 5'000);
  EXPECT_EQ(policy.next(Ending::Refused), 30'000);
  EXPECT_EQ(ReconnectPolicy(lowest).next(Ending::Incompatible), 120'000);
}

}  // namespace
