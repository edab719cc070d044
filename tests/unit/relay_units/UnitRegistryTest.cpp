#include "relay/units/UnitRegistry.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/Random.h"
#include "sql/Database.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::relay {
namespace {

constexpr int64_t HOUR = 3'600'000;

class Registry : public ::testing::Test {
 protected:
  Registry() { open(); }
  void open() {
    units = std::make_unique<UnitRegistry>(folder.path(), clock);
    const Status status = units->open();
    ASSERT_TRUE(status) << status.error();
  }
  UnitToken add(const std::string& fleet = "gmk", const std::string& name = "box") {
    Result<UnitToken> added = units->add(fleet, name);
    EXPECT_TRUE(added.ok());
    return std::move(added).value();
  }
  std::optional<uint32_t> match(const std::string& unit, const SecretString& token) {
    return matchToken(units->find(unit).get(), token.reveal(), clock.wallMs());
  }

  test::TempFolder folder;
  ManualClock clock;
  std::unique_ptr<UnitRegistry> units;
};

TEST_F(Registry, FindsAUnitOnlyInItsFleet) {
  const UnitToken added = add();
  EXPECT_TRUE(units->lookup("gmk", added.unit->id));
  EXPECT_FALSE(units->lookup("other", added.unit->id));
  EXPECT_FALSE(units->lookup("gmk", "nobody"));
  EXPECT_FALSE(units->lookup("", ""));
}

TEST_F(Registry, ANewWebhookIdReplacesTheOldOneAndTouchesNothingElse) {
  const UnitToken added = add();
  const std::string id = added.unit->id;
  EXPECT_EQ(added.unit->webhookId, id);
  EXPECT_TRUE(units->lookupWebhook("gmk", id));
  EXPECT_FALSE(units->lookupWebhook("other", id));
  ASSERT_TRUE(units->readdress(id));
  const std::string first = units->find(id)->webhookId;
  ASSERT_TRUE(units->readdress(id));
  const std::string second = units->find(id)->webhookId;
  EXPECT_EQ((std::set<std::string>{id, first, second}).size(), 3u);
  const auto check = [&] {
    EXPECT_FALSE(units->lookupWebhook("gmk", id));
    EXPECT_FALSE(units->lookupWebhook("gmk", first));
    EXPECT_FALSE(units->lookup("gmk", second)) << "no way into a link";
    ASSERT_TRUE(units->lookupWebhook("gmk", second));
    EXPECT_EQ(units->lookupWebhook("gmk", second)->id, id);
    EXPECT_TRUE(units->lookup("gmk", id));
    EXPECT_TRUE(match(id, added.token));
  };
  check();
  open();
  check();
  ASSERT_TRUE(units->remove(id));
  EXPECT_FALSE(units->lookupWebhook("gmk", second));
  EXPECT_FALSE(units->readdress(id));
}

TEST_F(Registry, MatchesOnlyTheTokenItGave) {
  const UnitToken one = add();
  const UnitToken two = add();
  EXPECT_TRUE(tokenIsWellFormed(one.token.reveal(), "tsgu_"));
  EXPECT_TRUE(match(one.unit->id, one.token));
  EXPECT_FALSE(match(one.unit->id, two.token));
  EXPECT_FALSE(match(one.unit->id, SecretString("")));
  EXPECT_FALSE(match(one.unit->id, SecretString(std::string(one.token.reveal()) + "x")));
  EXPECT_FALSE(matchToken(nullptr, one.token.reveal(), clock.wallMs()));
  EXPECT_NE(one.unit->id, two.unit->id);
}

TEST_F(Registry, KeepsNoTokenOnDisk) {
  const UnitToken added = add();
  const std::string token(added.token.reveal());
  units.reset();
  for (const char* name : {"units.db", "units.db-wal"})
    EXPECT_TRUE(!folder.exists(name) || folder.read(name).find(token) == std::string::npos) << name;
  struct stat info {};
  ASSERT_EQ(::stat(folder.file("units.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Registry, SurvivesARestartUnchanged) {
  Result<UnitToken> added = units->add("gmk", "日本語 box", UnitLimits{7, 8, 9});
  ASSERT_TRUE(added.ok());
  ASSERT_TRUE(units->rotate(added->unit->id, HOUR).ok());
  ASSERT_TRUE(units->setSuspended(added->unit->id, true));
  const auto before = units->find(added->unit->id);
  open();
  const auto after = units->find(added->unit->id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->fleet, "gmk");
  EXPECT_EQ(after->name, "日本語 box");
  EXPECT_EQ(after->limits.backlogEvents, 7u);
  EXPECT_EQ(after->limits.backlogBytes, 8u);
  EXPECT_EQ(after->limits.requestsPerMinute, 9u);
  EXPECT_TRUE(after->suspended);
  EXPECT_EQ(after->createdWallMs, before->createdWallMs);
  for (size_t slot : {0, 1}) {
    EXPECT_EQ(after->tokens[slot].hash, before->tokens[slot].hash);
    EXPECT_EQ(after->tokens[slot].serial, before->tokens[slot].serial);
    EXPECT_EQ(after->tokens[slot].expiresWallMs, before->tokens[slot].expiresWallMs);
  }
  EXPECT_TRUE(match(added->unit->id, added->token));
}

TEST_F(Registry, RotatingKeepsTheOldTokenForItsGraceOnly) {
  const UnitToken first = add();
  const uint32_t serial = *match(first.unit->id, first.token);
  const Result<UnitToken> second = units->rotate(first.unit->id, HOUR);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(match(first.unit->id, first.token), serial);
  EXPECT_EQ(match(first.unit->id, second->token), serial + 1);
  const auto record = units->find(first.unit->id);
  EXPECT_EQ(tokenExpiry(*record, serial), clock.wallMs() + HOUR);
  EXPECT_EQ(tokenExpiry(*record, serial + 1), 0);
  clock.advance(HOUR - 1);
  EXPECT_TRUE(tokenIsLive(*record, serial, clock.wallMs()));
  clock.advance(1);
  EXPECT_FALSE(tokenIsLive(*record, serial, clock.wallMs()));
  EXPECT_FALSE(match(first.unit->id, first.token));
  EXPECT_TRUE(match(first.unit->id, second->token));
}

TEST_F(Registry, AThirdTokenPushesTheOldestOut) {
  const UnitToken first = add();
  const Result<UnitToken> second = units->rotate(first.unit->id, HOUR);
  const Result<UnitToken> third = units->rotate(first.unit->id, 10 * HOUR);
  EXPECT_FALSE(match(first.unit->id, first.token));
  EXPECT_TRUE(match(first.unit->id, second->token));
  EXPECT_TRUE(match(first.unit->id, third->token));
}

TEST_F(Registry, RotatingWithoutGraceEndsTheOldTokenAtOnce) {
  const UnitToken first = add();
  const uint32_t serial = *match(first.unit->id, first.token);
  const Result<UnitToken> second = units->rotate(first.unit->id, 0);
  EXPECT_FALSE(match(first.unit->id, first.token));
  EXPECT_TRUE(match(first.unit->id, second->token));
  EXPECT_FALSE(tokenIsLive(*units->find(first.unit->id), serial, clock.wallMs()));
}

TEST_F(Registry, ASerialIsNeverUsedTwice) {
  const UnitToken first = add();
  std::set<uint32_t> serials{*match(first.unit->id, first.token)};
  for (int i = 0; i < 5; ++i) {
    if (i == 2) {
      ASSERT_TRUE(units->revoke(first.unit->id));
      EXPECT_FALSE(match(first.unit->id, first.token));
      for (const uint32_t serial : serials)
        EXPECT_FALSE(tokenIsLive(*units->find(first.unit->id), serial, clock.wallMs()));
    }
    const Result<UnitToken> next = units->rotate(first.unit->id, i % 2 == 0 ? 0 : HOUR);
    EXPECT_TRUE(serials.insert(*match(first.unit->id, next->token)).second) << i;
  }
}

TEST_F(Registry, RefusesBadFleetsAndNamesAndUnknownUnits) {
  for (const char* fleet : {"", "GMK", "a/b", "a b", "..", "ünit", "0123456789012345678901234567890123"})
    EXPECT_FALSE(units->add(fleet, "x").ok()) << fleet;
  for (const std::string& name : {std::string("a\nb"), std::string("\xff"), std::string(101, 'x')})
    EXPECT_FALSE(units->add("gmk", name).ok()) << name;
  EXPECT_EQ(units->size(), 0u);
  const Status status = units->rename("nobody\n", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().find('\n'), std::string::npos);
  EXPECT_FALSE(units->rotate("nobody", 0).ok());
  EXPECT_FALSE(units->remove("nobody"));
  const UnitToken added = add();
  EXPECT_FALSE(units->rename(added.unit->id, "a\tb"));
  EXPECT_EQ(units->find(added.unit->id)->name, "box");
}

TEST_F(Registry, TellsItsListenerAfterEachChange) {
  std::vector<std::pair<std::string, UnitChange>> told;
  units->setListener([&](const std::string& unit, UnitChange what) {
    units->find(unit);  // no lock is held
    told.emplace_back(unit, what);
  });
  const std::string id = add().unit->id;
  ASSERT_TRUE(units->rotate(id, HOUR).ok());
  ASSERT_TRUE(units->revoke(id));
  ASSERT_TRUE(units->setSuspended(id, true));
  ASSERT_TRUE(units->setSuspended(id, false));
  ASSERT_TRUE(units->rename(id, "y"));
  ASSERT_TRUE(units->setLimits(id, {1, 2, 3}));
  ASSERT_TRUE(units->remove(id));
  const std::vector<std::pair<std::string, UnitChange>> expected{
      {id, UnitChange::Added},   {id, UnitChange::Rotated}, {id, UnitChange::Revoked}, {id, UnitChange::Suspended},
      {id, UnitChange::Resumed}, {id, UnitChange::Edited},  {id, UnitChange::Edited},  {id, UnitChange::Removed}};
  EXPECT_EQ(told, expected);
  EXPECT_FALSE(units->find(id));
}

TEST_F(Registry, ReloadTellsWhatAnotherHandChanged) {
  const std::string kept = add().unit->id;
  const std::string revoked = add().unit->id;
  const std::string removed = add().unit->id;
  const auto same = units->find(kept);
  std::string added;
  {
    UnitRegistry other(folder.path(), clock);
    ASSERT_TRUE(other.open());
    ASSERT_TRUE(other.revoke(revoked));
    ASSERT_TRUE(other.remove(removed));
    added = other.add("gmk", "new")->unit->id;
  }
  std::set<std::pair<std::string, UnitChange>> told;
  units->setListener([&](const std::string& unit, UnitChange what) { told.emplace(unit, what); });
  ASSERT_TRUE(units->reload());
  const std::set<std::pair<std::string, UnitChange>> expected{
      {revoked, UnitChange::Revoked}, {removed, UnitChange::Removed}, {added, UnitChange::Added}};
  EXPECT_EQ(told, expected);
  EXPECT_EQ(units->find(kept), same) << "an unchanged record is kept";
}

TEST_F(Registry, AFileOfTheFirstSchemaIsBroughtUpAndKept) {
  const UnitToken added = add();
  units.reset();
  {
    sql::Database old(folder.file("units.db"));
    old.execute("ALTER TABLE units DROP COLUMN webhook_id; PRAGMA user_version = 1");
  }
  open();
  ASSERT_TRUE(units->lookupWebhook("gmk", added.unit->id)) << "the URL in use stays";
  EXPECT_TRUE(match(added.unit->id, added.token));
  EXPECT_TRUE(folder.exists("units.db.before-2"));
}

TEST_F(Registry, ListsByFleetAndAge) {
  const std::string b = add("b").unit->id;
  clock.advance(1);
  const std::string first = add("a").unit->id;
  clock.advance(1);
  const std::string second = add("a").unit->id;
  std::vector<std::string> all;
  for (const auto& unit : units->list()) all.push_back(unit->id);
  EXPECT_EQ(all, (std::vector<std::string>{first, second, b}));
  EXPECT_EQ(units->list("a").size(), 2u);
  EXPECT_TRUE(units->list("c").empty());
}

TEST_F(Registry, LooksUpWhileOthersChange) {
  const std::string id = add().unit->id;
  std::atomic<bool> done{false};
  std::atomic<int> seen{0};
  std::thread reader([&] {
    while (!done) {
      const auto record = units->lookup("gmk", id);
      ASSERT_TRUE(record);
      ASSERT_FALSE(record->name.empty());
      ++seen;
    }
  });
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(units->rename(id, "name " + std::to_string(i)));
  done = true;
  reader.join();
  EXPECT_GT(seen, 0);
  EXPECT_EQ(units->find(id)->name, "name 49");
}

TEST(RegistryFile, AMissingFolderAndAForeignFileAreNamed) {
  UnitRegistry nowhere("/nonexistent/tsunagi");
  const Status missing = nowhere.open();
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("/nonexistent/tsunagi"), std::string::npos);
  test::TempFolder folder;
  folder.write("units.db", "not a database at all, but long enough to be looked at as one of them, surely");
  UnitRegistry foreign(folder.path());
  EXPECT_FALSE(foreign.open());
  EXPECT_FALSE(foreign.add("gmk", "x").ok());
}

}  // namespace
}  // namespace tsunagi::relay
