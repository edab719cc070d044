#include "store/Schema.h"

#include <gtest/gtest.h>

#include "store/BridgeStore.h"
#include "store/Messages.h"
#include "store/Meters.h"
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

TEST_F(SchemaTest, MessagesThatWaitedForTheNextOneStillDo) {
  left(2,
       "INSERT INTO channels(destination,name,secret_mark,created_ms) VALUES('U1','line','mark',1);"
       "INSERT INTO line_messages(channel_id,conversation,session,message_id,message_type,ai_processed,created_at) "
       "VALUES(1,'Ua',1,'11','text',0,1),(1,'Ua',1,'1','text',0,2),(1,'Ua',1,'12','text',1,3),"
       "(1,'Ub',1,'13','text',0,4);"
       "INSERT INTO meters(name,value,updated_at) VALUES('missed:1:Ua','11 12 13',1),('user:1:1','x',1)");
  StoreFile file(folder.file("bridge.db"), clock);
  const auto missed = Messages(file).missed(1, "Ua");
  ASSERT_EQ(missed.size(), 1u);
  EXPECT_EQ(missed[0].messageId, "11");
  EXPECT_EQ(Meters(file).get("missed:1:Ua"), "");
  EXPECT_EQ(Meters(file).get("user:1:1"), "x");
}

}  // namespace
}  // namespace tsunagi::store
