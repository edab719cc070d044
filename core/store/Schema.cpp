#include "store/Schema.h"

namespace tsunagi::store {
namespace {

constexpr const char* FIRST = R"sql(
CREATE TABLE channels(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  secret_mark TEXT NOT NULL,
  created_ms INTEGER NOT NULL);

CREATE TABLE inbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  conversation TEXT NOT NULL,
  event_key TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT,
  reply_token TEXT,
  received_steady_ms INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  received_wall_ms INTEGER NOT NULL,
  age_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('new','working','done','dead')),
  outcome TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  finished_ms INTEGER);
CREATE INDEX inbox_open ON inbox(id) WHERE state IN ('new','working');
CREATE INDEX inbox_key ON inbox(channel_id, event_key);
CREATE INDEX inbox_finished ON inbox(finished_ms) WHERE finished_ms IS NOT NULL;

CREATE TABLE seen_events(
  channel_id INTEGER NOT NULL,
  event_key TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY(channel_id, event_key)) WITHOUT ROWID;
CREATE INDEX seen_events_age ON seen_events(seen_ms);

CREATE TABLE quarantine(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  link_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  replay TEXT NOT NULL,
  signature TEXT NOT NULL,
  body BLOB NOT NULL,
  received_steady_ms INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  received_wall_ms INTEGER NOT NULL,
  age_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL);

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  inbox_id INTEGER NOT NULL REFERENCES inbox(id) ON DELETE CASCADE,
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  method TEXT NOT NULL CHECK(method IN ('reply','push')),
  target TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('pending','sending','sent','failed','unknown')),
  attempts INTEGER NOT NULL DEFAULT 0,
  line_request_id TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  first_sent_ms INTEGER,
  created_ms INTEGER NOT NULL,
  finished_ms INTEGER);
CREATE INDEX outbox_open ON outbox(inbox_id) WHERE state IN ('pending','sending');
CREATE INDEX outbox_inbox ON outbox(inbox_id);

CREATE TABLE link_state(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  epoch TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  last_id TEXT NOT NULL);

CREATE TABLE link_notices(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_ms INTEGER NOT NULL);

CREATE TABLE counters(
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL) WITHOUT ROWID;
)sql";

}  // namespace

const std::vector<sql::Migration>& bridgeMigrations() {
  static const std::vector<sql::Migration> all{{1, FIRST}};
  return all;
}

}  // namespace tsunagi::store
