// What can go wrong between LINE and the files folder: each file is kept whole in the end, or its row says why not.
#include "base/Hash.h"
#include "tests/service/Media.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class MediaTroubleTest : public testing::Test {
 protected:
  std::string photo(const std::string& bytes, json more = json::object()) {
    return chain.sendContent("ann", "image", "image/jpeg", jpeg(bytes), std::move(more));
  }
  void fault(json fault) {
    fault["endpoint"] = "content";
    chain.control("POST", "/control/faults", {{"next", {fault}}});
  }
  void set(const std::string& key, const std::string& value) {
    chain.ini["files"][key] = value;
    chain.rewriteBridgeIni();
  }
  std::string bytesOf(const std::string& event) {
    return chain.folder.read("bridge/files/" + chain.ofFile("nas_path", event));
  }
  void awaitReason(const std::string& event, const std::string& reason) {
    EXPECT_TRUE(eventually([&] { return chain.ofFile("reason", event) == reason; }))
        << chain.ofFile("reason", event) << " instead of " << reason;
  }
  Media chain;
};

TEST_F(MediaTroubleTest, WhatLineStillPreparesIsAskedForAgain) {
  chain.start();
  const std::string video = chain.sendContent("ann", "video", "video/mp4", noise(5'000), {{"preparing", 2}});
  chain.awaitFiles("stored", 1);
  EXPECT_TRUE(bytesOf(video) == noise(5'000));
  const std::string sound = chain.sendContent("ann", "audio", "audio/mp4", "x", {{"preparing", 1}, {"failed", true}});
  chain.awaitFiles("failed", 1);
  EXPECT_EQ(chain.ofFile("reason", sound), "refused");
  EXPECT_EQ(chain.filesIn(chain.root()).size(), 1U);
  EXPECT_TRUE(chain.spooled().empty());
}

TEST_F(MediaTroubleTest, WhatLineHasNoMoreIsGivenUpAtOnce) {
  chain.start();
  for (const int status : {404, 410, 400}) {
    fault({{"status", status}});
    awaitReason(photo("a"), status == 400 ? "refused" : "gone");
  }
  EXPECT_EQ(chain.summary().at("contentRequests"), 3);
}

TEST_F(MediaTroubleTest, WhatFailsOnTheWayIsTriedAgainAndWhole) {
  chain.start();
  const std::string bytes = noise(200'000);
  fault({{"action", "cut"}, {"bytes", 70'000}});
  const std::string cut = photo(bytes);
  chain.awaitFiles("stored", 1);
  fault({{"action", "reset"}});
  const std::string reset = photo(bytes);
  chain.awaitFiles("stored", 2);
  fault({{"status", 500}});
  const std::string failed = photo(bytes);
  chain.awaitFiles("stored", 3);
  for (const auto& event : {cut, reset, failed}) EXPECT_TRUE(bytesOf(event) == jpeg(bytes));
}

TEST_F(MediaTroubleTest, WhatIsTooBigIsNotTaken) {
  chain.ini["files"]["max_file"] = "10KiB";
  chain.start();
  awaitReason(chain.sendContent("ann", "file", "application/zip", noise(10'241)), "too big");
  EXPECT_EQ(chain.summary().at("contentRequests"), 0) << "its size was announced";
  awaitReason(photo(noise(20'000)), "too big");
  const std::string fits = chain.sendContent("ann", "file", "application/zip", noise(10'240));
  chain.awaitFiles("stored", 1);
  EXPECT_TRUE(bytesOf(fits) == noise(10'240));
  EXPECT_TRUE(chain.spooled().empty());
}

TEST_F(MediaTroubleTest, APersonsAndAGroupsBudgetOfTheDay) {
  chain.ini["files"]["max_user_day"] = "10KiB";
  chain.ini["files"]["max_group_day"] = "15KiB";
  chain.ini["access"]["record"] = "all";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  chain.askInGroup("owner", "/allow");
  photo(noise(8'000));
  chain.awaitFiles("stored", 1);
  awaitReason(photo(noise(8'000)), "budget");
  const std::string ben = chain.sendContent("ben", "image", "image/jpeg", jpeg(noise(8'000)), {{"group", "family"}});
  chain.awaitFiles("stored", 2);
  // A third person: the group has 7 KiB left.
  awaitReason(chain.sendContent("cat", "image", "image/jpeg", jpeg(noise(8'000)), {{"group", "family"}}), "budget");
  chain.change("unsend", {{"messageId", chain.messageIdOf(ben)}});
  chain.awaitFiles("stored", 1);
  awaitReason(chain.sendContent("cat", "image", "image/jpeg", jpeg(noise(9'000)), {{"group", "family"}}), "budget");
}

TEST_F(MediaTroubleTest, WithoutRoomFilesWaitAndTheOperatorIsToldOnce) {
  chain.ini["files"]["min_free"] = "4000TiB";
  chain.start();
  const std::string first = photo("first");
  const std::string second = photo("second");
  awaitReason(first, "no room");
  awaitReason(second, "no room");
  EXPECT_EQ(chain.summary().at("contentRequests"), 0);
  ASSERT_EQ(chain.bridgeStatus().at("files").at("troubles").size(), 1U);
  EXPECT_THAT(chain.bridge().waitForLine("no room for more files"), HasSubstr("free space where spool_dir is"));
  set("min_free", "0");
  chain.awaitFiles("stored", 2);
  EXPECT_EQ(chain.bridgeStatus().at("files").at("troubles"), json::array());
  const std::string log = chain.bridge().standardError();
  const size_t told = log.find("no room for more files");
  EXPECT_EQ(log.find("no room for more files", told + 1), std::string::npos);
  set("max_total", "20");
  awaitReason(photo("third"), "no room");
  chain.change("unsend", {{"messageId", chain.messageIdOf(first)}});
  set("max_total", "30");
  chain.awaitFiles("stored", 2);
}

TEST_F(MediaTroubleTest, ADownloadThatWasKilledIsMadeAnew) {
  chain.start();
  fault({{"action", "slow"}, {"bytes", 1'000}, {"ms", 50}});
  const std::string bytes = noise(2'000'000);
  const std::string event = photo(bytes);
  ASSERT_TRUE(eventually([&] {
    const auto part = chain.spooled();
    return !part.empty() && std::filesystem::file_size(chain.spool() + "/" + part.at(0)) > 0;
  }));
  chain.killBridge();
  EXPECT_EQ(chain.ofFile("state", event), "waiting");
  chain.startBridge();
  chain.awaitFiles("stored", 1);
  EXPECT_TRUE(bytesOf(event) == jpeg(bytes));
  EXPECT_TRUE(chain.spooled().empty());
}

TEST_F(MediaTroubleTest, AStopEndsADownloadWhichGoesOnLater) {
  chain.start();
  fault({{"action", "hold"}});
  const std::string event = photo("held");
  ASSERT_TRUE(eventually([&] { return chain.summary().at("contentRequests") == 1; }));
  chain.stopBridge();
  chain.startBridge();
  chain.awaitFiles("stored", 1);
  EXPECT_EQ(bytesOf(event), jpeg("held"));
}

TEST_F(MediaTroubleTest, ARefusedAccessTokenWaitsForOtherSettings) {
  chain.start();
  fault({{"status", 401}});
  const std::string event = photo("a");
  awaitReason(event, "no token");
  set("max_file", "1MiB");
  chain.awaitFiles("stored", 1);
}

TEST_F(MediaTroubleTest, WhileTheNasIsAwayFilesWaitInTheSpool) {
  const TempFolder nas;
  chain.ini["files"] = {{"root", nas.path()}, {"marker", ".tsunagi"}};
  chain.start();
  const std::string event = photo("kept");
  chain.awaitFiles("spooled", 1);
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_files WHERE nas_path IS NULL"), "1");
  EXPECT_TRUE(eventually([&] { return chain.bridgeStatus().at("files").at("troubles").size() == 1; }));
  EXPECT_THAT(chain.bridgeStatus().at("files").at("troubles").at(0).get<std::string>(), HasSubstr(".tsunagi"));
  EXPECT_THAT(chain.bridgeMetrics(), HasSubstr("\ntsunagi_bridge_files_spooled 1\n"));
  EXPECT_TRUE(chain.filesIn(nas.path()).empty()) << "the empty mount point stays empty";
  chain.stopBridge();
  chain.startBridge();
  chain.pointAtBridge();
  chain.awaitFiles("spooled", 1);
  nas.write(".tsunagi", "");
  chain.awaitFiles("stored", 1);
  EXPECT_EQ(nas.read(chain.ofFile("nas_path", event)), jpeg("kept"));
  EXPECT_TRUE(chain.spooled().empty());
  // Away again: what is taken back is removed when it is back.
  std::filesystem::remove(nas.file(".tsunagi"));
  const std::string path = chain.ofFile("nas_path", event);
  chain.change("unsend", {{"messageId", chain.messageIdOf(event)}});
  chain.awaitFiles("to_remove", 1);
  EXPECT_TRUE(nas.exists(path));
  nas.write(".tsunagi", "");
  chain.awaitFiles("to_remove", 0);
  EXPECT_FALSE(nas.exists(path));
}

}  // namespace
}  // namespace tsunagi::test
