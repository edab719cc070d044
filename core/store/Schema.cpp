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

// People, groups, what was said, and what is allowed (DESIGN section 7). Times are wall-clock milliseconds.
constexpr const char* CONVERSATIONS = R"sql(
CREATE TABLE accounts(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  external_id TEXT UNIQUE,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL);

CREATE TABLE projects(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  external_id TEXT UNIQUE,
  name TEXT NOT NULL UNIQUE,
  system_prompt TEXT NOT NULL DEFAULT '',
  responder TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  files_folder TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL);

CREATE TABLE line_users(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  line_user_id TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL DEFAULT '',
  picture_url TEXT NOT NULL DEFAULT '',
  status_message TEXT NOT NULL DEFAULT '',
  user_id INTEGER REFERENCES accounts(id),
  profile_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL);

CREATE TABLE channel_users(
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  line_user_id INTEGER NOT NULL REFERENCES line_users(id) ON DELETE CASCADE,
  is_friend INTEGER,
  state INTEGER NOT NULL DEFAULT 0,
  role INTEGER NOT NULL DEFAULT 0,
  paired_at INTEGER,
  offered_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(channel_id, line_user_id)) WITHOUT ROWID;
CREATE INDEX channel_users_user ON channel_users(line_user_id);

CREATE TABLE line_groups(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  line_group_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('group','room')),
  name TEXT NOT NULL DEFAULT '',
  picture_url TEXT NOT NULL DEFAULT '',
  member_count INTEGER,
  project_id INTEGER REFERENCES projects(id) ON DELETE SET NULL,
  is_active INTEGER NOT NULL DEFAULT 1,
  allow_ai_response INTEGER NOT NULL DEFAULT 0,
  group_members INTEGER NOT NULL DEFAULT 0,
  record INTEGER NOT NULL DEFAULT 0,
  language TEXT NOT NULL DEFAULT '',
  profile_at INTEGER,
  joined_at INTEGER,
  left_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE(channel_id, line_group_id));

CREATE TABLE group_members(
  group_id INTEGER NOT NULL REFERENCES line_groups(id) ON DELETE CASCADE,
  line_user_id INTEGER NOT NULL REFERENCES line_users(id) ON DELETE CASCADE,
  display_name TEXT NOT NULL DEFAULT '',
  profile_at INTEGER,
  joined_at INTEGER NOT NULL,
  left_at INTEGER,
  PRIMARY KEY(group_id, line_user_id)) WITHOUT ROWID;
CREATE INDEX group_members_user ON group_members(line_user_id);

CREATE TABLE line_files(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER NOT NULL REFERENCES line_messages(id) ON DELETE CASCADE,
  file_type TEXT NOT NULL,
  file_name TEXT NOT NULL DEFAULT '',
  file_size INTEGER,
  mime_type TEXT NOT NULL DEFAULT '',
  nas_path TEXT,
  sha256 TEXT NOT NULL DEFAULT '',
  duration INTEGER,
  created_at INTEGER NOT NULL);
CREATE INDEX line_files_message ON line_files(message_id);

CREATE TABLE line_messages(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  conversation TEXT NOT NULL,
  session INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  line_user_id INTEGER REFERENCES line_users(id) ON DELETE SET NULL,
  line_group_id INTEGER REFERENCES line_groups(id) ON DELETE CASCADE,
  message_type TEXT NOT NULL,
  content TEXT NOT NULL DEFAULT '',
  reply_token TEXT,
  quote_token TEXT NOT NULL DEFAULT '',
  quoted_message_id TEXT NOT NULL DEFAULT '',
  is_from_bot INTEGER NOT NULL DEFAULT 0,
  ai_processed INTEGER NOT NULL DEFAULT 0,
  file_id INTEGER REFERENCES line_files(id) ON DELETE SET NULL,
  outbox_id INTEGER,
  edited_at INTEGER,
  created_at INTEGER NOT NULL,
  UNIQUE(channel_id, message_id));
CREATE INDEX line_messages_turns ON line_messages(channel_id, conversation, session, id);
CREATE INDEX line_messages_user ON line_messages(line_user_id, id);
CREATE INDEX line_messages_age ON line_messages(created_at);
CREATE INDEX line_messages_outbox ON line_messages(outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX line_messages_file ON line_messages(file_id) WHERE file_id IS NOT NULL;

CREATE TABLE conversations(
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  conversation TEXT NOT NULL,
  session INTEGER NOT NULL DEFAULT 1,
  session_key TEXT NOT NULL,
  last_turn_at INTEGER,
  model TEXT NOT NULL DEFAULT '',
  paused_until INTEGER,
  PRIMARY KEY(channel_id, conversation)) WITHOUT ROWID;

CREATE TABLE pairing_codes(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  account_id INTEGER REFERENCES accounts(id),
  role INTEGER NOT NULL,
  code_mark TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  used_by INTEGER REFERENCES line_users(id) ON DELETE SET NULL);

CREATE TABLE meters(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX meters_age ON meters(updated_at);

CREATE TABLE held_answers(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel_id INTEGER NOT NULL REFERENCES channels(id),
  conversation TEXT NOT NULL,
  inbox_id INTEGER NOT NULL,
  asker TEXT NOT NULL,
  ticket TEXT NOT NULL UNIQUE,
  is_rest INTEGER NOT NULL DEFAULT 0,
  texts TEXT,
  delivered INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL);
CREATE INDEX held_answers_conversation ON held_answers(channel_id, conversation, id);
CREATE INDEX held_answers_age ON held_answers(created_at);

CREATE TABLE audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '');

CREATE TABLE install(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;

ALTER TABLE outbox ADD COLUMN retry_key TEXT NOT NULL DEFAULT '';
)sql";

// A push is counted by its recipients, and an answer that was not delivered goes back to who asked what.
constexpr const char* PUSHES = R"sql(
ALTER TABLE outbox ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN asker TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN answered_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN held_answer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN held_texts INTEGER NOT NULL DEFAULT 0;
)sql";

// A bot has more than one secret while it changes.
constexpr const char* CHANNEL_SECRETS = R"sql(
CREATE TABLE channel_secrets(
  mark TEXT PRIMARY KEY,
  channel_id INTEGER NOT NULL REFERENCES channels(id)) WITHOUT ROWID;
INSERT OR IGNORE INTO channel_secrets(mark,channel_id) SELECT secret_mark,id FROM channels WHERE secret_mark<>'' ORDER BY id DESC;
ALTER TABLE channels DROP COLUMN secret_mark;
)sql";

// Messages that came too late for their reply token were a list of ids in the meters.
constexpr const char* MISSED_MESSAGES = R"sql(
ALTER TABLE line_messages ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
UPDATE line_messages SET missed=1 WHERE ai_processed=0 AND EXISTS (SELECT 1 FROM meters WHERE
  name='missed:'||channel_id||':'||conversation AND ' '||value||' ' LIKE '% '||message_id||' %');
DELETE FROM meters WHERE name LIKE 'missed:%';
CREATE INDEX line_messages_missed ON line_messages(channel_id, conversation, id) WHERE missed=1;
)sql";

constexpr const char* HELD_QUESTIONS = R"sql(
ALTER TABLE held_answers ADD COLUMN answered_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE held_answers ADD COLUMN apology INTEGER NOT NULL DEFAULT 0;
CREATE INDEX held_answers_event ON held_answers(inbox_id);
)sql";

// A file's way from LINE to the files folder. Whatever takes a file's row away, its bytes are to be removed, too: the
// trigger says so in the same transaction, also when the row went with its message.
constexpr const char* FILES = R"sql(
ALTER TABLE line_files ADD COLUMN state TEXT NOT NULL DEFAULT 'failed'
  CHECK(state IN ('waiting','spooled','stored','failed'));
ALTER TABLE line_files ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line_files ADD COLUMN next_try INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line_files ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE line_files ADD COLUMN target TEXT NOT NULL DEFAULT '';
CREATE INDEX line_files_waiting ON line_files(next_try) WHERE state='waiting';
CREATE INDEX line_files_spooled ON line_files(id) WHERE state='spooled';
CREATE INDEX line_files_states ON line_files(state, file_size);
CREATE INDEX line_files_age ON line_files(created_at);

CREATE TABLE file_drops(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file_id INTEGER NOT NULL,
  target TEXT NOT NULL);
CREATE TRIGGER line_files_dropped AFTER DELETE ON line_files BEGIN
  INSERT INTO file_drops(file_id,target) VALUES(old.id, old.target);
END;
)sql";

}  // namespace

const std::vector<sql::Migration>& bridgeMigrations() {
  static const std::vector<sql::Migration> all{
      {1, FIRST},           {2, CONVERSATIONS},  {3, PUSHES}, {4, CHANNEL_SECRETS},
      {5, MISSED_MESSAGES}, {6, HELD_QUESTIONS}, {7, FILES}};
  return all;
}

}  // namespace tsunagi::store
