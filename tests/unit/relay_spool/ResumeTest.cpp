#include <filesystem>

#include "tests/unit/relay_spool/SpoolBench.h"

namespace tsunagi::relay {
namespace {

using Kind = ResumeOutcome::Kind;
using Gap = std::pair<uint64_t, uint64_t>;

class Resume : public SpoolTest {
 protected:
  void copyStore(const std::string& to) {
    spool->stop();
    std::filesystem::copy_file(folder.file("spool.db"), folder.file(to),
                               std::filesystem::copy_options::overwrite_existing);
    spool.reset();
  }
  void putStoreBack(const std::string& from) {
    spool->stop();
    spool.reset();
    std::filesystem::copy_file(folder.file(from), folder.file("spool.db"),
                               std::filesystem::copy_options::overwrite_existing);
    for (const char* rest : {"spool.db-wal", "spool.db-shm"}) std::filesystem::remove(folder.file(rest));
  }
  std::vector<std::string> bodies(const std::string& unit, uint64_t after = 0) {
    std::vector<std::string> all;
    for (const StoredEvent& event : read(unit, epoch(unit), after).events) all.push_back(event.body);
    return all;
  }
};

TEST_F(Resume, MakesAQueueForAUnitThatHasNone) {
  open();
  const ResumeOutcome outcome = resume("u", {});
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_FALSE(outcome.epoch.empty());
  EXPECT_EQ(outcome.resumeSeq, 1u);
  EXPECT_FALSE(outcome.gap);
  EXPECT_EQ(epoch("u"), outcome.epoch);
}

TEST_F(Resume, TakesLastSeqAsAnAcknowledgement) {
  open();
  fill("u", 5);
  const ResumeOutcome outcome = resume("u", committed("u", 3));
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_EQ(outcome.resumeSeq, 4u);
  EXPECT_EQ(outcome.pending, 2u);
  EXPECT_FALSE(outcome.gap);
  EXPECT_EQ(counters("u").acknowledged, 3u);
  EXPECT_EQ(counters("u").pending, 2u);
}

TEST_F(Resume, TakesALongBacklogInStepsAndContinuesBehindIt) {
  open();
  fill("u", 1500);
  const ResumeOutcome outcome = resume("u", committed("u", 1400));
  EXPECT_EQ(outcome.resumeSeq, 1401u);
  EXPECT_FALSE(outcome.gap);
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 100; }));
  EXPECT_TRUE(counters("u").balanced());
}

TEST_F(Resume, RelayReplacedByAnOlderCopyBeginsANewEpoch) {
  open();
  fill("u", 3);
  copyStore("copy");
  open();
  for (const char* body : {"4", "5"}) append("u", body);
  const link::ResumeRequest bridge = committed("u", 5);
  putStoreBack("copy");
  open();
  const std::string before = epoch("u");
  append("u", "new");  // becomes 4 in the old epoch, which the bridge believes to have
  const ResumeOutcome outcome = resume("u", bridge);
  EXPECT_EQ(outcome.kind, Kind::Reset);
  EXPECT_NE(outcome.epoch, before);
  EXPECT_EQ(outcome.resumeSeq, 1u);
  EXPECT_EQ(bodies("u"), (std::vector<std::string>{"1", "2", "3", "new"}));
  EXPECT_EQ(counters("u").nextSeq, 5u);
  EXPECT_TRUE(counters("u").balanced());
}

TEST_F(Resume, AnotherEventAtLastSeqBeginsANewEpoch) {
  open();
  fill("u", 3);
  link::ResumeRequest bridge = committed("u", 2);
  bridge.lastId = "SOMETHING-ELSE";
  EXPECT_EQ(resume("u", bridge).kind, Kind::Reset);
  EXPECT_EQ(bodies("u"), (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(Resume, BridgeReplacedByAnOlderCopyHasAGap) {
  open();
  fill("u", 6);
  const link::ResumeRequest older = committed("u", 2);
  spool->acknowledge("u", epoch("u"), 4);
  settle();
  const ResumeOutcome outcome = resume("u", older);
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_EQ(outcome.resumeSeq, 5u);
  EXPECT_EQ(outcome.gap, Gap(3, 4));
  EXPECT_EQ(bodies("u", outcome.resumeSeq - 1), (std::vector<std::string>{"5", "6"}));
}

TEST_F(Resume, BridgeWithAnEmptyStoreHasAGapAndTheSameNumbers) {
  open();
  fill("u", 3);
  spool->acknowledge("u", epoch("u"), 2);
  settle();
  const ResumeOutcome outcome = resume("u", {});
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_EQ(outcome.gap, Gap(1, 2));
  EXPECT_EQ(outcome.resumeSeq, 3u);
}

TEST_F(Resume, NewEpochNumbersWithoutGapsAndKeepsTheOrder) {
  open();
  fill("u", 6);
  const std::string before = epoch("u");
  spool->acknowledge("u", before, 1);
  spool->bury("u", before, 3, "unparsable");
  spool->bury("u", before, 5, "too_big");
  settle();
  const ResumeOutcome outcome = resume("u", {"another-queue", 77, "ID"});
  ASSERT_EQ(outcome.kind, Kind::Reset);
  const Page page = read("u", outcome.epoch, 0);
  ASSERT_EQ(page.events.size(), 3u);
  EXPECT_EQ(page.events[0].body + page.events[1].body + page.events[2].body, "246");
  EXPECT_EQ(page.events[0].seq, 1u);
  EXPECT_EQ(page.events[2].seq, 3u);
  EXPECT_EQ(append("u", "7").seq, 4u);
  EXPECT_TRUE(counters("u").balanced());
  // Acknowledgements of the old numbers mean nothing any more.
  spool->acknowledge("u", before, 6);
  settle();
  EXPECT_EQ(counters("u").pending, 4u);
}

TEST_F(Resume, ABuriedEventAtLastSeqIsKnown) {
  open();
  fill("u", 4);
  const link::ResumeRequest bridge = committed("u", 3);
  spool->bury("u", epoch("u"), 3, "unparsable");
  settle();
  const ResumeOutcome outcome = resume("u", bridge);
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_EQ(outcome.resumeSeq, 4u);
  EXPECT_FALSE(outcome.gap);
  const QueueCounters books = counters("u");
  EXPECT_EQ(books.acknowledgedTotal, 2u);
  EXPECT_EQ(books.deadTotal, 1u);
  EXPECT_TRUE(books.balanced());
  // The same hello again, with the mark on the buried event.
  EXPECT_EQ(resume("u", bridge).kind, Kind::Resumed);
}

TEST_F(Resume, EventsThatDiedUnsentAreAGap) {
  open();
  fill("u", 4);
  const link::ResumeRequest bridge = committed("u", 1);
  spool->bury("u", epoch("u"), 2, "poison");
  settle();
  const ResumeOutcome outcome = resume("u", bridge);
  EXPECT_EQ(outcome.kind, Kind::Resumed);
  EXPECT_EQ(outcome.resumeSeq, 3u);
  EXPECT_EQ(outcome.gap, Gap(2, 2));
}

TEST_F(Resume, NumbersFromAHostileBridgeDeleteNothing) {
  open();
  fill("u", 3);
  for (const uint64_t lastSeq : {uint64_t{4}, uint64_t{1} << 63, UINT64_MAX}) {
    const std::string e = epoch("u");
    resume("u", {e, lastSeq, "ID"});
    EXPECT_EQ(counters("u").pending, 3u) << lastSeq;
    resume("u", {"", lastSeq, ""});
    EXPECT_EQ(counters("u").pending, 3u) << lastSeq;
  }
  EXPECT_TRUE(counters("u").balanced());
}

TEST_F(Resume, IsRefusedForARemovedUnit) {
  open();
  fill("u", 1);
  ASSERT_TRUE(remove("u", false));
  EXPECT_EQ(resume("u", {}).kind, Kind::UnknownUnit);
}

}  // namespace
}  // namespace tsunagi::relay
