#pragma once
#include "sql/Database.h"
#include "store/BridgeStore.h"

namespace tsunagi::store {

// Runs body in one transaction under the mutex. Private to the BridgeStore*.cpp files.
template <typename F>
auto BridgeStore::write(F&& body) {
  const std::lock_guard lock(_mutex);
  try {
    if (_suspect) {
      _database->checkpoint();
      _suspect = false;
    }
    sql::Transaction transaction(*_database);
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      transaction.commit();
    } else {
      auto result = body();
      transaction.commit();
      return result;
    }
  } catch (const sql::SqlError& e) {
    if (e.isDiskTrouble()) _suspect = true;
    throw;
  }
}

template <typename F>
auto BridgeStore::read(F&& body) {
  const std::lock_guard lock(_mutex);
  return body();
}

inline Receipt receiptAt(const sql::Query& query, int column) {
  return {query.integer(column), query.text(column + 1), query.integer(column + 2), query.integer(column + 3)};
}

}  // namespace tsunagi::store
