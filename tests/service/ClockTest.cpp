// The bridge's wall clock is a day off (J4): it still replies by token, and shows the skew.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/Chain.h"

namespace tsunagi::test {
namespace {

class ClockTest : public testing::TestWithParam<const char*> {};

TEST_P(ClockTest, StillRepliesByToken) {
  const char* library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  ASSERT_TRUE(std::filesystem::exists(library)) << "install libfaketime";
  Chain chain(
      {.bridgeEnv = {{"LD_PRELOAD", library}, {"FAKETIME", GetParam()}, {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}}});
  chain.startAll();
  EXPECT_EQ(chain.ask("alice", "what time is it"), "what time is it");
  const auto skew = chain.bridgeStatus().at("link").at("clock_skew_ms").get<int64_t>();
  EXPECT_GT(std::abs(skew), 23 * 3'600'000LL);
  EXPECT_EQ(skew > 0, GetParam()[0] == '+');
  chain.killBridge();
  const std::string waiting = chain.send("alice", "still there?");
  chain.awaitAccepted(waiting);
  chain.startBridge();
  EXPECT_EQ(chain.awaitAnswer(waiting), "still there?");
}

INSTANTIATE_TEST_SUITE_P(ADayOff, ClockTest, testing::Values("+1d", "-1d"),
                         [](const auto& test) { return test.param[0] == '+' ? "Ahead" : "Behind"; });

}  // namespace
}  // namespace tsunagi::test
