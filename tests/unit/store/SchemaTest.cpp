#include "store/Schema.h"

#include <gtest/gtest.h>

#include "store/BridgeStore.h"
#include "store/StoreFile.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::store {
namespace {

// What a bridge of an older version left is there after the upgrade.
class SchemaTest : public testing::Test {
 protected:
  void left(size_t version, const std::string& rows) {
    sql::Database old(folder.file("bridge.db"));
    const auto& all = bridgeMigrations();
    sql::migrate(old, BRIDGE_APPLICATION_ID, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(version)});
    old.execute(rows);
  }
  test::TempFolder folder;
  ManualClock clock;
};

TEST_F(SchemaTest, TheSecretOfAChannelStillSignsForItsBotAlone) {
  left(2, "INSERT INTO channels(destination,name,secret_mark,created_ms) VALUES('U1','line','mark',1),('?x','x','',1)");
  StoreFile file(folder.file("bridge.db"), clock);
  BridgeStore store(file);
  EXPECT_EQ(store.bindChannel("line", "U1", "mark", {"line"}), 1);
  EXPECT_FALSE(store.bindChannel("line", "U2", "mark", {"line"}));
}

}  // namespace
}  // namespace tsunagi::store
