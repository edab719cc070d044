#include "store/Meters.h"

#include "store/StoreFile.h"

namespace tsunagi::store {

Meters::Meters(StoreFile& file) : _file(file) {}

std::string Meters::get(std::string_view name) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query("SELECT value FROM meters WHERE name=?");
    query.bind(name);
    return query.step() ? query.text(0) : std::string();
  });
}

void Meters::set(const std::vector<std::pair<std::string, std::string>>& values) {
  _file.write([&](sql::Database& database) {
    for (const auto& [name, value] : values)
      database
          .query(
              "INSERT INTO meters(name,value,updated_at) VALUES(?,?,?) ON CONFLICT DO UPDATE SET value=excluded.value, "
              "updated_at=excluded.updated_at")
          .bind(name)
          .bind(value)
          .bind(_file.nowMs())
          .run();
  });
}

bool Meters::purge(int64_t rows) {
  return _file.write([&](sql::Database& database) {
    database
        .query(
            "DELETE FROM meters WHERE name IN (SELECT name FROM meters WHERE updated_at<? AND (updated_at<? OR "
            "substr(name,1,?)<>?) LIMIT ?)")
        .bind(_file.nowMs() - KEPT_MS)
        .bind(_file.nowMs() - MONTH_KEPT_MS)
        .bind(static_cast<int64_t>(MONTH.size()))
        .bind(MONTH)
        .bind(rows)
        .run();
    return database.changes() >= rows;
  });
}

}  // namespace tsunagi::store
