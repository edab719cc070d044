// The workers' part of BridgeStore: an event's way from new to done, and to its answer's row.
#include <nlohmann/json.hpp>

#include "store/StoreAccess.h"

namespace tsunagi::store {

std::vector<LaneEntry> BridgeStore::openEntries() {
  return _file.read([&](sql::Database& database) {
    std::vector<LaneEntry> all;
    auto query = database.query(
        "SELECT id,channel_id,conversation,type FROM inbox WHERE state IN ('new','working') OR id IN (SELECT inbox_id "
        "FROM "
        "outbox WHERE state IN ('pending','sending')) ORDER BY id");
    while (query.step()) all.push_back({query.integer(0), query.integer(1), query.text(2), query.view(3) == TAP_TYPE});
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

std::vector<InboxRow> BridgeStore::openBehind(const InboxRow& row, int64_t limit) {
  return _file.read([&](sql::Database& database) {
    std::vector<InboxRow> all;
    auto query = database.query(
        std::string(INBOX_ROW) +
        "WHERE i.state IN ('new','working') AND i.id>? AND i.channel_id=? AND i.conversation=? AND i.type<>? "
        "ORDER BY i.id LIMIT ?");
    query.bind(row.id).bind(row.channelId).bind(row.conversation).bind(TAP_TYPE).bind(limit);
    while (query.step()) all.push_back(inboxRowAt(query));
    return all;
  });
}

void BridgeStore::beginWork(int64_t inboxId, const std::vector<int64_t>& merged) {
  changeEach(inboxId, merged,
             "UPDATE inbox SET state='working', attempts=attempts+1 WHERE id=? AND state IN ('new','working')");
}

void BridgeStore::returnWork(int64_t inboxId, const std::vector<int64_t>& merged) {
  changeEach(inboxId, merged,
             "UPDATE inbox SET state='new', attempts=max(attempts-1,0) WHERE id=? AND state='working'");
}

void BridgeStore::changeEach(int64_t inboxId, const std::vector<int64_t>& others, const char* statement) {
  _file.write([&](sql::Database& database) {
    database.query(statement).bind(inboxId).run();
    for (const int64_t other : others) database.query(statement).bind(other).run();
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
      "INSERT INTO outbox(inbox_id,channel_id,method,target,body,retry_key,recipients,asker,answered_ids,state,"
      "created_ms) SELECT id,channel_id,?,?,?,?,?,?,?,'pending',? FROM inbox WHERE id=?");
  insert.bind(draft.method).bind(draft.target).bind(draft.body).bind(draft.retryKey).bind(draft.recipients);
  insert.bind(draft.asker).bind(nlohmann::json(draft.answeredIds).dump()).bind(_clock.wallMs());
  insert.bind(inboxId).run();
  const int64_t id = database.lastInsertId();
  if (draft.heldAnswer != 0) {
    database.query("UPDATE held_answers SET delivered=1 WHERE id=? AND delivered=0").bind(draft.heldAnswer).run();
    if (database.changes() > 0)
      database.query("UPDATE outbox SET held_answer=?, held_texts=? WHERE id=?")
          .bind(draft.heldAnswer)
          .bind(static_cast<int64_t>(draft.heldTexts))
          .bind(id)
          .run();
  }
  for (const auto& messageId : draft.answeredIds)
    database
        .query(
            "UPDATE line_messages SET ai_processed=?, missed=0 WHERE message_id=? AND channel_id=(SELECT channel_id "
            "FROM inbox WHERE id=?)")
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

}  // namespace tsunagi::store
