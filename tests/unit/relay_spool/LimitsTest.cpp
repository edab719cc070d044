#include <algorithm>

#include "tests/unit/relay_spool/SpoolBench.h"

namespace tsunagi::relay {
namespace {

class Limits : public SpoolTest {
 protected:
  int64_t dead(const std::string& reason) { return rows("SELECT count(*) FROM dead WHERE reason = '" + reason + "'"); }
};

TEST_F(Limits, BacklogByCount) {
  options.limits.backlogEvents = 2;
  open();
  fill("u", 2);
  const AppendResult refused = append("u", "3");
  EXPECT_EQ(refused.outcome, AppendOutcome::Full);
  EXPECT_EQ(refused.seq, 0u);
  EXPECT_EQ(append("other", "1").outcome, AppendOutcome::Stored);
  spool->acknowledge("u", epoch("u"), 1);
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 1; }));
  EXPECT_EQ(append("u", "3").seq, 3u);
  EXPECT_EQ(spool->totals().refusedFull, 1u);
}

TEST_F(Limits, BacklogByBytes) {
  options.limits.backlogBytes = 100;
  open();
  EXPECT_EQ(append("u", std::string(60, 'x')).outcome, AppendOutcome::Stored);
  EXPECT_EQ(append("u", std::string(41, 'x')).outcome, AppendOutcome::Full);
  EXPECT_EQ(append("u", std::string(40, 'x')).outcome, AppendOutcome::Stored);
}

TEST_F(Limits, AUnitsOwnCapsGoBeforeTheDefault) {
  options.limits.backlogEvents = 1;
  open();
  NewEvent event = this->event("u", "x");
  event.backlogEvents = 2;
  EXPECT_EQ(append(event).outcome, AppendOutcome::Stored);
  EXPECT_EQ(append(event).outcome, AppendOutcome::Stored);
  EXPECT_EQ(append(event).outcome, AppendOutcome::Full);
}

TEST_F(Limits, NewLimitsHoldFromTheNextGroupOn) {
  open();
  fill("u", 3);
  SpoolLimits limits = options.limits;
  limits.backlogEvents = 3;
  spool->setLimits(limits);
  EXPECT_EQ(append("u", "x").outcome, AppendOutcome::Full);
}

TEST_F(Limits, BuriedEventsLeaveTheBacklogAndKeepTheBooks) {
  open();
  fill("u", 3);
  spool->bury("u", epoch("u"), 1, "unparsable");
  spool->bury("u", epoch("u"), 1, "unparsable");  // again: no such event
  spool->bury("u", "other", 2, "unparsable");
  settle();
  const QueueCounters books = counters("u");
  EXPECT_EQ(books.pending, 2u);
  EXPECT_EQ(books.deadTotal, 1u);
  EXPECT_EQ(books.deadHeld, 1u);
  EXPECT_EQ(books.deadBytes, 1u);
  EXPECT_TRUE(books.balanced());
  EXPECT_EQ(dead("unparsable"), 1);
}

TEST_F(Limits, ABurialBeforeAnAcknowledgementIsNotCountedTwice) {
  open();
  fill("u", 4);
  const std::string e = epoch("u");
  spool->bury("u", e, 2, "too_big");
  spool->acknowledge("u", e, 3);
  settle();
  EXPECT_EQ(counters("u").deadTotal, 1u);
  EXPECT_EQ(counters("u").acknowledgedTotal, 2u);
  EXPECT_EQ(counters("u").pending, 1u);
}

TEST_F(Limits, OldEventsExpireAndAreCountedAsDead) {
  options.limits.maxAgeMs = 3'600'000;
  open();
  fill("u", 2);
  clock.advance(3'000'000);
  append("u", "young");
  clock.advance(700'000);
  settle();
  settle();
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 1; }));
  EXPECT_EQ(dead("expired"), 2);
  EXPECT_EQ(counters("u").acknowledged, 2u);
  EXPECT_TRUE(counters("u").balanced());
  EXPECT_EQ(read("u", epoch("u"), 0).events.at(0).body, "young");
}

TEST_F(Limits, ExpiryGoesThroughMoreThanOneStep) {
  options.limits.maxAgeMs = 1000;
  options.limits.deadEvents = 5000;
  open();
  for (int i = 0; i < 2300; ++i) spool->append(event("u" + std::to_string(i % 3), "x"), [](const AppendResult&) {});
  settle();
  clock.advance(120'000);
  settle();
  EXPECT_TRUE(test::eventually([&] { return audit().pending == 0; }));
  EXPECT_EQ(audit().deadTotal, 2300u);
  EXPECT_EQ(audit().unbalanced, 0u);
}

TEST_F(Limits, DeadLettersHaveCapsOfTheirOwn) {
  options.limits.deadEvents = 2;
  open();
  fill("u", 5);
  for (uint64_t seq = 1; seq <= 4; ++seq) spool->bury("u", epoch("u"), seq, "poison");
  settle();
  EXPECT_EQ(counters("u").deadTotal, 4u);
  EXPECT_EQ(counters("u").deadHeld, 2u);
  EXPECT_EQ(rows("SELECT min(seq) FROM dead"), 3);
  EXPECT_TRUE(counters("u").balanced());
}

TEST_F(Limits, DeadLettersAreCappedByBytes) {
  options.limits.deadBytes = 250;
  open();
  for (int i = 0; i < 3; ++i) append("u", std::string(100, 'x'));
  for (uint64_t seq = 1; seq <= 3; ++seq) spool->bury("u", epoch("u"), seq, "poison");
  settle();
  EXPECT_EQ(counters("u").deadHeld, 2u);
  EXPECT_EQ(counters("u").deadBytes, 200u);
  EXPECT_EQ(counters("u").deadTotal, 3u);
}

TEST_F(Limits, DeadLettersArePurgedByAge) {
  options.limits.deadMaxAgeMs = 1'000'000;
  open();
  fill("u", 2);
  spool->bury("u", epoch("u"), 1, "poison");
  settle();
  clock.advance(2'000'000);
  settle();
  EXPECT_EQ(counters("u").deadHeld, 0u);
  EXPECT_EQ(counters("u").deadBytes, 0u);
  EXPECT_EQ(counters("u").deadTotal, 1u);
  EXPECT_EQ(rows("SELECT count(*) FROM dead"), 0);
}

TEST_F(Limits, WhatWaitedTooLongIsLateAndNotStored) {
  open();
  std::promise<void> held, go;
  std::shared_future<void> released = go.get_future().share();
  spool->append(event("u", "first"), [&held, released](const AppendResult&) {
    held.set_value();
    released.wait();
  });
  held.get_future().wait();  // the writer is inside the callback and waits
  std::promise<AppendResult> late;
  spool->append(event("u", "late"), [&](const AppendResult& result) { late.set_value(result); });
  clock.advance(options.lateAfterMs + 1);
  std::promise<AppendResult> inTime;
  spool->append(event("u", "in time"), [&](const AppendResult& result) { inTime.set_value(result); });
  go.set_value();
  EXPECT_EQ(late.get_future().get().outcome, AppendOutcome::Late);
  const AppendResult stored = inTime.get_future().get();
  EXPECT_EQ(stored.outcome, AppendOutcome::Stored);
  EXPECT_EQ(stored.seq, 2u);
  EXPECT_EQ(spool->totals().refusedLate, 1u);
}

TEST_F(Limits, TheQueueBeforeTheWriterIsBounded) {
  options.queuedBytes = 10'000;
  open();
  std::promise<void> held, go;
  std::shared_future<void> released = go.get_future().share();
  spool->append(event("u", "first"), [&held, released](const AppendResult&) {
    held.set_value();
    released.wait();
  });
  held.get_future().wait();
  int refused = 0;
  for (int i = 0; i < 20; ++i)
    spool->append(event("u", std::string(1000, 'x')), [&](const AppendResult& result) {
      if (result.outcome == AppendOutcome::Late) ++refused;  // before append() returns, on this thread
    });
  const int refusedAtOnce = refused;
  go.set_value();
  settle();
  EXPECT_GT(refusedAtOnce, 10);
  EXPECT_EQ(refused, refusedAtOnce);
  EXPECT_EQ(counters("u").pending, uint64_t(1 + 20 - refused));
}

TEST_F(Limits, ARemovedUnitsEventsAreDeadAndItsIdIsNotTakenAgain) {
  options.limits.deadEvents = 5000;
  open();
  fill("u", 3);
  const std::optional<Removal> removal = remove("u", false);
  ASSERT_TRUE(removal);
  EXPECT_EQ(removal->pending, 3u);
  EXPECT_EQ(removal->dead, 0u);
  EXPECT_EQ(dead("removed"), 3);
  EXPECT_EQ(append("u", "x").outcome, AppendOutcome::UnknownUnit);
  EXPECT_EQ(audit().deadTotal, 3u);
  EXPECT_EQ(audit().unbalanced, 0u);
}

TEST_F(Limits, PurgingARemovedUnitDeletesItAllAndKeepsTheTotals) {
  options.limits.deadEvents = 5000;
  open();
  for (int i = 0; i < 2500; ++i) spool->append(event("u", "secret words"), [](const AppendResult&) {});
  settle();
  spool->bury("u", epoch("u"), 1, "poison");
  const std::optional<Removal> removal = remove("u", true);
  ASSERT_TRUE(removal);
  EXPECT_EQ(removal->pending, 2499u);
  EXPECT_EQ(removal->dead, 2500u);
  EXPECT_EQ(rows("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM dead)"), 0);
  EXPECT_EQ(audit().storedTotal, 2500u);
  EXPECT_EQ(audit().deadTotal, 2500u);
  spool->stop();
  EXPECT_EQ(folder.read("spool.db").find("secret words"), std::string::npos);
}

}  // namespace
}  // namespace tsunagi::relay
