#include "relay/units/UnitTable.h"

#include "base/Encoding.h"

namespace tsunagi::relay {
namespace {

constexpr uint32_t APPLICATION_ID = 0x5453756E;  // "TSun"

constexpr const char* FIRST = R"sql(
CREATE TABLE units (
  id TEXT PRIMARY KEY,
  fleet TEXT NOT NULL,
  name TEXT NOT NULL,
  token_a TEXT NOT NULL,
  token_a_expires_ms INTEGER NOT NULL,
  token_a_serial INTEGER NOT NULL,
  token_b TEXT NOT NULL,
  token_b_expires_ms INTEGER NOT NULL,
  token_b_serial INTEGER NOT NULL,
  backlog_events INTEGER NOT NULL,
  backlog_bytes INTEGER NOT NULL,
  requests_per_minute INTEGER NOT NULL,
  legacy INTEGER NOT NULL,
  suspended INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
);
)sql";

// Empty: the webhook URL has the unit's id.
constexpr const char* WEBHOOK_ID = "ALTER TABLE units ADD COLUMN webhook_id TEXT NOT NULL DEFAULT ''";

TokenSlot slotFrom(const sql::Query& query, int column) {
  TokenSlot slot;
  slot.hash = fromHex(query.view(column)).value_or("");
  slot.expiresWallMs = query.integer(column + 1);
  slot.serial = static_cast<uint32_t>(query.integer(column + 2));
  return slot;
}

}  // namespace

UnitTable::UnitTable(const std::string& path) : _database(path) {
  sql::migrate(_database, APPLICATION_ID, {{1, FIRST}, {2, WEBHOOK_ID}});
}

std::vector<UnitRecord> UnitTable::readAll() {
  std::vector<UnitRecord> units;
  sql::Query query = _database.query(
      "SELECT id, fleet, name, token_a, token_a_expires_ms, token_a_serial, token_b, token_b_expires_ms, "
      "token_b_serial, backlog_events, backlog_bytes, requests_per_minute, legacy, suspended, created_ms, "
      "webhook_id FROM units");
  while (query.step()) {
    UnitRecord unit;
    unit.id = query.text(0);
    unit.fleet = query.text(1);
    unit.name = query.text(2);
    unit.tokens = {slotFrom(query, 3), slotFrom(query, 6)};
    unit.limits.backlogEvents = static_cast<uint64_t>(query.integer(9));
    unit.limits.backlogBytes = static_cast<uint64_t>(query.integer(10));
    unit.limits.requestsPerMinute = static_cast<uint32_t>(query.integer(11));
    unit.legacy = query.integer(12) != 0;
    unit.suspended = query.integer(13) != 0;
    unit.createdWallMs = query.integer(14);
    unit.webhookId = query.text(15);
    if (unit.webhookId.empty()) unit.webhookId = unit.id;
    units.push_back(std::move(unit));
  }
  return units;
}

void UnitTable::put(const UnitRecord& unit) {
  sql::Query query =
      _database.query("INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  bindAll(query, unit.id, unit.fleet, unit.name);
  for (const TokenSlot& slot : unit.tokens)
    bindAll(query, toHex(slot.hash), slot.expiresWallMs, static_cast<int64_t>(slot.serial));
  bindAll(query, static_cast<int64_t>(unit.limits.backlogEvents), static_cast<int64_t>(unit.limits.backlogBytes),
          static_cast<int64_t>(unit.limits.requestsPerMinute), int64_t{unit.legacy}, int64_t{unit.suspended},
          unit.createdWallMs, unit.webhookId == unit.id ? std::string() : unit.webhookId)
      .run();
}

void UnitTable::remove(const std::string& id) { _database.query("DELETE FROM units WHERE id = ?").bind(id).run(); }

}  // namespace tsunagi::relay
