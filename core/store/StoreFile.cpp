#include "store/StoreFile.h"

#include "store/Schema.h"

namespace tsunagi::store {

StoreFile::StoreFile(const std::string& path, const Clock& clock, Open open) : _clock(clock), _database(path) {
  if (open == Open::Beside) {
    auto query = _database.query("PRAGMA user_version");
    if (!query.step() || query.integer(0) != bridgeMigrations().back().number)
      throw sql::SqlError(path + " belongs to a bridge of another version; use that version's program", 0);
    return;
  }
  sql::migrate(_database, BRIDGE_APPLICATION_ID, bridgeMigrations());
  _database.checkpoint();
}

void StoreFile::count(sql::Database& database, std::string_view counter, uint64_t by) {
  if (by == 0) return;
  database
      .query("INSERT INTO counters(name,value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=value+excluded.value")
      .bind(counter)
      .bind(static_cast<int64_t>(by))
      .run();
}

}  // namespace tsunagi::store
