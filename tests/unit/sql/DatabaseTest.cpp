#include "sql/Database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace tsunagi::sql {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tsunagi-sql-XXXXXX").string();
    _folder = ::mkdtemp(pattern.data());
  }
  ~DatabaseTest() override { std::filesystem::remove_all(_folder); }
  std::string path(const char* name = "a.db") const { return _folder + "/" + name; }

  std::string _folder;
};

TEST_F(DatabaseTest, KeepsTextBytesAndNull) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n TEXT, o INTEGER, p INTEGER)");
  const std::string bytes("\0\xFF z", 4);
  {
    Query insert = database.query("INSERT INTO t VALUES(?,?,?,?,?,?)");
    insert.bind(int64_t{-5}).bind("つなぎ").bindBlob(bytes).bind(std::optional<std::string>());
    insert.bind(std::optional<int64_t>()).bind(std::optional<int64_t>(7)).run();
  }
  Query select = database.query("SELECT i,s,b,n,o,p FROM t");
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.integer(0), -5);
  EXPECT_EQ(select.text(1), "つなぎ");
  EXPECT_EQ(select.text(2), bytes);
  EXPECT_TRUE(select.isNull(3));
  EXPECT_EQ(select.optionalInteger(4), std::nullopt);
  EXPECT_EQ(select.optionalInteger(5), std::optional<int64_t>(7));
  EXPECT_FALSE(select.step());
}

TEST_F(DatabaseTest, TheSameStatementCanBeUsedTwiceAtOnce) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES(1),(2)");
  Query outer = database.query("SELECT i FROM t ORDER BY i");
  int64_t sum = 0;
  while (outer.step()) {
    Query inner = database.query("SELECT i FROM t ORDER BY i");
    while (inner.step()) sum += outer.integer(0) * inner.integer(0);
  }
  EXPECT_EQ(sum, 9);
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedRollsBack) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER)");
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES(1)");
  }
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES(2)");
    transaction.commit();
  }
  Query select = database.query("SELECT sum(i) FROM t");
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.integer(0), 2);
}

TEST_F(DatabaseTest, FilesArePrivateAndDurableByDefault) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER)");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat((path() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
  Query synchronous = database.query("PRAGMA synchronous");
  ASSERT_TRUE(synchronous.step());
  EXPECT_EQ(synchronous.integer(0), 2);
}

TEST_F(DatabaseTest, ACheckpointEmptiesTheLog) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES(1)");
  EXPECT_GT(database.walBytes(), 0);
  database.checkpoint();
  EXPECT_EQ(database.walBytes(), 0);
}

TEST_F(DatabaseTest, ACheckpointThatAReaderBlocksIsAnError) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES(1),(2)");
  Database reader(path(), Database::Mode::ReadOnly);
  Query reading = reader.query("SELECT i FROM t");
  ASSERT_TRUE(reading.step());
  database.execute("INSERT INTO t VALUES(3)");
  EXPECT_THROW(database.checkpoint(), SqlError);
}

TEST_F(DatabaseTest, AMissingFolderIsNamedWithWhatToDo) {
  try {
    Database database(_folder + "/none/a.db");
    FAIL() << "opened";
  } catch (const SqlError& e) {
    EXPECT_TRUE(e.isDiskTrouble());
    EXPECT_NE(std::string(e.what()).find("/none/a.db"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("folder exists"), std::string::npos) << e.what();
  }
}

TEST_F(DatabaseTest, AReadOnlyConnectionCannotWrite) {
  { Database(path()).execute("CREATE TABLE t(i INTEGER)"); }
  Database reader(path(), Database::Mode::ReadOnly);
  EXPECT_THROW(reader.execute("INSERT INTO t VALUES(1)"), SqlError);
}

TEST_F(DatabaseTest, AConstraintIsToldFromDiskTrouble) {
  Database database(path());
  database.execute("CREATE TABLE t(i INTEGER UNIQUE); INSERT INTO t VALUES(1)");
  try {
    database.execute("INSERT INTO t VALUES(1)");
    FAIL() << "inserted";
  } catch (const SqlError& e) {
    EXPECT_TRUE(e.isConstraint());
    EXPECT_FALSE(e.isDiskTrouble());
  }
}

const std::vector<Migration> FIRST{{1, "CREATE TABLE t(i INTEGER)"}};
const std::vector<Migration> SECOND{{1, "CREATE TABLE t(i INTEGER)"}, {2, "ALTER TABLE t ADD COLUMN s TEXT"}};

TEST_F(DatabaseTest, MigratesForwardWithABackup) {
  {
    Database database(path());
    migrate(database, 77, FIRST);
    database.execute("INSERT INTO t VALUES(4)");
  }
  Database database(path());
  migrate(database, 77, SECOND);
  migrate(database, 77, SECOND);
  database.execute("INSERT INTO t VALUES(5,'x')");
  Database backup(path("a.db.before-2"));
  Query rows = backup.query("SELECT i FROM t");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.integer(0), 4);
}

TEST_F(DatabaseTest, RefusesANewerStoreAndNamesTheBackup) {
  {
    Database database(path());
    migrate(database, 77, FIRST);
    migrate(database, 77, SECOND);
  }
  Database database(path());
  try {
    migrate(database, 77, FIRST);
    FAIL() << "accepted";
  } catch (const SqlError& e) {
    EXPECT_NE(std::string(e.what()).find("a.db.before-2"), std::string::npos) << e.what();
  }
}

TEST_F(DatabaseTest, RefusesAnotherProgramsStore) {
  Database database(path());
  migrate(database, 77, FIRST);
  EXPECT_THROW(migrate(database, 78, FIRST), SqlError);
}

TEST_F(DatabaseTest, AFailingMigrationLeavesTheOldSchema) {
  Database database(path());
  migrate(database, 77, FIRST);
  const std::vector<Migration> broken{FIRST[0], {2, "ALTER TABLE t ADD COLUMN a TEXT; nonsense"}};
  EXPECT_THROW(migrate(database, 77, broken), SqlError);
  Query columns = database.query("SELECT count(*) FROM pragma_table_info('t')");
  ASSERT_TRUE(columns.step());
  EXPECT_EQ(columns.integer(0), 1);
}

}  // namespace
}  // namespace tsunagi::sql
