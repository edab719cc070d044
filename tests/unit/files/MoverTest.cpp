// From the spool to the files folder, over all that can lie in between.
#include "files/Mover.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "store/StoreFile.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::files {
namespace {

class MoverTest : public testing::Test {
 protected:
  MoverTest() {
    settings.root = temp.file("root");
    std::filesystem::create_directory(settings.root);
    channel = tables.events.bindChannel("line", "U1", "mark", {"line"}).value();
  }
  // Downloaded, with these bytes; its id.
  int64_t spooled(const std::string& messageId, const std::string& bytes) {
    store::NewMessage message;
    message.channelId = channel;
    message.conversation = "Ua";
    message.messageId = messageId;
    message.type = "image";
    message.file.emplace();
    tables.messages.record(message);
    const int64_t id = tables.files.ofMessage(channel, messageId)->id;
    temp.write("spool/" + Spool::nameOf(id), bytes);
    tables.files.spooled(id, {static_cast<int64_t>(bytes.size()), "image/jpeg", toHex(sha256(bytes)),
                              "line/2026-11/" + std::to_string(id) + ".jpg"});
    return id;
  }
  std::string stored(int64_t id) {
    const auto path = tables.files.find(id)->nasPath;
    return path ? temp.read("root/" + *path) : "";
  }
  std::string spoolName(int64_t id) { return "spool/" + Spool::nameOf(id); }

  test::TempFolder temp;
  ManualClock clock;
  store::StoreFile file{temp.file("bridge.db"), clock};
  store::Tables tables{file};
  int64_t channel = 0;
  FileSettings settings;
  std::unique_ptr<Spool> spool{Spool::open(temp.file("spool")).value()};
  Bell bell;
  Troubles troubles;
  Downloader downloader{tables, *spool, clock, troubles, {}};
  Fetcher fetcher{tables, downloader, bell, clock, [this] { return std::make_shared<FileSettings>(settings); }};
  Mover mover{tables, *spool, fetcher, bell, troubles, [this] { return std::make_shared<FileSettings>(settings); }};
};

TEST_F(MoverTest, AFileIsRenamedWhereThatIsPossible) {
  const int64_t id = spooled("1", "picture");
  EXPECT_TRUE(mover.pass());
  EXPECT_EQ(stored(id), "picture");
  EXPECT_FALSE(temp.exists(spoolName(id)));
  struct stat info {};
  ASSERT_EQ(::stat(temp.file("root/line/2026-11/" + std::to_string(id) + ".jpg").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST_F(MoverTest, ToAnotherFileSystemItIsCopied) {
  std::string pattern = "/dev/shm/tsunagi-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  struct stat here {
  }, there{};
  ASSERT_EQ(::stat(temp.path().c_str(), &here), 0);
  ASSERT_EQ(::stat(pattern.c_str(), &there), 0);
  ASSERT_NE(here.st_dev, there.st_dev) << "this test needs /tmp and /dev/shm to be two file systems";
  settings.root = pattern;
  std::string bytes;
  for (int i = 0; i < 600'000; ++i) bytes += static_cast<char>(i * 31);
  const int64_t id = spooled("1", bytes);
  const std::string target = pattern + "/line/2026-11/" + std::to_string(id) + ".jpg";
  std::filesystem::create_directories(pattern + "/line/2026-11");
  std::filesystem::copy_file(temp.file(spoolName(id)), target + ".part");  // of a copy that was killed
  EXPECT_TRUE(mover.pass());
  EXPECT_EQ(std::filesystem::file_size(target), bytes.size());
  struct stat info {};
  ASSERT_EQ(::stat(target.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
  EXPECT_FALSE(std::filesystem::exists(target + ".part"));
  EXPECT_FALSE(temp.exists(spoolName(id)));
  EXPECT_TRUE(tables.files.find(id)->nasPath);
  // What is not what was downloaded is not passed on.
  const int64_t spoilt = spooled("2", "as it came");
  temp.write(spoolName(spoilt), "bit rot bit");
  EXPECT_TRUE(mover.pass());
  EXPECT_EQ(tables.files.find(spoilt)->reason, reason::LOST);
  EXPECT_FALSE(std::filesystem::exists(pattern + "/line/2026-11/" + std::to_string(spoilt) + ".jpg"));
  std::filesystem::remove_all(pattern);
}

TEST_F(MoverTest, AMoveThatWasKilledBeforeItsCommitIsFinished) {
  const int64_t id = spooled("1", "picture");
  temp.write("root/line/2026-11/" + std::to_string(id) + ".jpg", "picture");
  std::filesystem::remove(temp.file(spoolName(id)));
  EXPECT_TRUE(mover.pass());
  EXPECT_EQ(stored(id), "picture");
}

TEST_F(MoverTest, AnotherFileOfThatNameIsLeftAlone) {
  const int64_t id = spooled("1", "picture");
  temp.write("root/line/2026-11/" + std::to_string(id) + ".jpg", "of a store that was replaced");
  EXPECT_FALSE(mover.pass());
  temp.write("root/line/2026-11/" + std::to_string(id) + "-2.jpg", "and another");
  while (!mover.pass()) {
  }
  EXPECT_EQ(stored(id), "picture");
  EXPECT_EQ(temp.read("root/line/2026-11/" + std::to_string(id) + ".jpg"), "of a store that was replaced");
  EXPECT_EQ(tables.files.find(id)->nasPath, "line/2026-11/" + std::to_string(id) + "-3.jpg");
}

TEST_F(MoverTest, WhileTheFolderIsAwayFilesWait) {
  settings.marker = ".mounted";
  const int64_t id = spooled("1", "picture");
  EXPECT_FALSE(mover.pass());
  EXPECT_FALSE(tables.files.find(id)->nasPath);
  EXPECT_TRUE(std::filesystem::is_empty(temp.file("root"))) << "nothing goes into an empty mount point (J17)";
  ASSERT_EQ(troubles.list().size(), 1U);
  EXPECT_NE(troubles.list()[0].find(".mounted"), std::string::npos);
  tables.messages.unsend(channel, "1");
  EXPECT_FALSE(mover.pass()) << "it may be there already: the removal waits, too";
  EXPECT_FALSE(temp.exists(spoolName(id)));
  temp.write("root/.mounted", "");
  EXPECT_TRUE(mover.pass());
  EXPECT_TRUE(troubles.list().empty());
  EXPECT_EQ(tables.files.counts().dropping, 0U);
}

TEST_F(MoverTest, WhatIsTakenBackIsRemovedWhereverItIs) {
  const int64_t moved = spooled("1", "moved");
  EXPECT_TRUE(mover.pass());
  const int64_t waits = spooled("2", "waits");
  tables.messages.forget(channel, "Ua");
  EXPECT_TRUE(mover.pass());
  EXPECT_FALSE(temp.exists("root/line/2026-11/" + std::to_string(moved) + ".jpg"));
  EXPECT_FALSE(temp.exists(spoolName(waits)));
}

TEST_F(MoverTest, WhatLeftTheSpoolIsLostAndHoldsNothingUp) {
  const int64_t lost = spooled("1", "lost");
  std::filesystem::remove(temp.file(spoolName(lost)));
  const int64_t next = spooled("2", "next");
  EXPECT_TRUE(mover.pass());
  EXPECT_EQ(tables.files.find(lost)->state, store::FileState::Failed);
  EXPECT_EQ(tables.files.find(lost)->reason, reason::LOST);
  EXPECT_EQ(stored(next), "next");
}

TEST_F(MoverTest, AWayThatIsBarredForOneFileIsNotBarredForOthers) {
  std::filesystem::create_directory_symlink("/tmp", temp.file("root/barred"));
  const int64_t barred = spooled("1", "barred");
  tables.files.retarget(barred, "barred/1.jpg");
  const int64_t next = spooled("2", "next");
  EXPECT_FALSE(mover.pass());
  EXPECT_EQ(stored(next), "next");
  EXPECT_EQ(troubles.list().size(), 1U);
  EXPECT_TRUE(temp.exists(spoolName(barred)));
}

}  // namespace
}  // namespace tsunagi::files
