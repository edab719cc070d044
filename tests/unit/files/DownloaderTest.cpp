// Where files go, and what may be downloaded.
#include "files/Downloader.h"

#include <gtest/gtest.h>

#include "files/DownloadBudget.h"
#include "store/StoreFile.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::files {
namespace {

TEST(FileTarget, IsMadeOfChannelMonthAndOurOwnId) {
  store::FetchJob job;
  job.id = 12;
  job.channel = "line.shop";
  job.createdMs = 1'793'491'199'000;  // 2026-10-31T23:59:59Z
  EXPECT_EQ(targetOf(job, "image/jpeg", 0), "line.shop/2026-10/12.jpg");
  EXPECT_EQ(targetOf(job, "image/jpeg", 540), "line.shop/2026-11/12.jpg") << "the month of the owner's clock";
  EXPECT_EQ(targetOf(job, "text/html", 0), "line.shop/2026-10/12.bin") << "only types of our own table";
  job.projectFolder = "customers/Ōsaka 大阪";
  EXPECT_EQ(targetOf(job, "application/pdf", 0), "customers/Ōsaka 大阪/12.pdf");
  for (const char* bad : {"../elsewhere", "/etc", "a//b", "a/./b"}) {
    job.projectFolder = bad;
    EXPECT_EQ(targetOf(job, "image/png", 0), "line.shop/2026-10/12.png") << bad;
  }
  job.projectFolder.clear();
  job.channel = "line...//x";
  EXPECT_EQ(targetOf(job, "image/png", 0), "line...__x/2026-10/12.png");
  job.channel = "..";
  EXPECT_EQ(targetOf(job, "image/png", 0), "_./2026-10/12.png");
}

class DownloadBudgetTest : public testing::Test {
 protected:
  test::TempFolder temp;
  ManualClock clock;
  store::StoreFile file{temp.file("bridge.db"), clock};
  store::Meters meters{file};
  DownloadBudget budget{meters};
};

TEST_F(DownloadBudgetTest, CountsByPersonAndGroupAndDay) {
  FileSettings settings;
  store::FetchJob alice;
  alice.channelId = 1;
  alice.personId = 7;
  EXPECT_FALSE(budget.left(alice, settings, 100)) << "no limit is set";
  settings.maxUserDay = 1'000;
  settings.maxGroupDay = 1'500;
  EXPECT_EQ(budget.left(alice, settings, 100), 1'000U);
  budget.count(alice, 100, 400);
  budget.count(alice, 100, 300);
  EXPECT_EQ(budget.left(alice, settings, 100), 300U);
  store::FetchJob inGroup = alice;
  inGroup.groupId = 3;
  EXPECT_EQ(budget.left(inGroup, settings, 100), 300U) << "the smaller one counts";
  store::FetchJob bob;
  bob.channelId = 1;
  bob.personId = 8;
  bob.groupId = 3;
  budget.count(bob, 100, 900);
  EXPECT_EQ(budget.left(bob, settings, 100), 100U);
  EXPECT_EQ(budget.left(inGroup, settings, 100), 300U);
  budget.count(bob, 100, 5'000);
  EXPECT_EQ(budget.left(inGroup, settings, 100), 0U) << "the group's is used up";
  EXPECT_EQ(budget.left(alice, settings, 101), 1'000U) << "tomorrow";
  store::FetchJob other = alice;
  other.channelId = 2;
  EXPECT_EQ(budget.left(other, settings, 100), 1'000U) << "each channel for itself (S12)";
}

TEST_F(DownloadBudgetTest, WithoutAnIdOnlyTheGroupCounts) {
  FileSettings settings;
  settings.maxUserDay = settings.maxGroupDay = 1'000;
  store::FetchJob nobody;
  nobody.groupId = 3;
  budget.count(nobody, 100, 600);
  EXPECT_EQ(budget.left(nobody, settings, 100), 400U);
}

}  // namespace
}  // namespace tsunagi::files
