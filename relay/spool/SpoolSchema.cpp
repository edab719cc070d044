#include "relay/spool/SpoolSchema.h"

namespace tsunagi::relay {
namespace {

constexpr uint32_t APPLICATION_ID = 0x54537370;  // "TSsp"

constexpr const char* FIRST = R"sql(
CREATE TABLE queues (
  queue INTEGER PRIMARY KEY,
  unit TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  next_seq INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL,
  acknowledged_id TEXT NOT NULL,
  pending INTEGER NOT NULL,
  pending_bytes INTEGER NOT NULL,
  stored_total INTEGER NOT NULL,
  acknowledged_total INTEGER NOT NULL,
  dead_total INTEGER NOT NULL,
  dead_held INTEGER NOT NULL,
  dead_bytes INTEGER NOT NULL,
  removed INTEGER NOT NULL
);
CREATE TABLE boots (
  boot INTEGER PRIMARY KEY,
  boot_id TEXT NOT NULL UNIQUE
);
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  received_steady_ms INTEGER NOT NULL,
  received_wall_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  replay TEXT NOT NULL,
  path TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX events_by_seq ON events (queue, seq);
CREATE TABLE dead (
  position INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  reason TEXT NOT NULL,
  died_wall_ms INTEGER NOT NULL,
  received_wall_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  replay TEXT NOT NULL,
  path TEXT NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX dead_by_queue ON dead (queue);
CREATE INDEX dead_by_seq ON dead (queue, epoch, seq);
)sql";

}  // namespace

void migrateSpool(sql::Database& database) { sql::migrate(database, APPLICATION_ID, {{1, FIRST}}); }

}  // namespace tsunagi::relay
