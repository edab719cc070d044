#pragma once
#include <cstdint>
#include <vector>

#include "sql/Database.h"

namespace tsunagi::store {

constexpr uint32_t BRIDGE_APPLICATION_ID = 0x74734272;  // "tsBr"

// Numbered and forward only (J27).
const std::vector<sql::Migration>& bridgeMigrations();

}  // namespace tsunagi::store
