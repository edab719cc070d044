#include <gtest/gtest.h>

#include "chat/OutboxRules.h"
#include "line/SendResult.h"

namespace tsunagi::chat {
namespace {

using Kind = line::SendResult::Kind;
using Verdict = OutboxVerdict::Kind;

constexpr TokenLife ALIVE{30'000, true, 3'000};
constexpr TokenLife LAST_SECONDS{2'000, true, 3'000};
constexpr TokenLife EXPIRED{-1, true, 3'000};
constexpr TokenLife GUESSED{30'000, false, 3'000};  // after a reboot of the machine

TEST(OutboxRules, WhetherToCall) {
  struct Case {
    bool earlier;
    int64_t attempts;
    TokenLife life;
    Verdict expected;
  };
  const Case cases[] = {
      {false, 0, ALIVE, Verdict::Call},        {false, 0, EXPIRED, Verdict::Call},
      {false, 0, GUESSED, Verdict::Call},      {false, 3, ALIVE, Verdict::Call},
      {false, 3, LAST_SECONDS, Verdict::Call}, {false, 1, EXPIRED, Verdict::Hold},
      {true, 1, ALIVE, Verdict::Call},         {true, 1, LAST_SECONDS, Verdict::Unknown},
      {true, 1, EXPIRED, Verdict::Unknown},    {true, 1, GUESSED, Verdict::Unknown},
  };
  for (const auto& c : cases)
    EXPECT_EQ(beforeCall(c.earlier, c.attempts, c.life).kind, c.expected)
        << "earlier " << c.earlier << " attempts " << c.attempts << " remaining " << c.life.remainingMs;
}

// Every result, for the surely first attempt and for a probe, with the token alive and run out meanwhile.
TEST(OutboxRules, WhatAResultMeans) {
  struct Case {
    Kind result;
    Verdict firstAlive, firstExpired, probeAlive, probeExpired;
  };
  const Case cases[] = {
      {Kind::Delivered, Verdict::Sent, Verdict::Sent, Verdict::Sent, Verdict::Sent},
      {Kind::AlreadyAccepted, Verdict::Sent, Verdict::Sent, Verdict::Sent, Verdict::Sent},
      {Kind::InvalidReplyToken, Verdict::Failed, Verdict::Hold, Verdict::Sent, Verdict::Unknown},
      {Kind::RateLimited, Verdict::RetryFirst, Verdict::RetryFirst, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::QuotaExhausted, Verdict::Failed, Verdict::Failed, Verdict::Failed, Verdict::Failed},
      {Kind::Unauthorized, Verdict::WaitToken, Verdict::WaitToken, Verdict::WaitToken, Verdict::WaitToken},
      {Kind::Refused, Verdict::Failed, Verdict::Failed, Verdict::Failed, Verdict::Failed},
      {Kind::ServerError, Verdict::RetryProbe, Verdict::RetryProbe, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::NotSent, Verdict::RetryFirst, Verdict::RetryFirst, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::Ambiguous, Verdict::RetryProbe, Verdict::RetryProbe, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::Cancelled, Verdict::RetryFirst, Verdict::RetryFirst, Verdict::RetryProbe, Verdict::RetryProbe},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(line::kindName(c.result));
    EXPECT_EQ(afterCall(false, c.result, true, ALIVE).kind, c.firstAlive);
    EXPECT_EQ(afterCall(false, c.result, false, EXPIRED).kind, c.firstExpired);
    EXPECT_EQ(afterCall(true, c.result, true, ALIVE).kind, c.probeAlive);
    EXPECT_EQ(afterCall(true, c.result, true, EXPIRED).kind, c.probeExpired);
  }
}

TEST(OutboxRules, AnInvalidTokenProvesNothingWhenTheProbeBeganTooLate) {
  EXPECT_EQ(afterCall(true, Kind::InvalidReplyToken, false, ALIVE).kind, Verdict::Unknown);
}

// A push carries a retry key from its first attempt on: only LINE's words can make it unclear, and only for the key's
// life.
TEST(PushRules, WhetherToCall) {
  constexpr int64_t MINUTE = 60'000;
  struct Case {
    bool earlier;
    std::optional<int64_t> sinceFirstMs;
    Verdict expected;
  };
  const Case cases[] = {
      {false, std::nullopt, Verdict::Call},
      {false, 0, Verdict::Call},
      {true, 0, Verdict::Call},
      {true, PUSH_LIFE_MS - 1, Verdict::Call},
      {true, PUSH_LIFE_MS, Verdict::Unknown},
      {false, PUSH_LIFE_MS, Verdict::Hold},
      {true, -4 * MINUTE, Verdict::Call},  // the clock was set right
      {true, -6 * MINUTE, Verdict::Unknown},
      {false, -6 * MINUTE, Verdict::Hold},
  };
  for (const auto& c : cases)
    EXPECT_EQ(beforePush(c.earlier, c.sinceFirstMs).kind, c.expected)
        << "earlier " << c.earlier << " since " << c.sinceFirstMs.value_or(-1);
  static_assert(PUSH_LIFE_MS < 23 * 3'600'000LL, "LINE forgets the key after 24 h, and sends again");
}

TEST(PushRules, WhatAResultMeans) {
  struct Case {
    Kind result;
    Verdict first, retry;
  };
  const Case cases[] = {
      {Kind::Delivered, Verdict::Sent, Verdict::Sent},
      {Kind::AlreadyAccepted, Verdict::Sent, Verdict::Sent},
      {Kind::InvalidReplyToken, Verdict::Failed, Verdict::Failed},
      {Kind::RateLimited, Verdict::RetryFirst, Verdict::RetryProbe},
      {Kind::QuotaExhausted, Verdict::AskQuota, Verdict::RetryProbe},
      {Kind::Unauthorized, Verdict::WaitToken, Verdict::WaitToken},
      {Kind::Refused, Verdict::Failed, Verdict::Failed},
      {Kind::ServerError, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::NotSent, Verdict::RetryFirst, Verdict::RetryProbe},
      {Kind::Ambiguous, Verdict::RetryProbe, Verdict::RetryProbe},
      {Kind::Cancelled, Verdict::RetryFirst, Verdict::RetryProbe},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(line::kindName(c.result));
    EXPECT_EQ(afterPush(false, c.result).kind, c.first);
    EXPECT_EQ(afterPush(true, c.result).kind, c.retry);
  }
  EXPECT_EQ(afterQuota(true).kind, Verdict::Hold);
  EXPECT_EQ(afterQuota(false).kind, Verdict::RetryFirst);
}

TEST(TokenLifeTest, RunsOnTheSteadyClock) {
  ManualClock clock;
  const store::Receipt receipt{clock.steadyMs(), clock.bootId(), clock.wallMs(), 10'000};
  clock.setWall(clock.wallMs() + 86'400'000);  // a day off
  EXPECT_EQ(tokenLife(receipt, clock, 60'000).remainingMs, 50'000);
  EXPECT_TRUE(tokenLife(receipt, clock, 60'000).surelyAlive());
  clock.setWall(clock.wallMs() - 3 * 86'400'000LL);
  EXPECT_EQ(tokenLife(receipt, clock, 60'000).remainingMs, 50'000);
  clock.advance(48'000);
  EXPECT_EQ(tokenLife(receipt, clock, 60'000).remainingMs, 2'000);
  EXPECT_FALSE(tokenLife(receipt, clock, 60'000).surelyAlive()) << "within the margin";
  clock.advance(2'000);
  EXPECT_TRUE(tokenLife(receipt, clock, 60'000).expired());
}

TEST(TokenLifeTest, IsAGuessAfterAReboot) {
  ManualClock clock;
  const store::Receipt receipt{clock.steadyMs(), clock.bootId(), clock.wallMs(), 0};
  clock.reboot("other", 5'000);
  clock.setWall(clock.wallMs() + 20'000);
  auto life = tokenLife(receipt, clock, 60'000);
  EXPECT_EQ(life.remainingMs, 40'000);
  EXPECT_FALSE(life.certain);
  EXPECT_FALSE(life.surelyAlive());
  clock.setWall(clock.wallMs() - 86'400'000);  // a clock without a battery
  EXPECT_EQ(tokenLife(receipt, clock, 60'000).remainingMs, 60'000);
}

TEST(TokenLifeTest, IsAGuessWhenTheSteadyClockWentBack) {
  ManualClock clock;
  const store::Receipt receipt{clock.steadyMs() + 1'000, clock.bootId(), clock.wallMs(), 0};
  EXPECT_FALSE(tokenLife(receipt, clock, 60'000).certain);
}

TEST(TokenLifeTest, KeepsASmallerMarginOfAShortLife) {
  ManualClock clock;
  const store::Receipt receipt{clock.steadyMs(), clock.bootId(), clock.wallMs(), 0};
  EXPECT_TRUE(tokenLife(receipt, clock, 2'000).surelyAlive());
}

}  // namespace
}  // namespace tsunagi::chat
