// Pictures, sounds, videos and files are fetched and kept: the same bytes, under names of our own, for our eyes only.
#include "base/Hash.h"
#include "tests/service/Media.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class MediaTest : public testing::Test {
 protected:
  Media chain;
};

TEST_F(MediaTest, EachKindIsKeptAsItWasSent) {
  chain.start();
  const struct {
    const char *kind, *type, *extension;
    std::string bytes;
  } cases[] = {{"image", "image/jpeg", "jpg", jpeg(noise(300'000))},
               {"video", "video/mp4", "mp4", noise(3'000'000)},
               {"audio", "audio/x-m4a", "m4a", noise(70'000)},
               {"file", "application/pdf", "pdf", "%PDF-1.7 " + noise(1'000)},
               {"file", "text/html", "bin", "<script>alert(1)</script>"}};
  std::vector<std::string> events;
  for (const auto& one : cases) {
    json more = json::object();
    if (std::string(one.kind) == "file") more = {{"message", {{"fileName", "../../etc/cron.d/evil\n.sh"}}}};
    events.push_back(chain.sendContent("ann", one.kind, one.type, one.bytes, more));
  }
  chain.awaitFiles("stored", 5);
  for (size_t i = 0; i < events.size(); ++i) {
    const std::string path = chain.ofFile("nas_path", events[i]);
    EXPECT_THAT(path, MatchesRegex("line/[0-9]{4}-[0-9]{2}/[0-9]+\\." + std::string(cases[i].extension)));
    EXPECT_TRUE(chain.folder.read("bridge/files/" + path) == cases[i].bytes) << path;
    EXPECT_EQ(Media::modeOf(chain.root() + "/" + path), 0640U);
    EXPECT_EQ(chain.ofFile("sha256", events[i]), toHex(sha256(cases[i].bytes)));
    EXPECT_EQ(chain.ofFile("file_size", events[i]), std::to_string(cases[i].bytes.size()));
    EXPECT_EQ(chain.ofFile("mime_type", events[i]), cases[i].type);
  }
  EXPECT_EQ(Media::modeOf(chain.root() + "/line"), 0750U);
  EXPECT_EQ(Media::modeOf(chain.root()), 0750U);
  EXPECT_EQ(chain.filesIn(chain.root()).size(), 5U) << "and nothing else";
  EXPECT_TRUE(chain.spooled().empty());
  EXPECT_EQ(chain.ofFile("file_name", events[4]), "../../etc/cron.d/evil\n.sh") << "as data only";
  EXPECT_EQ(chain.bridgeStatus().at("files").at("downloaded"), 5);
}

TEST_F(MediaTest, WhileItComesNobodyElseReadsIt) {
  chain.start();
  chain.control("POST", "/control/faults",
                {{"next", {{{"endpoint", "content"}, {"action", "slow"}, {"bytes", 1000}, {"ms", 20}}}}});
  chain.sendContent("ann", "image", "image/png", png(noise(50'000)));
  ASSERT_TRUE(eventually([&] { return !chain.spooled().empty(); }));
  EXPECT_EQ(Media::modeOf(chain.spool()), 0700U);
  EXPECT_EQ(Media::modeOf(chain.spool() + "/" + chain.spooled().at(0)), 0600U);
  EXPECT_TRUE(chain.filesIn(chain.root()).empty()) << "only what is whole goes on";
  chain.awaitFiles("stored", 1);
}

TEST_F(MediaTest, FoldersOfItsOwn) {
  const TempFolder nas;
  chain.ini["files"] = {{"root", nas.path()}, {"spool_dir", chain.folder.file("elsewhere")}};
  chain.start();
  chain.sendContent("ann", "image", "image/jpeg", jpeg("a"));
  chain.awaitFiles("stored", 1);
  EXPECT_EQ(chain.filesIn(nas.path()).size(), 1U);
  EXPECT_TRUE(chain.folder.exists("elsewhere/lock"));
  EXPECT_FALSE(chain.folder.exists("bridge/files"));
}

TEST_F(MediaTest, AProjectHasAFolderOfItsOwn) {
  chain.ini["access"]["record"] = "all";
  chain.start();
  chain.know("owner", Talk::Role::owner);
  EXPECT_EQ(chain.bridgeCommand({"project", "set", "garden", "--files", "../up"}).status.code, 64);
  const ProcessResult set = chain.bridgeCommand({"project", "set", "garden", "--files", "customers/garden"});
  EXPECT_EQ(set.status.code, 0) << set.error;
  EXPECT_THAT(chain.bridgeCommand({"project", "list"}).output, HasSubstr("files customers/garden"));
  chain.askInGroup("owner", "/allow");
  chain.askInGroup("owner", "/project garden");
  const std::string photo = chain.sendContent("ann", "image", "image/jpeg", jpeg("a"), {{"group", "family"}});
  EXPECT_TRUE(chain.silent(photo));
  chain.awaitFiles("stored", 1);
  EXPECT_THAT(chain.ofFile("nas_path", photo), MatchesRegex("customers/garden/[0-9]+\\.jpg"));
  EXPECT_TRUE(chain.folder.exists("bridge/files/" + chain.ofFile("nas_path", photo)));
}

TEST_F(MediaTest, WhatIsElsewhereOrTurnedOffIsNotFetched) {
  chain.start();
  chain.awaitReply(chain.happen({{"user", "ann"},
                                 {"message",
                                  {{"type", "image"},
                                   {"contentProvider",
                                    {{"type", "external"},
                                     {"originalContentUrl", chain.lineApi() + "/v2/bot/info"},
                                     {"previewImageUrl", chain.lineApi() + "/v2/bot/info"}}}}}}));
  chain.ini["files"]["download"] = "no";
  chain.rewriteBridgeIni();
  chain.awaitReply(chain.sendContent("ann", "image", "image/jpeg", jpeg("a")));
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_files"), "0");
  EXPECT_EQ(chain.lookUp("SELECT count(*) FROM line_messages WHERE message_type='image'"), "2");
  chain.ini["files"]["download"] = "yes";
  chain.rewriteBridgeIni();
  chain.awaitReply(chain.sendContent("ann", "image", "image/jpeg", jpeg("b")));
  chain.awaitFiles("stored", 1);
  EXPECT_EQ(chain.summary().at("contentRequests"), 1);
}

TEST_F(MediaTest, StatusAndMetricsTellWhereTheyAre) {
  chain.start();
  chain.sendContent("ann", "image", "image/jpeg", jpeg("12345"));
  chain.awaitFiles("stored", 1);
  const json files = chain.bridgeStatus().at("files");
  EXPECT_EQ(files.at("bytes"), 9);
  EXPECT_EQ(files.at("troubles"), json::array());
  EXPECT_THAT(chain.bridgeMetrics(),
              AllOf(HasSubstr("\ntsunagi_bridge_files_stored 1\n"), HasSubstr("\ntsunagi_bridge_files_bytes 9\n"),
                    HasSubstr("\ntsunagi_bridge_files_downloaded_total 1\n"), Not(HasSubstr("\"ann\""))));
}

TEST_F(MediaTest, AnExportTellsOfFiles) {
  chain.start();
  chain.awaitReply(
      chain.sendContent("ann", "file", "application/pdf", "%PDF-", {{"message", {{"fileName", "plan.pdf"}}}}));
  chain.awaitFiles("stored", 1);
  const ProcessResult exported = chain.bridgeCommand({"user", "export", chain.lineId("ann")});
  const json line = json::parse(exported.output.substr(0, exported.output.find('\n')));
  EXPECT_EQ(line.at("file").at("name"), "plan.pdf");
  EXPECT_EQ(line.at("file").at("type"), "application/pdf");
  EXPECT_EQ(line.at("file").at("bytes"), 5);
  EXPECT_TRUE(chain.folder.exists("bridge/files/" + line.at("file").at("path").get<std::string>()));
}

}  // namespace
}  // namespace tsunagi::test
