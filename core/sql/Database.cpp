#include "sql/Database.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace tsunagi::sql {

namespace {

constexpr int BUSY_TIMEOUT_MS = 2000;
constexpr size_t MAX_KEPT_STATEMENTS = 100;

// What an operator should do about a result code.
const char* remedy(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "; free space on that disk";
    case SQLITE_READONLY:
      return "; make the file and its folder writable for this user";
    case SQLITE_CANTOPEN:
      return "; check that the folder exists and is writable for this user";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged or no database: restore it from a backup";
    case SQLITE_IOERR:
      return "; the disk failed, see the kernel's log";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another program holds the database";
    default:
      return "";
  }
}

}  // namespace

bool SqlError::isDiskTrouble() const {
  switch (_code & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CORRUPT:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
      return true;
    default:
      return false;
  }
}

bool SqlError::isConstraint() const { return (_code & 0xFF) == SQLITE_CONSTRAINT; }

// A prepared statement and whether a Query uses it now.
struct Database::Kept {
  std::string sql;
  sqlite3_stmt* statement = nullptr;
  bool inUse = false;
  ~Kept() { sqlite3_finalize(statement); }
};

Database::Database(const std::string& path, Mode mode) : _path(path) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  flags |= mode == Mode::ReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (const int code = sqlite3_open_v2(path.c_str(), &_handle, flags, nullptr); code != SQLITE_OK) {
    const std::string why = _handle != nullptr ? sqlite3_errmsg(_handle) : "out of memory";
    sqlite3_close(_handle);
    throw SqlError("cannot open " + path + ": " + why + remedy(code), code);
  }
  sqlite3_extended_result_codes(_handle, 1);
  sqlite3_busy_timeout(_handle, BUSY_TIMEOUT_MS);
  try {
    // SQLite gives -wal and -shm the mode of the database file, so this one call covers all three.
    if (mode == Mode::ReadWrite && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
      throw SqlError("cannot make " + path + " private (0600); is it owned by another user?", SQLITE_PERM);
    if (mode == Mode::ReadWrite) execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;");
    execute("PRAGMA foreign_keys=ON;");
  } catch (...) {
    sqlite3_close(_handle);
    throw;
  }
}

Database::~Database() {
  _statements.clear();
  sqlite3_close(_handle);
}

void Database::fail(int code, std::string_view what) const {
  throw SqlError(_path + ": " + std::string(what) + ": " + sqlite3_errmsg(_handle) + remedy(code), code);
}

Query Database::query(std::string_view sql) {
  for (auto& kept : _statements) {
    if (!kept->inUse && kept->sql == sql) {
      kept->inUse = true;
      return {*this, kept->statement};
    }
  }
  auto kept = std::make_unique<Kept>();
  kept->sql = sql;
  const int code = sqlite3_prepare_v3(_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &kept->statement, nullptr);
  if (code != SQLITE_OK) fail(code, "cannot prepare \"" + kept->sql + "\"");
  if (_statements.size() >= MAX_KEPT_STATEMENTS) {
    const auto idle = std::find_if(_statements.begin(), _statements.end(), [](auto& k) { return !k->inUse; });
    if (idle != _statements.end()) _statements.erase(idle);
  }
  kept->inUse = true;
  _statements.push_back(std::move(kept));
  return {*this, _statements.back()->statement};
}

void Database::execute(const std::string& script) {
  const int code = sqlite3_exec(_handle, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "statement failed");
}

int64_t Database::lastInsertId() const { return sqlite3_last_insert_rowid(_handle); }
int64_t Database::changes() const { return sqlite3_changes64(_handle); }
bool Database::inTransaction() const { return sqlite3_get_autocommit(_handle) == 0; }

void Database::checkpoint() {
  int frames = 0;
  int done = 0;
  const int code = sqlite3_wal_checkpoint_v2(_handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames, &done);
  if (code != SQLITE_OK) fail(code, "checkpoint failed");
}

int64_t Database::walBytes() const {
  struct stat info {};
  return ::stat((_path + "-wal").c_str(), &info) == 0 ? info.st_size : 0;
}

Query::Query(Database& database, sqlite3_stmt* statement) : _database(&database), _statement(statement) {}

Query::Query(Query&& other) noexcept
    : _database(other._database), _statement(std::exchange(other._statement, nullptr)), _next(other._next) {}

Query::~Query() {
  if (_statement == nullptr) return;
  sqlite3_reset(_statement);
  sqlite3_clear_bindings(_statement);
  for (auto& kept : _database->_statements)
    if (kept->statement == _statement) kept->inUse = false;
}

Query& Query::bind(int64_t value) {
  if (const int code = sqlite3_bind_int64(_statement, _next++, value); code != SQLITE_OK)
    _database->fail(code, "cannot bind");
  return *this;
}

Query& Query::bind(std::string_view text) {
  const int code = sqlite3_bind_text64(_statement, _next++, text.empty() ? "" : text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) _database->fail(code, "cannot bind");
  return *this;
}

Query& Query::bindBlob(std::string_view bytes) {
  const int code =
      sqlite3_bind_blob64(_statement, _next++, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) _database->fail(code, "cannot bind");
  return *this;
}

Query& Query::bindNull() {
  if (const int code = sqlite3_bind_null(_statement, _next++); code != SQLITE_OK) _database->fail(code, "cannot bind");
  return *this;
}

Query& Query::bind(const std::optional<int64_t>& value) { return value ? bind(*value) : bindNull(); }
Query& Query::bind(const std::optional<std::string>& text) { return text ? bind(std::string_view(*text)) : bindNull(); }

bool Query::step() {
  const int code = sqlite3_step(_statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  _database->fail(code, std::string("\"") + sqlite3_sql(_statement) + "\" failed");
}

void Query::run() {
  while (step()) {
  }
}

int64_t Query::integer(int column) const { return sqlite3_column_int64(_statement, column); }

std::string_view Query::view(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(_statement, column));
  const int size = sqlite3_column_bytes(_statement, column);
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, static_cast<size_t>(size));
}

std::string Query::text(int column) const { return std::string(view(column)); }

bool Query::isNull(int column) const { return sqlite3_column_type(_statement, column) == SQLITE_NULL; }
std::optional<int64_t> Query::optionalInteger(int column) const {
  return isNull(column) ? std::nullopt : std::optional<int64_t>(integer(column));
}

Transaction::Transaction(Database& database) : _database(database) { _database.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  // SQLite itself may have rolled back after an I/O error; ROLLBACK would then be an error of its own.
  if (_open && _database.inTransaction()) sqlite3_exec(_database._handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  _database.execute("COMMIT");
  _open = false;
}

}  // namespace tsunagi::sql
