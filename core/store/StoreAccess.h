#pragma once
#include <string_view>

#include "store/BridgeStore.h"
#include "store/StoreFile.h"

namespace tsunagi::store {

// LINE's type of an event that is a tap on a button.
constexpr std::string_view TAP_TYPE = "postback";

inline Receipt receiptAt(const sql::Query& query, int column) {
  return {query.integer(column), query.text(column + 1), query.integer(column + 2), query.integer(column + 3)};
}

}  // namespace tsunagi::store
