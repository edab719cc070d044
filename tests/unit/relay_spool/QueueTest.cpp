#include <sys/stat.h>

#include <filesystem>
#include <vector>

#include "tests/unit/relay_spool/SpoolBench.h"

namespace tsunagi::relay {
namespace {

class Queue : public SpoolTest {};

TEST_F(Queue, GivesEachUnitItsOwnGaplessNumbers) {
  open();
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    EXPECT_EQ(append("a", "x").seq, seq);
    EXPECT_EQ(append("b", "y").seq, seq);
  }
  EXPECT_EQ(counters("a").nextSeq, 4u);
  EXPECT_EQ(counters("a").pending, 3u);
  EXPECT_EQ(counters("never").pending, 0u);
  EXPECT_TRUE(counters("never").epoch.empty());
}

TEST_F(Queue, ReturnsTheExactBytesAndHeaders) {
  open();
  NewEvent event = this->event("u", std::string("{\"text\":\"\\ud83d\\ude00\"}\0\xff\n", 26));
  event.headers.emplace_back("User-Agent", "LineBotWebhook/2.0");
  const auto headers = event.headers;
  const std::string body = event.body;
  const AppendResult stored = append(std::move(event));
  ASSERT_EQ(stored.outcome, AppendOutcome::Stored);
  const Page page = read("u", epoch("u"), 0);
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.events[0].body, body);
  EXPECT_EQ(page.events[0].headers, headers);
  EXPECT_EQ(page.events[0].path, "/f/u/webhook");
  EXPECT_EQ(page.events[0].id, stored.id);
  EXPECT_EQ(page.events[0].seq, 1u);
  EXPECT_EQ(page.events[0].attempts, 0u);
  EXPECT_TRUE(page.events[0].replay.empty());
}

TEST_F(Queue, PagesByCountAndBytesButNeverEmptyWhileSomethingWaits) {
  open();
  for (int i = 0; i < 5; ++i) append("u", std::string(100, 'x'));
  const std::string e = epoch("u");
  EXPECT_EQ(read("u", e, 0, 2).events.size(), 2u);
  EXPECT_TRUE(read("u", e, 0, 2).more);
  EXPECT_EQ(read("u", e, 0, 100, 250).events.size(), 2u);
  EXPECT_EQ(read("u", e, 0, 100, 1).events.size(), 1u);
  const Page rest = read("u", e, 3);
  EXPECT_EQ(rest.events.size(), 2u);
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(rest.events[0].seq, 4u);
  EXPECT_TRUE(read("u", e, 5).events.empty());
  EXPECT_TRUE(read("u", e, UINT64_MAX).events.empty());
}

TEST_F(Queue, TellsAReaderOfAnotherEpoch) {
  open();
  append("u", "x");
  const Page page = read("u", "other", 0);
  EXPECT_EQ(page.outcome, Page::Outcome::NewEpoch);
  EXPECT_EQ(page.epoch, epoch("u"));
  EXPECT_TRUE(page.events.empty());
}

TEST_F(Queue, DeletesWhatIsAcknowledgedAndKeepsTheBooks) {
  open();
  fill("u", 5);
  spool->acknowledge("u", epoch("u"), 3);
  settle();
  const QueueCounters books = counters("u");
  EXPECT_EQ(books.acknowledged, 3u);
  EXPECT_EQ(books.pending, 2u);
  EXPECT_EQ(books.pendingBytes, 2u);
  EXPECT_EQ(books.acknowledgedTotal, 3u);
  EXPECT_EQ(books.storedTotal, 5u);
  EXPECT_TRUE(books.balanced());
  EXPECT_EQ(rows("SELECT count(*) FROM events"), 2);
  EXPECT_EQ(append("u", "6").seq, 6u);
}

TEST_F(Queue, IgnoresAcknowledgementsOfOtherEpochsAndOfNumbersNeverGiven) {
  open();
  fill("u", 3);
  spool->acknowledge("u", "other", 3);
  settle();
  spool->acknowledge("u", epoch("u"), 4);
  settle();
  spool->acknowledge("nobody-knows", "e", 1);
  settle();
  EXPECT_EQ(counters("u").pending, 3u);
}

TEST_F(Queue, AcknowledgesLongBacklogsInSteps) {
  open();
  const int count = 2500;
  for (int i = 1; i < count; ++i) spool->append(event("u", "x"), [](const AppendResult&) {});
  ASSERT_EQ(append("u", "x").seq, static_cast<uint64_t>(count));
  spool->acknowledge("u", epoch("u"), count);
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 0; }));
  EXPECT_EQ(counters("u").acknowledged, static_cast<uint64_t>(count));
  EXPECT_TRUE(counters("u").balanced());
  EXPECT_EQ(rows("SELECT count(*) FROM events"), 0);
}

TEST_F(Queue, TakesTogetherWhatWaitsTogether) {
  open();
  // The writer is held inside a callback while a hundred more arrive.
  std::promise<void> held, go;
  std::shared_future<void> released = go.get_future().share();
  spool->append(event("u", "first"), [&held, released](const AppendResult&) {
    held.set_value();
    released.wait();
  });
  held.get_future().wait();
  std::atomic<int> stored{0};
  for (int i = 0; i < 100; ++i)
    spool->append(event("u", "x"), [&](const AppendResult& result) { stored += result.seq == uint64_t(stored) + 2; });
  go.set_value();
  settle();
  EXPECT_EQ(stored, 100);
  EXPECT_EQ(spool->totals().largestGroup, 100u);
}

TEST_F(Queue, KeepsEverythingOverARestart) {
  open();
  fill("u", 4);
  spool->acknowledge("u", epoch("u"), 1);
  spool->addAttempt("u", epoch("u"), 2);
  settle();
  const QueueCounters before = counters("u");
  reopen();
  const QueueCounters after = counters("u");
  EXPECT_EQ(after.epoch, before.epoch);
  EXPECT_EQ(after.nextSeq, 5u);
  EXPECT_EQ(after.pending, 3u);
  EXPECT_EQ(after.acknowledged, 1u);
  const Page page = read("u", after.epoch, 1);
  ASSERT_EQ(page.events.size(), 3u);
  EXPECT_EQ(page.events[0].attempts, 1u);
  EXPECT_EQ(page.events[1].attempts, 0u);
  EXPECT_EQ(spool->totals().pending, 3u);
  EXPECT_EQ(spool->totals().storedTotal, 4u);
}

TEST_F(Queue, AgesByTheSteadyClockAndByTheWallClockAfterAReboot) {
  open();
  append("u", "x");
  clock.advance(5'000);
  clock.setWall(clock.wallMs() + 86'400'000);  // the wall clock jumps a day
  EXPECT_EQ(read("u", epoch("u"), 0).events.at(0).ageMs, 5'000);
  clock.reboot("second", 10);
  reopen();
  EXPECT_EQ(read("u", epoch("u"), 0).events.at(0).ageMs, 86'405'000);
  clock.setWall(0);
  EXPECT_EQ(read("u", epoch("u"), 0).events.at(0).ageMs, 0);
}

TEST_F(Queue, RefusesAppendsAfterStop) {
  open();
  append("u", "x");
  spool->stop();
  EXPECT_FALSE(spool->writable());
  EXPECT_EQ(append("u", "y").outcome, AppendOutcome::Failed);
  EXPECT_EQ(read("u", "e", 0).outcome, Page::Outcome::Failed);
  EXPECT_EQ(resume("u", {}).kind, ResumeOutcome::Kind::Failed);
}

TEST_F(Queue, CommitsOnStopWhatWasAskedBefore) {
  open();
  fill("u", 2000);
  spool->acknowledge("u", epoch("u"), 1999);
  spool->stop();
  spool.reset();
  open();
  EXPECT_EQ(counters("u").pending, 1u);
}

TEST_F(Queue, KeepsItsFilesPrivateAndTheLogEmptyAfterStop) {
  open();
  append("u", "x");
  for (const char* name : {"spool.db", "spool.db-wal", "spool.db-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat(folder.file(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
  spool->stop();
  std::error_code none;
  const auto log = std::filesystem::file_size(folder.file("spool.db-wal"), none);
  EXPECT_TRUE(none || log == 0);
}

TEST_F(Queue, EmptiesTheLogAboveItsLimit) {
  options.walResetBytes = 300'000;
  open();
  for (int i = 0; i < 40; ++i) append("u", std::string(50'000, 'x'));
  std::error_code none;
  EXPECT_LT(std::filesystem::file_size(folder.file("spool.db-wal"), none), 600'000u);
}

TEST_F(Queue, RefusesAFileOfAnotherKind) {
  folder.write("spool.db", "this is no database, only text that is long enough to be looked at as one");
  spool = std::make_unique<Spool>(options);
  const Status status = spool->start();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().find("spool.db"), std::string::npos);
  EXPECT_FALSE(spool->writable());
}

}  // namespace
}  // namespace tsunagi::relay
