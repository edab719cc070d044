#include "service/ConfigWatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "tests/support/TempFolder.h"

namespace tsunagi::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigWatcherTest : public testing::Test {
 protected:
  ConfigWatcherTest() {
    schema.add({.name = "a",
                .keys = {{.name = "n", .type = ConfigType::integer, .fallback = "0"},
                         {.name = "threads", .type = ConfigType::integer, .fallback = "4", .atStart = true},
                         {.name = "token", .type = ConfigType::secret}}});
    write("[a]\nn = 1\n");
  }
  void write(const std::string& text) { file = folder.write("x.ini", text); }
  ConfigWatcher::Loader loader() {
    return [this](const Settings* previous) { return Settings::load(file, schema, {}, previous); };
  }
  test::TempFolder folder;
  ConfigSchema schema;
  std::string file;
};

TEST_F(ConfigWatcherTest, seesAnEdit) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  EXPECT_FALSE(watcher.refresh().changed);
  write("[a]\nn = 2\n");
  const auto refresh = watcher.refresh();
  EXPECT_TRUE(refresh.changed);
  EXPECT_EQ(refresh.settings->integer("a", "n"), 2);
  EXPECT_EQ(watcher.current(), refresh.settings);
  EXPECT_FALSE(watcher.refresh().changed);
}

TEST_F(ConfigWatcherTest, seesAnEditOfTheSameSizeWithinTheSameTick) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  for (int i = 2; i < 9; ++i) {
    write("[a]\nn = " + std::to_string(i) + "\n");
    EXPECT_EQ(watcher.refresh().settings->integer("a", "n"), i);
  }
}

TEST_F(ConfigWatcherTest, seesAFileRenamedOverTheOld) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  const std::string other = folder.write("new.ini", "[a]\nn = 7\n");
  ASSERT_EQ(std::rename(other.c_str(), file.c_str()), 0);
  EXPECT_EQ(watcher.refresh().settings->integer("a", "n"), 7);
}

TEST_F(ConfigWatcherTest, whatIsReadAtTheStartOnlyIsSaidOnceWhenItChanges) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  write("[a]\nn = 1\nthreads = 8\n");
  EXPECT_THAT(watcher.refresh().warnings,
              ElementsAre(HasSubstr("x.ini:3: [a] threads takes effect at the next start")));
  write("[a]\nn = 2\nthreads = 8\n");
  EXPECT_THAT(watcher.refresh().warnings, IsEmpty());
  write("[a]\nn = 2\n");
  EXPECT_THAT(watcher.refresh().warnings, ElementsAre(HasSubstr("x.ini: [a] threads takes effect at the next start")));
}

TEST_F(ConfigWatcherTest, aBadEditKeepsTheGoodOneAndIsToldOnce) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  write("[a]\nn = x\n");
  const auto bad = watcher.refresh();
  EXPECT_FALSE(bad.changed);
  EXPECT_EQ(bad.settings->integer("a", "n"), 1);
  EXPECT_THAT(bad.errors, ElementsAre(HasSubstr("x.ini:2: [a] n must be a number")));
  EXPECT_THAT(watcher.refresh().errors, IsEmpty());
  EXPECT_THAT(watcher.standingErrors(), ElementsAre(HasSubstr("x.ini:2")));
  write("[a]\nn = yy\n");
  EXPECT_THAT(watcher.refresh().errors, ElementsAre(HasSubstr("x.ini:2")));
  write("[a]\nn = 3\n");
  EXPECT_TRUE(watcher.refresh().changed);
  EXPECT_THAT(watcher.standingErrors(), IsEmpty());
}

TEST_F(ConfigWatcherTest, aVanishedFileKeepsTheGoodOne) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  ASSERT_EQ(unlink(file.c_str()), 0);
  const auto gone = watcher.refresh();
  EXPECT_EQ(gone.settings->integer("a", "n"), 1);
  EXPECT_THAT(gone.errors, ElementsAre(HasSubstr("No such file")));
  EXPECT_THAT(watcher.refresh().errors, IsEmpty());
  write("[a]\nn = 5\n");
  EXPECT_EQ(watcher.refresh().settings->integer("a", "n"), 5);
}

TEST_F(ConfigWatcherTest, followsSecretFilesThatAppearAndChange) {
  write("[a]\ntoken_file = token\n");
  ConfigWatcher watcher(loader(), loader()(nullptr));
  EXPECT_FALSE(watcher.current()->secret("a", "token"));
  folder.write("token", "one");
  EXPECT_TRUE(watcher.refresh().changed);
  EXPECT_EQ(watcher.current()->secret("a", "token")->reveal(), "one");
  folder.write("token", "two");
  EXPECT_TRUE(watcher.refresh().changed);
  EXPECT_EQ(watcher.current()->secret("a", "token")->reveal(), "two");
  folder.write("token", "two", 0644);
  EXPECT_THAT(watcher.refresh().errors, ElementsAre(HasSubstr("chmod 600")));
  EXPECT_EQ(watcher.current()->secret("a", "token")->reveal(), "two");
}

TEST(FileStamp, isFreshOnlyNearItsLastChange) {
  const test::TempFolder folder;
  FileStamp stamp = FileStamp::of(folder.write("f", "x"));
  EXPECT_TRUE(stamp.fresh);
  EXPECT_FALSE(FileStamp::of(stamp.path).unchangedSince(stamp));
  stamp.fresh = false;
  EXPECT_TRUE(FileStamp::of(stamp.path).unchangedSince(stamp));
  ++stamp.modifiedNs;
  EXPECT_FALSE(FileStamp::of(stamp.path).unchangedSince(stamp));
}

TEST_F(ConfigWatcherTest, manyThreadsSeeOneOfTheGoodStates) {
  ConfigWatcher watcher(loader(), loader()(nullptr));
  std::atomic<int> wrong{0}, running{4};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto n = watcher.refresh().settings->integer("a", "n");
        if (n != 1 && n != 2) ++wrong;
      }
      --running;
    });
  for (int i = 0; running > 0; ++i) {
    const std::string next = folder.write("next.ini", i % 2 == 0 ? "[a]\nn = 2\n" : "[a]\nn = x\n");
    std::rename(next.c_str(), file.c_str());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tsunagi::service
