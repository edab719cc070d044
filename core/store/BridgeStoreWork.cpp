// The workers' part of BridgeStore: an event's way from new to done, and its answer's from pending to sent.
#include "store/StoreAccess.h"

namespace tsunagi::store {

std::vector<LaneEntry> BridgeStore::openEntries() {
  return _file.read([&](sql::Database& database) {
    std::vector<LaneEntry> all;
    auto query = database.query(
        "SELECT id,channel_id,conversation FROM inbox WHERE state IN ('new','working') OR id IN (SELECT inbox_id FROM "
        "outbox WHERE state IN ('pending','sending')) ORDER BY id");
    while (query.step()) all.push_back({query.integer(0), query.integer(1), query.text(2)});
    return all;
  });
}

namespace {

constexpr const char* INBOX_ROW =
    "SELECT i.id,i.channel_id,c.name,i.conversation,i.type,i.body,i.reply_token,i.state,i.attempts,"
    "i.received_steady_ms,i.boot_id,i.received_wall_ms,i.age_ms FROM inbox i JOIN channels c ON c.id=i.channel_id ";

InboxRow inboxRowAt(const sql::Query& query) {
  InboxRow row;
  row.id = query.integer(0);
  row.channelId = query.integer(1);
  row.channel = query.text(2);
  row.conversation = query.text(3);
  row.type = query.text(4);
  row.body = query.text(5);
  if (!query.isNull(6)) row.replyToken = query.text(6);
  for (const auto state : {InboxState::New, InboxState::Working, InboxState::Done, InboxState::Dead})
    if (query.view(7) == name(state)) row.state = state;
  row.attempts = query.integer(8);
  row.receipt = receiptAt(query, 9);
  return row;
}

}  // namespace

std::optional<InboxRow> BridgeStore::inboxRow(int64_t inboxId) {
  return _file.read([&](sql::Database& database) -> std::optional<InboxRow> {
    auto query = database.query(std::string(INBOX_ROW) + "WHERE i.id=?");
    query.bind(inboxId);
    if (!query.step()) return std::nullopt;
    return inboxRowAt(query);
  });
}

std::vector<InboxRow> BridgeStore::newBehind(const InboxRow& row, int64_t limit) {
  return _file.read([&](sql::Database& database) {
    std::vector<InboxRow> all;
    auto query = database.query(std::string(INBOX_ROW) +
                                "WHERE i.state='new' AND i.id>? AND i.channel_id=? AND i.conversation=? ORDER BY i.id "
                                "LIMIT ?");
    query.bind(row.id).bind(row.channelId).bind(row.conversation).bind(limit);
    while (query.step()) all.push_back(inboxRowAt(query));
    return all;
  });
}

void BridgeStore::beginWork(int64_t inboxId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE inbox SET state='working', attempts=attempts+1 WHERE id=? AND state IN ('new','working')")
        .bind(inboxId)
        .run();
  });
}

void BridgeStore::returnWork(int64_t inboxId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE inbox SET state='new', attempts=max(attempts-1,0) WHERE id=? AND state='working'")
        .bind(inboxId)
        .run();
  });
}

// What was done is no more read, so its text goes at once (S20); a dead event's stays for a day, for who looks why.
void BridgeStore::closeInbox(sql::Database& database, int64_t inboxId, InboxState state, std::string_view outcome) {
  database.query("UPDATE inbox SET state=?1, outcome=?2, finished_ms=?3, body=iif(?1='done',NULL,body) WHERE id=?4")
      .bind(name(state))
      .bind(outcome)
      .bind(_clock.wallMs())
      .bind(inboxId)
      .run();
  if (state == InboxState::Dead) StoreFile::count(database, "dead", 1);
}

void BridgeStore::finish(int64_t inboxId, InboxState state, std::string_view outcome) {
  _file.write([&](sql::Database& database) {
    closeInbox(database, inboxId, state, outcome);
    database.query("UPDATE inbox SET reply_token=NULL WHERE id=?").bind(inboxId).run();
    if (outcome == "late") StoreFile::count(database, "late", 1);
  });
}

int64_t BridgeStore::answer(int64_t inboxId, InboxState state, std::string_view outcome, const OutboxDraft& draft,
                            const std::vector<int64_t>& merged) {
  return _file.write([&](sql::Database& database) {
    closeInbox(database, inboxId, state, outcome);
    for (const int64_t other : merged) {
      closeInbox(database, other, InboxState::Done, "merged");
      database.query("UPDATE inbox SET reply_token=NULL WHERE id=?").bind(other).run();
    }
    StoreFile::count(database, "merged", merged.size());
    StoreFile::count(database, outcome == "apology" ? "apologies" : outcome == "answered" ? "answered" : "notices", 1);
    return insertOutbox(database, inboxId, draft);
  });
}

int64_t BridgeStore::interim(int64_t inboxId, const OutboxDraft& draft) {
  return _file.write([&](sql::Database& database) { return insertOutbox(database, inboxId, draft); });
}

int64_t BridgeStore::insertOutbox(sql::Database& database, int64_t inboxId, const OutboxDraft& draft) {
  auto insert = database.query(
      "INSERT INTO outbox(inbox_id,channel_id,method,target,body,retry_key,state,created_ms) SELECT id,channel_id,?,?,"
      "?,?,'pending',? FROM inbox WHERE id=?");
  insert.bind(draft.method).bind(draft.target).bind(draft.body).bind(draft.retryKey).bind(_clock.wallMs());
  insert.bind(inboxId).run();
  const int64_t id = database.lastInsertId();
  if (draft.heldAnswer != 0)
    database.query("UPDATE held_answers SET delivered=1 WHERE id=?").bind(draft.heldAnswer).run();
  for (const auto& messageId : draft.answeredIds)
    database
        .query(
            "UPDATE line_messages SET ai_processed=? WHERE message_id=? AND channel_id=(SELECT channel_id FROM inbox "
            "WHERE id=?)")
        .bind(int64_t{draft.apology ? 2 : 1})
        .bind(messageId)
        .bind(inboxId)
        .run();
  if (!draft.answeredIds.empty())
    database
        .query(
            "UPDATE conversations SET last_turn_at=? WHERE (channel_id,conversation)=(SELECT channel_id,conversation "
            "FROM inbox WHERE id=?)")
        .bind(_clock.wallMs())
        .bind(inboxId)
        .run();
  keepAnswer(database, inboxId, id, draft.texts);
  return id;
}

// LINE's ids of these messages are known only when they were sent.
void BridgeStore::keepAnswer(sql::Database& database, int64_t inboxId, int64_t outboxId,
                             const std::vector<std::string>& texts) {
  for (size_t i = 0; i < texts.size(); ++i) {
    database
        .query(
            "INSERT INTO line_messages(channel_id,conversation,session,message_id,line_group_id,message_type,content,"
            "is_from_bot,ai_processed,outbox_id,created_at) SELECT i.channel_id,i.conversation,coalesce(c.session,1),?,"
            "g.id,'text',?,1,1,?,? FROM inbox i LEFT JOIN conversations c ON c.channel_id=i.channel_id AND "
            "c.conversation=i.conversation LEFT JOIN line_groups g ON g.channel_id=i.channel_id AND "
            "g.line_group_id=i.conversation WHERE i.id=?")
        .bind("out:" + std::to_string(outboxId) + ":" + std::to_string(i))
        .bind(texts[i])
        .bind(outboxId)
        .bind(_clock.wallMs())
        .bind(inboxId)
        .run();
  }
}

std::optional<OutboxRow> BridgeStore::openOutboxOf(int64_t inboxId) {
  return _file.read([&](sql::Database& database) -> std::optional<OutboxRow> {
    auto query = database.query(
        "SELECT o.id,o.inbox_id,o.channel_id,c.name,o.method,o.target,o.body,o.state,o.attempts,i.received_steady_ms,"
        "i.boot_id,i.received_wall_ms,i.age_ms,o.retry_key,coalesce(o.first_sent_ms,0) FROM outbox o JOIN inbox i ON "
        "i.id=o.inbox_id JOIN channels c ON "
        "c.id=o.channel_id WHERE o.inbox_id=? AND o.state IN ('pending','sending') ORDER BY o.id LIMIT 1");
    query.bind(inboxId);
    if (!query.step()) return std::nullopt;
    OutboxRow row;
    row.id = query.integer(0);
    row.inboxId = query.integer(1);
    row.channelId = query.integer(2);
    row.channel = query.text(3);
    row.method = query.text(4);
    row.target = query.text(5);
    row.body = query.text(6);
    row.state = query.view(7) == name(OutboxState::Sending) ? OutboxState::Sending : OutboxState::Pending;
    row.attempts = query.integer(8);
    row.receipt = receiptAt(query, 9);
    row.retryKey = query.text(13);
    row.firstSentMs = query.integer(14);
    return row;
  });
}

void BridgeStore::markSending(int64_t outboxId) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE outbox SET state='sending', attempts=attempts+1, first_sent_ms=coalesce(first_sent_ms,?) WHERE "
            "id=? AND state IN ('pending','sending')")
        .bind(_clock.wallMs())
        .bind(outboxId)
        .run();
  });
}

void BridgeStore::markPending(int64_t outboxId, std::string_view reason) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE outbox SET state='pending', reason=? WHERE id=? AND state='sending'")
        .bind(reason)
        .bind(outboxId)
        .run();
  });
}

void BridgeStore::finishOutbox(int64_t outboxId, OutboxState state, std::string_view requestId, std::string_view reason,
                               const std::vector<std::string>& sentMessageIds) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE outbox SET state=?, line_request_id=?, reason=?, finished_ms=?, target='', body='' WHERE id=? "
            "AND state IN ('pending','sending')")
        .bind(name(state))
        .bind(requestId)
        .bind(reason)
        .bind(_clock.wallMs())
        .bind(outboxId)
        .run();
    if (database.changes() == 0) return;
    database.query("UPDATE inbox SET reply_token=NULL WHERE id=(SELECT inbox_id FROM outbox WHERE id=?)")
        .bind(outboxId)
        .run();
    for (size_t i = 0; i < sentMessageIds.size(); ++i)
      database.query("UPDATE OR IGNORE line_messages SET message_id=? WHERE outbox_id=? AND message_id=?")
          .bind(sentMessageIds[i])
          .bind(outboxId)
          .bind("out:" + std::to_string(outboxId) + ":" + std::to_string(i))
          .run();
    // What surely nobody saw was not said.
    if (state == OutboxState::Failed)
      database.query("DELETE FROM line_messages WHERE outbox_id=?").bind(outboxId).run();
    if (state == OutboxState::Failed) StoreFile::count(database, "failed", 1);
    if (state == OutboxState::Unknown) StoreFile::count(database, "unknown", 1);
    if (state == OutboxState::Sent) StoreFile::count(database, "sent", 1);
  });
}

}  // namespace tsunagi::store
