#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "service/DataFolder.h"
#include "service/EndpointsFile.h"
#include "service/ServiceNotify.h"
#include "tests/support/NotifySocket.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::service {
namespace {

using testing::HasSubstr;

mode_t modeOf(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

TEST(DataFolder, isMadeClosedToOthersAndHeldOnce) {
  const test::TempFolder folder;
  const std::string path = folder.file("data");
  {
    const auto first = DataFolder::open(path);
    ASSERT_TRUE(first.ok()) << first.error();
    EXPECT_EQ(modeOf(path), 0700u);
    EXPECT_EQ(folder.read("data/lock"), std::to_string(getpid()) + "\n");
    EXPECT_GT(first->freeBytes(), 0);
    EXPECT_EQ(first->file("x.db"), path + "/x.db");
    const auto second = DataFolder::open(path);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error(), HasSubstr("is in use by process " + std::to_string(getpid())));
  }
  EXPECT_TRUE(DataFolder::open(path).ok());
}

TEST(DataFolder, closesAFolderThatIsOpenToOthers) {
  const test::TempFolder folder;
  ASSERT_EQ(mkdir(folder.file("data").c_str(), 0777), 0);
  ASSERT_EQ(chmod(folder.file("data").c_str(), 0777), 0);
  EXPECT_TRUE(DataFolder::open(folder.file("data")).ok());
  EXPECT_EQ(modeOf(folder.file("data")), 0700u);
}

TEST(DataFolder, leavesAFolderOfOtherThingsAlone) {
  const test::TempFolder folder;
  ASSERT_EQ(mkdir(folder.file("shared").c_str(), 0755), 0);
  ASSERT_EQ(chmod(folder.file("shared").c_str(), 0755), 0);
  folder.write("shared/letter.txt", "hello");
  EXPECT_THAT(DataFolder::open(folder.file("shared")).error(), HasSubstr("name a folder of its own"));
  EXPECT_EQ(modeOf(folder.file("shared")), 0755u);
  EXPECT_FALSE(folder.exists("shared/lock"));
}

TEST(DataFolder, saysWhatIsWrong) {
  const test::TempFolder folder;
  EXPECT_THAT(DataFolder::open(folder.file("a/b")).error(), HasSubstr("cannot be made: No such file"));
  EXPECT_THAT(DataFolder::open(folder.write("file", "")).error(), HasSubstr("is not a folder"));
  ASSERT_EQ(mkdir(folder.file("odd").c_str(), 0700), 0);
  ASSERT_EQ(symlink("/dev/null", folder.file("odd/lock").c_str()), 0);
  EXPECT_THAT(DataFolder::open(folder.file("odd")).error(), HasSubstr("cannot be written"));
}

TEST(DataFolder, belongsToThisUser) {
  if (geteuid() != 0) {
    EXPECT_THAT(DataFolder::open("/etc").error(), HasSubstr("belongs to user 0"));
    return;
  }
  const test::TempFolder folder;
  ASSERT_EQ(mkdir(folder.file("data").c_str(), 0700), 0);
  ASSERT_EQ(chown(folder.file("data").c_str(), 4242, 4242), 0);
  EXPECT_THAT(DataFolder::open(folder.file("data")).error(), HasSubstr("chown 0 " + folder.file("data")));
}

TEST(EndpointsFile, isWrittenWholeAndRemoved) {
  const test::TempFolder folder;
  {
    EndpointsFile file;
    ASSERT_TRUE(file.write(folder.file("e.json"), {{"http", "127.0.0.1:80"}, {"a\"b", "x\\"}}).ok());
    EXPECT_EQ(folder.read("e.json"), "{\"http\":\"127.0.0.1:80\",\"a\\\"b\":\"x\\\\\"}\n");
    EXPECT_EQ(modeOf(folder.file("e.json")), 0600u);
  }
  EXPECT_FALSE(folder.exists("e.json"));
  EXPECT_FALSE(EndpointsFile().write(folder.file("none/e.json"), {}).ok());
}

TEST(WriteFileAtomically, replacesAndLeavesNothingBeside) {
  const test::TempFolder folder;
  const std::string path = folder.write("d/f", "old");
  ASSERT_TRUE(writeFileAtomically(path, "new", 0640).ok());
  EXPECT_EQ(folder.read("d/f"), "new");
  EXPECT_EQ(modeOf(path), 0640u);
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(rmdir(folder.file("d").c_str()), 0) << "something was left beside the file";
}

TEST(ServiceNotify, speaksToPathsAndAbstractNames) {
  for (const bool abstractName : {false, true}) {
    test::NotifySocket manager(abstractName);
    ::setenv("NOTIFY_SOCKET", manager.address().c_str(), 1);
    ServiceNotify notify;
    EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
    notify.status("line\nREADY=1");
    EXPECT_EQ(manager.waitFor("STATUS=line\\u{a}READY=1"), "STATUS=line\\u{a}READY=1");
    notify.reloading();
    EXPECT_THAT(manager.waitFor("RELOADING=1"), HasSubstr("\nMONOTONIC_USEC="));
    notify.ready("up");
    EXPECT_EQ(manager.waitFor("READY=1"), "READY=1\nSTATUS=up");
    notify.stopping();
    manager.waitFor("STOPPING=1");
  }
}

TEST(ServiceNotify, isSilentWithoutAManager) {
  ServiceNotify notify;
  notify.ready("up");
  ::setenv("NOTIFY_SOCKET", std::string(200, '/').c_str(), 1);
  ServiceNotify tooLong;
  tooLong.ready("up");
}

TEST(TakeListenSockets, ignoresThoseForAnotherProcess) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  EXPECT_TRUE(takeListenSockets().empty());
  EXPECT_EQ(::getenv("LISTEN_FDS"), nullptr);
}

}  // namespace
}  // namespace tsunagi::service
