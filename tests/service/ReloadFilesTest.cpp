// Each key of [files] that can change while the bridge runs holds for the next file; a wrong value of any keeps the
// old.
#include "app/BridgeSchema.h"
#include "tests/service/Media.h"
#include "tests/service/ReloadCases.h"

namespace tsunagi::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<ReloadKey> keys() {
  service::ConfigSchema schema;
  app::defineBridgeSchema(schema);
  return keysOf(schema, [](const std::string& section) { return section == "files"; });
}

class Reloaded : public Media {
 public:
  void set(const std::string& key, const std::string& value) {
    ini["files"][key] = value;
    rewriteBridgeIni();
  }
  std::string photo(size_t bytes, nlohmann::json more = nlohmann::json::object()) {
    return sendContent("ann", "image", "image/jpeg", jpeg(noise(bytes - 4)), std::move(more));
  }
  void awaitReason(const std::string& event, const std::string& reason) {
    EXPECT_TRUE(eventually([&] { return ofFile("reason", event) == reason; })) << ofFile("reason", event);
  }
  // A photo of so many bytes is kept, and after the change no more.
  void changes(size_t bytes, const std::string& key, const std::string& value, const std::string& reason,
               const nlohmann::json& more = nlohmann::json::object()) {
    photo(bytes, more);
    awaitFiles("stored", 1);
    set(key, value);
    awaitReason(photo(bytes, more), reason);
  }
};

const ReloadCases<Reloaded>& cases() {
  static const ReloadCases<Reloaded> all{
      {"files.download",
       [](Reloaded& t) {
         t.set("download", "no");
         t.awaitReply(t.photo(100));
         EXPECT_EQ(t.lookUp("SELECT count(*) FROM line_files"), "0");
         t.set("download", "yes");
         t.photo(100);
         t.awaitFiles("stored", 1);
       }},
      {"files.root",
       [](Reloaded& t) {
         const TempFolder nas;
         t.set("root", nas.path());
         t.photo(100);
         t.awaitFiles("stored", 1);
         EXPECT_EQ(t.filesIn(nas.path()).size(), 1U);
         EXPECT_TRUE(t.filesIn(t.root()).empty());
       }},
      {"files.marker",
       [](Reloaded& t) {
         const TempFolder nas;
         t.ini["files"]["root"] = nas.path();
         t.set("marker", ".mounted");
         t.photo(100);
         t.awaitFiles("spooled", 1);
         nas.write(".there", "");
         t.set("marker", ".there");
         t.awaitFiles("stored", 1);
       }},
      {"files.max_file", [](Reloaded& t) { t.changes(1'000, "max_file", "999", "too big"); }},
      {"files.max_user_day", [](Reloaded& t) { t.changes(1'000, "max_user_day", "1999", "budget"); }},
      {"files.max_group_day",
       [](Reloaded& t) {
         t.know("owner", Talk::Role::owner);
         t.ini["access"]["record"] = "all";
         t.rewriteBridgeIni();
         t.askInGroup("owner", "/allow");
         t.changes(1'000, "max_group_day", "1999", "budget", {{"group", "family"}});
       }},
      {"files.max_total", [](Reloaded& t) { t.changes(1'000, "max_total", "1999", "no room"); }},
      {"files.min_free", [](Reloaded& t) { t.changes(1'000, "min_free", "4000TiB", "no room"); }},
  };
  return all;
}

class ReloadFilesTest : public testing::TestWithParam<std::string> {};

TEST_P(ReloadFilesTest, HoldsWithTheNextFile) {
  Reloaded talk;
  talk.start();
  runReloadCase(cases(), GetParam(), talk);
}

INSTANTIATE_TEST_SUITE_P(Key, ReloadFilesTest, testing::ValuesIn(changeable(keys())), testName);

TEST(ReloadWrongFilesTest, EveryCaseIsOfAKey) { expectNoCaseLeftOver(cases(), changeable(keys())); }

TEST(ReloadWrongFilesTest, AWrongValueOfAnyKeepsTheOldOnes) {
  const std::map<std::string, std::string> special{{"files.marker", "../outside"}};
  Reloaded talk;
  talk.ini["files"]["root"] = talk.folder.path() + "/bridge";
  talk.start();
  for (const ReloadKey& key : keys()) {
    const std::string wrong = wrongValue(key, special);
    if (wrong.empty()) continue;  // any path is taken: what is not there is away
    const auto good = talk.ini;
    talk.set(key.key.name, wrong);
    EXPECT_EQ(talk.ask("ann", "still here"), "still here") << key.name();
    const std::string told = talk.bridge().waitForLine("[files] " + key.key.name);
    EXPECT_THAT(told, AllOf(HasSubstr("bridge.ini:"), HasSubstr("the settings in use stay"))) << told;
    talk.ini = good;
    talk.rewriteBridgeIni();
    EXPECT_EQ(talk.ask("ann", "and still"), "and still") << key.name();
  }
}

TEST(ReloadWrongFilesTest, AMarkerNeedsAFolderOfItsOwn) {
  Media talk;
  talk.ini["files"]["marker"] = ".mounted";
  talk.startLinesim();
  const ProcessResult checked = talk.bridgeCommand({"--check"});
  EXPECT_EQ(checked.status.code, 78);
  EXPECT_THAT(checked.output + checked.error, HasSubstr("[files] marker: needs root"));
}

}  // namespace
}  // namespace tsunagi::test
