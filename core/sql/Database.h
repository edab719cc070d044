#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tsunagi::sql {

// A statement or transaction failed. isDiskTrouble: an I/O error, a full disk, corruption or a read-only file, after
// which nothing may be acknowledged until Database::checkpoint() worked again (DESIGN section 5).
class SqlError : public std::runtime_error {
 public:
  SqlError(const std::string& message, int code) : std::runtime_error(message), _code(code) {}
  int code() const { return _code; }  // SQLite's extended result code
  bool isDiskTrouble() const;
  bool isConstraint() const;

 private:
  int _code;
};

class Database;

// A prepared statement in use. Parameters are numbered from 1, columns from 0. Reset when it goes out of scope.
// Not thread-safe, like everything of one Database.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  ~Query();

  Query& bind(int64_t value);  // the next parameter
  Query& bind(std::string_view text);
  Query& bind(const char* text) { return bind(std::string_view(text)); }
  Query& bind(const std::string& text) { return bind(std::string_view(text)); }
  Query& bindBlob(std::string_view bytes);
  Query& bindNull();
  Query& bind(const std::optional<std::string>& text);
  Query& bind(const std::optional<int64_t>& value);

  bool step();  // true: a row is there
  void run();   // to the end, for statements without rows
  int64_t integer(int column) const;
  std::string text(int column) const;       // also the bytes of a blob; empty for NULL
  std::string_view view(int column) const;  // valid until the next step
  bool isNull(int column) const;
  std::optional<int64_t> optionalInteger(int column) const;  // nothing for NULL

 private:
  friend class Database;
  Query(Database& database, sqlite3_stmt* statement);
  Database* _database;
  sqlite3_stmt* _statement;
  int _next = 1;
};

// One SQLite connection: WAL, synchronous=FULL, foreign keys, secure_delete (S20), busy timeout 2 s. Files 0600 with
// their -wal and -shm (S26). One thread at a time. Statements are prepared once and kept by their text.
class Database {
 public:
  enum class Mode { ReadWrite, ReadOnly };
  // The folder must exist (poco.md D1). Throws SqlError whose text names the path and what to do.
  explicit Database(const std::string& path, Mode mode = Mode::ReadWrite);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Query query(std::string_view sql);
  void execute(const std::string& script);  // one or more statements without parameters
  int64_t lastInsertId() const;
  int64_t changes() const;
  bool inTransaction() const;

  // TRUNCATE checkpoint; throws unless the whole log went into the database file.
  void checkpoint();
  int64_t walBytes() const;
  const std::string& path() const { return _path; }

 private:
  friend class Query;
  friend class Transaction;
  [[noreturn]] void fail(int code, std::string_view what) const;
  struct Kept;
  std::string _path;
  sqlite3* _handle = nullptr;
  std::vector<std::unique_ptr<Kept>> _statements;
};

// BEGIN IMMEDIATE at construction (poco.md D1); rolls back unless commit() returned. A commit that throws has rolled
// back.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  void commit();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

 private:
  Database& _database;
  bool _open = true;
};

struct Migration {
  int number;       // 1, 2, 3 … without gaps
  const char* sql;  // never changed once released
};

// Brings the file to the newest number (PRAGMA user_version), each step in a transaction, after copying the file to
// "<path>.before-<number>" when it already held a schema (J27). applicationId names the kind of store, so that a wrong
// file is refused. A store newer than this program is refused with a sentence that names the backup to go back to.
void migrate(Database& database, uint32_t applicationId, const std::vector<Migration>& migrations);

// Binds the next parameters in one call: bindAll(query, a, b, c).
template <typename... Values>
Query& bindAll(Query& query, const Values&... values) {
  (query.bind(values), ...);
  return query;
}

}  // namespace tsunagi::sql
