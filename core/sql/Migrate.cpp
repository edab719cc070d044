#include <sqlite3.h>

#include <filesystem>
#include <system_error>

#include "sql/Database.h"

namespace tsunagi::sql {
namespace {

int64_t pragma(Database& database, const std::string& name) {
  Query query = database.query("PRAGMA " + name);
  return query.step() ? query.integer(0) : 0;
}

std::string backupPath(const Database& database, int64_t version) {
  return database.path() + ".before-" + std::to_string(version);
}

// A consistent copy next to the store. VACUUM INTO refuses an existing file, and a copy from an earlier, interrupted
// attempt may be half written, so it is made anew.
void backUp(Database& database, int64_t nextVersion) {
  const std::string copy = backupPath(database, nextVersion);
  std::error_code ignored;
  std::filesystem::remove(copy, ignored);
  database.query("VACUUM INTO ?").bind(copy).run();
  std::filesystem::permissions(copy, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace

void migrate(Database& database, uint32_t applicationId, const std::vector<Migration>& migrations) {
  const int64_t version = pragma(database, "user_version");
  const int64_t owner = pragma(database, "application_id") & 0xFFFFFFFF;
  const bool empty = version == 0 && owner == 0;
  if (!empty && owner != applicationId)
    throw SqlError(database.path() + " belongs to another program; name the right data folder", SQLITE_NOTADB);
  const auto newest = static_cast<int64_t>(migrations.size());
  if (version > newest)
    throw SqlError(database.path() + " was written by a newer version (schema " + std::to_string(version) +
                       ", this program knows " + std::to_string(newest) + "); upgrade the program, or go back to " +
                       backupPath(database, newest + 1),
                   SQLITE_SCHEMA);
  if (!empty && version < newest) backUp(database, version + 1);
  for (const Migration& step : migrations) {
    if (step.number <= version) continue;
    Transaction transaction(database);
    database.execute(step.sql);
    database.execute("PRAGMA application_id=" + std::to_string(applicationId) +
                     "; PRAGMA user_version=" + std::to_string(step.number));
    transaction.commit();
  }
}

}  // namespace tsunagi::sql
