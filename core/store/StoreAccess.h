#pragma once
#include "store/BridgeStore.h"
#include "store/StoreFile.h"

namespace tsunagi::store {

inline Receipt receiptAt(const sql::Query& query, int column) {
  return {query.integer(column), query.text(column + 1), query.integer(column + 2), query.integer(column + 3)};
}

}  // namespace tsunagi::store
