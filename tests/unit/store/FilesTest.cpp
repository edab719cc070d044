#include "store/Files.h"

#include <gmock/gmock.h>

#include "store/Messages.h"
#include "store/People.h"
#include "tests/unit/store/StoreFixture.h"

namespace tsunagi::store {
namespace {

using testing::ElementsAre;

class FilesTest : public StoreFixture {
 protected:
  Files files() { return Files(*_file); }
  Messages messages() { return Messages(*_file); }
  NewMessage message(const std::string& id, const std::string& type = "image", const std::string& user = "Ualice") {
    NewMessage one;
    one.channelId = _channel;
    one.conversation = user;
    one.session = 1;
    one.messageId = id;
    one.personId = People(*_file).person(_channel, user).id;
    one.type = type;
    one.atMs = _clock.wallMs();
    return one;
  }
  // Recorded with a file; the file's id.
  int64_t file(const std::string& id, const std::string& type = "image", const std::string& user = "Ualice") {
    NewMessage one = message(id, type, user);
    one.file.emplace();
    EXPECT_TRUE(messages().record(one));
    return files().ofMessage(_channel, id)->id;
  }
  static Files::Download download(int64_t size, const std::string& target = "line/2026-11/1.jpg") {
    return {size, "image/jpeg", std::string(64, 'a'), target};
  }
  std::vector<int64_t> due() {
    std::vector<int64_t> ids;
    for (const auto& job : files().due(600'000, 100)) ids.push_back(job.id);
    return ids;
  }
  std::vector<std::string> dropped() {
    std::vector<std::string> targets;
    for (const auto& drop : files().drops(0, 100)) targets.push_back(std::to_string(drop.fileId) + " " + drop.target);
    return targets;
  }
};

TEST_F(FilesTest, AFileIsRecordedWithItsMessageAndOnce) {
  NewMessage report = message("1", "file");
  report.file = NewFile{"report.pdf", 1'000, {}};
  EXPECT_TRUE(messages().record(report));
  EXPECT_FALSE(messages().record(report));
  const auto row = files().ofMessage(_channel, "1");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->state, FileState::Waiting);
  EXPECT_EQ(row->kind, "file");
  EXPECT_EQ(row->fileName, "report.pdf");
  EXPECT_EQ(row->size, 1'000);
  EXPECT_FALSE(row->nasPath);
  const auto jobs = files().due(600'000, 10);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].messageId, "1");
  EXPECT_EQ(jobs[0].channel, "line");
  EXPECT_EQ(jobs[0].announcedSize, 1'000);
  EXPECT_EQ(jobs[0].personId, report.personId);
  EXPECT_FALSE(files().ofMessage(_channel, "2"));
}

TEST_F(FilesTest, PicturesComeFirstAndWhatFailedComesLater) {
  const int64_t video = file("1", "video");
  const int64_t picture = file("2");
  EXPECT_THAT(due(), ElementsAre(picture, video));
  files().postpone(picture, _clock.wallMs() + 1'000, "unreachable", true);
  files().postpone(video, _clock.wallMs() + 5'000, "no token", false);
  EXPECT_THAT(due(), ElementsAre());
  EXPECT_EQ(files().nextDueMs(), _clock.wallMs() + 1'000);
  _clock.advance(1'000);
  EXPECT_THAT(due(), ElementsAre(picture));
  EXPECT_EQ(files().due(600'000, 10)[0].attempts, 1);
  EXPECT_EQ(files().due(600'000, 10)[0].reason, "unreachable");
  files().retryNow();
  EXPECT_THAT(due(), ElementsAre(picture, video));
}

TEST_F(FilesTest, AClockThatWentBackDelaysNothing) {
  const int64_t picture = file("1");
  files().postpone(picture, _clock.wallMs() + 300'000, "unreachable", true);
  EXPECT_THAT(due(), ElementsAre());
  _clock.setWall(_clock.wallMs() - 24 * 3'600'000LL);
  EXPECT_THAT(due(), ElementsAre(picture));
}

TEST_F(FilesTest, TheWayToTheFilesFolder) {
  const int64_t id = file("1");
  EXPECT_FALSE(files().stored(id)) << "not downloaded yet";
  EXPECT_TRUE(files().spooled(id, download(500)));
  EXPECT_FALSE(files().spooled(id, download(500)));
  EXPECT_THAT(due(), ElementsAre());
  EXPECT_FALSE(files().find(id)->nasPath) << "null until moved (J17)";
  ASSERT_EQ(files().toMove(0, 10).size(), 1U);
  EXPECT_TRUE(files().retarget(id, "line/2026-11/1-2.jpg"));
  EXPECT_TRUE(files().stored(id));
  EXPECT_FALSE(files().stored(id));
  EXPECT_EQ(files().find(id)->nasPath, "line/2026-11/1-2.jpg");
  const int64_t other = file("2");
  EXPECT_TRUE(files().fail(other, "gone"));
  const FileCounts counts = files().counts();
  EXPECT_EQ(counts.stored, 1U);
  EXPECT_EQ(counts.failed, 1U);
  EXPECT_EQ(counts.bytes, 500U);
  EXPECT_EQ(counts.downloaded, 1U);
  EXPECT_EQ(counts.downloadedBytes, 500U);
  EXPECT_EQ(counts.moved, 1U);
  EXPECT_EQ(counts.gaveUp, 1U);
  EXPECT_EQ(files().bytes(), 500U);
}

TEST_F(FilesTest, WhateverTakesARowAwayItsBytesAreToBeRemoved) {
  std::vector<std::string> expected;
  const auto stored = [&](const std::string& messageId, const std::string& user) {
    const int64_t id = file(messageId, "image", user);
    files().spooled(id, download(1, "line/" + messageId));
    files().stored(id);
    expected.push_back(std::to_string(id) + " line/" + messageId);
  };
  stored("1", "Ua");
  EXPECT_TRUE(messages().unsend(_channel, "1"));
  EXPECT_EQ(dropped(), expected);
  stored("2", "Ub");
  EXPECT_EQ(messages().forget(_channel, "Ub").files, 1U);
  EXPECT_EQ(dropped(), expected);
  stored("3", "Uc");
  EXPECT_EQ(messages().erasePerson("Uc").files, 1U);
  EXPECT_EQ(dropped(), expected);
  stored("4", "Ud");
  _clock.advance(1'000);
  EXPECT_FALSE(messages().purge(_clock.wallMs(), 100));
  EXPECT_EQ(dropped(), expected) << "also when the row goes with its message";
  stored("5", "Ue");
  _clock.advance(1'000);
  EXPECT_FALSE(files().purge(_clock.wallMs(), 100));
  EXPECT_EQ(dropped(), expected);
  EXPECT_TRUE(messages().find(_channel, "5")) << "keep_files leaves the message";
  const int64_t waiting = file("6");
  messages().unsend(_channel, "6");
  expected.push_back(std::to_string(waiting) + " ");
  EXPECT_EQ(dropped(), expected) << "a download may be under way";
  EXPECT_FALSE(files().spooled(waiting, download(1))) << "it does not come back";
  for (const auto& drop : files().drops(0, 100)) files().finishDrop(drop.id);
  EXPECT_EQ(files().counts().dropping, 0U);
  EXPECT_EQ(files().counts().dropped, 6U);
}

TEST_F(FilesTest, APhotoOfWhichOnlyTheIdsWereKeptCanBeWantedLater) {
  messages().record(message("1"));
  messages().record(message("2", "text"));
  EXPECT_THAT(due(), ElementsAre());
  const auto wanted = files().want(_channel, "1");
  ASSERT_TRUE(wanted);
  EXPECT_THAT(due(), ElementsAre(wanted->id));
  EXPECT_EQ(files().want(_channel, "1")->id, wanted->id);
  EXPECT_FALSE(files().want(_channel, "2")) << "a text has no bytes";
  EXPECT_FALSE(files().want(_channel, "9"));
  messages().unsend(_channel, "1");
  EXPECT_FALSE(files().want(_channel, "1"));
}

}  // namespace
}  // namespace tsunagi::store
