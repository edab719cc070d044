#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/Clock.h"
#include "sql/Database.h"

namespace tsunagi::store {

// The bridge's database: one SQLite connection behind one mutex, shared by the classes that hold the statements. After
// trouble with the disk no write succeeds before a checkpoint did (DESIGN section 5). Thread-safe; each call blocks for
// the length of a commit, so none is made on an event loop's thread. The clock outlives the file.
class StoreFile {
 public:
  enum class Open {
    Own,    // makes the file if missing and brings it to the newest schema
    Beside  // of a bridge that runs: the file must be there, with this program's schema
  };
  // The folder must exist. Throws sql::SqlError.
  StoreFile(const std::string& path, const Clock& clock, Open open = Open::Own);
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  // Runs body(database) in one transaction; what it returns is returned. Nothing of a body that threw is in the store.
  // Never from within another body.
  template <typename F>
  auto write(F&& body);
  template <typename F>
  auto read(F&& body);

  // [within a write] Raises a total that is kept for ever, in the transaction it counts.
  static void count(sql::Database& database, std::string_view counter, uint64_t by);

  const Clock& clock() const { return _clock; }
  int64_t nowMs() const { return _clock.wallMs(); }

 private:
  const Clock& _clock;
  std::mutex _mutex;
  sql::Database _database;
  bool _suspect = false;  // the disk failed; a checkpoint must work before the next write
};

template <typename F>
auto StoreFile::write(F&& body) {
  const std::lock_guard lock(_mutex);
  try {
    if (_suspect) {
      _database.checkpoint();
      _suspect = false;
    }
    sql::Transaction transaction(_database);
    if constexpr (std::is_void_v<decltype(body(_database))>) {
      body(_database);
      transaction.commit();
    } else {
      auto result = body(_database);
      transaction.commit();
      return result;
    }
  } catch (const sql::SqlError& e) {
    if (e.isDiskTrouble()) _suspect = true;
    throw;
  }
}

template <typename F>
auto StoreFile::read(F&& body) {
  const std::lock_guard lock(_mutex);
  return body(_database);
}

}  // namespace tsunagi::store
