#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "base/Deferred.h"
#include "tests/unit/relay_spool/SpoolBench.h"

namespace tsunagi::relay {
namespace {

class Trouble : public SpoolTest {};

// Makes every write beyond a size fail with EFBIG, which SQLite sees as an I/O error.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &_before);
    const rlimit limit{bytes, _before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { lift(); }
  void lift() { ::setrlimit(RLIMIT_FSIZE, &_before); }

 private:
  rlimit _before{};
};

TEST_F(Trouble, AfterAnIoErrorNothingIsStoredUntilACheckpointWorked) {
  open();
  fill("u", 10);
  spool->stop();  // the log is empty, the file small
  open();
  EXPECT_TRUE(spool->writable());
  const auto size = std::filesystem::file_size(folder.file("spool.db"));
  const std::string e = epoch("u");
  {
    FileSizeLimit limit(size + 4096);
    EXPECT_EQ(append("u", std::string(500'000, 'x')).outcome, AppendOutcome::Failed);
    EXPECT_EQ(read("u", e, 0).events.size(), 10u) << "reading goes on";
    EXPECT_EQ(counters("u").nextSeq, 11u) << "the number rolled back";
    EXPECT_EQ(spool->totals().ioErrors, 1u);
  }
  EXPECT_TRUE(test::eventually([&] { return spool->writable(); }));
  EXPECT_EQ(append("u", "y").seq, 11u);
  EXPECT_TRUE(counters("u").balanced());
}

TEST_F(Trouble, WhileTheCheckpointFailsAppendsFailAndLinksGoOn) {
  open();
  for (int i = 0; i < 5; ++i) append("u", std::string(20'000, 'x'));
  const link::ResumeRequest bridge = committed("u", 2);
  const std::string e = epoch("u");
  {
    // The log holds more than may be written into the file: neither commit nor checkpoint can work.
    FileSizeLimit limit(8192);
    EXPECT_EQ(append("u", "x").outcome, AppendOutcome::Failed);
    EXPECT_FALSE(spool->writable());
    EXPECT_EQ(append("u", "x").outcome, AppendOutcome::Failed);
    const ResumeOutcome outcome = resume("u", bridge);
    EXPECT_EQ(outcome.kind, ResumeOutcome::Kind::Resumed);
    EXPECT_EQ(outcome.resumeSeq, 3u);
    EXPECT_EQ(resume("u", {"another", 1, "ID"}).kind, ResumeOutcome::Kind::Failed) << "a new epoch needs a commit";
    EXPECT_EQ(read("u", e, 2).events.size(), 3u);
    spool->bury("u", e, 3, "unparsable");
    EXPECT_FALSE(spool->writable());
  }
  EXPECT_TRUE(test::eventually([&] { return spool->writable(); }));
  // What could not be committed then is committed now.
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 2; }));
  EXPECT_EQ(counters("u").acknowledgedTotal, 2u);
  EXPECT_EQ(counters("u").deadTotal, 1u);
  EXPECT_TRUE(counters("u").balanced());
  EXPECT_EQ(append("u", "y").outcome, AppendOutcome::Stored);
}

TEST_F(Trouble, StopsInTrouble) {
  open();
  for (int i = 0; i < 5; ++i) append("u", std::string(20'000, 'x'));
  {
    FileSizeLimit limit(8192);
    EXPECT_EQ(append("u", "x").outcome, AppendOutcome::Failed);
    spool->stop();
  }
  reopen();
  EXPECT_EQ(counters("u").pending, 5u);
}

TEST_F(Trouble, BelowMinFreeNothingNewIsStoredButAcknowledgementsCommit) {
  open();
  fill("u", 3);
  SpoolLimits limits = options.limits;
  limits.minFreeBytes = UINT64_MAX / 2;
  spool->setLimits(limits);
  EXPECT_EQ(append("u", "x").outcome, AppendOutcome::Failed);
  EXPECT_FALSE(spool->writable());
  spool->acknowledge("u", epoch("u"), 2);
  EXPECT_TRUE(test::eventually([&] { return counters("u").pending == 1; }));
  spool->setLimits(options.limits);
  EXPECT_TRUE(test::eventually([&] { return spool->writable(); }));
  EXPECT_EQ(append("u", "4").seq, 4u);
}

TEST_F(Trouble, AFullDiskIsSurvived) {
  if (::geteuid() != 0) GTEST_SKIP() << "a small file system can only be mounted by root";
  const std::string mount = folder.file("small");
  std::filesystem::create_directory(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=2m") != 0)
    GTEST_SKIP() << "this machine does not let a small file system be mounted";
  const Deferred unmount([&] {
    spool.reset();
    ::umount(mount.c_str());
  });
  options.folder = mount;
  open();
  uint64_t stored = 0;
  AppendOutcome outcome = AppendOutcome::Stored;
  const std::string filler = mount + "/filler";
  {
    // Somebody else's file takes most of the room.
    const int file = ::open(filler.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    ASSERT_EQ(::posix_fallocate(file, 0, 1'200'000), 0);
    ::close(file);
  }
  for (int i = 0; i < 1000 && outcome == AppendOutcome::Stored; ++i) {
    outcome = append("u", std::string(10'000, 'x')).outcome;
    stored += outcome == AppendOutcome::Stored;
  }
  EXPECT_EQ(outcome, AppendOutcome::Failed);
  EXPECT_GT(stored, 0u);
  EXPECT_EQ(read("u", epoch("u"), 0, 10).events.size(), 10u);
  std::filesystem::remove(filler);
  EXPECT_TRUE(test::eventually([&] { return spool->writable(); }));
  EXPECT_EQ(append("u", "y").seq, stored + 1);
  const QueueCounters books = counters("u");
  EXPECT_EQ(books.pending, stored + 1);
  EXPECT_TRUE(books.balanced());
  reopen();
  EXPECT_EQ(counters("u").pending, stored + 1);
}

}  // namespace
}  // namespace tsunagi::relay
