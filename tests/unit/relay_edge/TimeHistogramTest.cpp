#include "relay/edge/TimeHistogram.h"

#include <gtest/gtest.h>

namespace tsunagi::relay {
namespace {

TEST(TimeHistogram, CountsUpToAndWithEachBound) {
  TimeHistogram times;
  for (const uint64_t micros : {0u, 1'000u, 1'001u, 2'500u, 2'000'000u, 2'000'001u, 90'000'000u}) times.add(micros);
  const TimeHistogram::Snapshot all = times.snapshot();
  ASSERT_EQ(all.upTo.size(), TimeHistogram::BOUNDS.size());
  EXPECT_EQ(all.upTo.front(), (std::pair<double, uint64_t>{0.001, 2}));
  EXPECT_EQ(all.upTo[1], (std::pair<double, uint64_t>{0.0025, 4}));
  EXPECT_EQ(all.upTo[9], (std::pair<double, uint64_t>{1, 4}));
  EXPECT_EQ(all.upTo.back(), (std::pair<double, uint64_t>{2, 5}));
  EXPECT_EQ(all.count, 7u);
  EXPECT_EQ(all.micros, 94'004'502u);
}

TEST(TimeHistogram, BeginsWithNothing) {
  const TimeHistogram::Snapshot none = TimeHistogram().snapshot();
  EXPECT_EQ(none.upTo.back().second, 0u);
  EXPECT_EQ(none.count, 0u);
}

}  // namespace
}  // namespace tsunagi::relay
