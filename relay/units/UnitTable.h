#pragma once
#include <string>
#include <vector>

#include "relay/units/UnitRecord.h"
#include "sql/Database.h"

namespace tsunagi::relay {

// units.db: one row per unit, tokens as their SHA-256. Used by one thread at a time; throws sql::SqlError.
class UnitTable {
 public:
  explicit UnitTable(const std::string& path);  // opens and migrates
  std::vector<UnitRecord> readAll();
  void put(const UnitRecord& unit);  // inserts or replaces, committed when it returns
  void remove(const std::string& id);

 private:
  sql::Database _database;
};

}  // namespace tsunagi::relay
