// The outbox's part of BridgeStore: an answer's row from pending to sent.
#include <nlohmann/json.hpp>

#include "base/Encoding.h"
#include "base/Random.h"
#include "store/StoreAccess.h"

namespace tsunagi::store {

std::optional<OutboxRow> BridgeStore::openOutboxOf(int64_t inboxId) {
  return _file.read([&](sql::Database& database) -> std::optional<OutboxRow> {
    auto query = database.query(
        "SELECT o.id,o.inbox_id,o.channel_id,c.name,o.method,o.target,o.body,o.state,o.attempts,i.received_steady_ms,"
        "i.boot_id,i.received_wall_ms,i.age_ms,o.retry_key,coalesce(o.first_sent_ms,0),o.recipients FROM outbox o JOIN "
        "inbox i ON "
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
    row.recipients = query.integer(15);
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

void BridgeStore::markPending(int64_t outboxId, std::string_view requestId, std::string_view reason) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE outbox SET state='pending', line_request_id=?, reason=? WHERE id=? AND state='sending'")
        .bind(requestId)
        .bind(reason)
        .bind(outboxId)
        .run();
  });
}

void BridgeStore::noteAttempt(int64_t outboxId, std::string_view requestId, std::string_view reason) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE outbox SET line_request_id=?, reason=? WHERE id=? AND state='sending'")
        .bind(requestId)
        .bind(reason)
        .bind(outboxId)
        .run();
  });
}

bool BridgeStore::closeOutbox(sql::Database& database, int64_t outboxId, OutboxState state, std::string_view requestId,
                              std::string_view reason) {
  database
      .query(
          "UPDATE outbox SET state=?1, line_request_id=iif(?2='',line_request_id,?2), reason=?3, finished_ms=?4, "
          "target='', body='', asker='' WHERE id=?5 AND state IN ('pending','sending')")
      .bind(name(state))
      .bind(requestId)
      .bind(reason)
      .bind(_clock.wallMs())
      .bind(outboxId)
      .run();
  if (database.changes() == 0) return false;
  database.query("UPDATE inbox SET reply_token=NULL WHERE id=(SELECT inbox_id FROM outbox WHERE id=?)")
      .bind(outboxId)
      .run();
  return true;
}

void BridgeStore::finishOutbox(int64_t outboxId, OutboxState state, std::string_view requestId, std::string_view reason,
                               const std::vector<std::string>& sentMessageIds) {
  _file.write([&](sql::Database& database) {
    if (!closeOutbox(database, outboxId, state, requestId, reason)) return;
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
    if (state != OutboxState::Sent) return;
    StoreFile::count(database, "sent", 1);
    auto pushed = database.query("SELECT recipients FROM outbox WHERE id=? AND method='push'");
    pushed.bind(outboxId);
    if (!pushed.step()) return;
    StoreFile::count(database, "pushes", 1);
    StoreFile::count(database, "pushed", static_cast<uint64_t>(pushed.integer(0)));
  });
}

namespace {

// Of the texts among these messages those from `from` to before `to`.
nlohmann::json textsIn(const std::string& messages, int64_t from, int64_t to) {
  nlohmann::json texts = nlohmann::json::array();
  int64_t number = 0;
  const auto parsed = nlohmann::json::parse(messages, nullptr, false);
  if (!parsed.is_array()) return texts;
  for (const auto& message : parsed) {
    if (!message.is_object() || message.value("type", "") != "text") continue;
    if (number >= from && number < to) texts.push_back(message.value("text", ""));
    ++number;
  }
  return texts;
}

}  // namespace

bool BridgeStore::holdOutbox(int64_t outboxId, std::string_view requestId, std::string_view reason) {
  return _file.write([&](sql::Database& database) {
    int64_t inboxId = 0, carried = 0, carriedTexts = 0;
    std::string asker, body;
    {
      auto row = database.query(
          "SELECT inbox_id,asker,held_answer,held_texts,body FROM outbox WHERE id=? AND state IN "
          "('pending','sending')");
      row.bind(outboxId);
      if (!row.step()) return false;
      inboxId = row.integer(0);
      asker = row.text(1);
      carried = row.integer(2);
      carriedTexts = row.integer(3);
      body = row.text(4);
    }
    // Where the words themselves are not kept there is still a row for each of them.
    int64_t said = 0;
    {
      auto count = database.query("SELECT count(*) FROM line_messages WHERE outbox_id=?");
      count.bind(outboxId);
      if (count.step()) said = count.integer(0);
    }
    const nlohmann::json texts = textsIn(body, carriedTexts, said);
    const bool waitsAgain = carriedTexts > 0;
    const bool kept = waitsAgain || !texts.empty();
    closeOutbox(database, outboxId, OutboxState::Failed, requestId, reason);
    StoreFile::count(database, kept ? "held" : "failed", 1);
    database.query("DELETE FROM line_messages WHERE outbox_id=?").bind(outboxId).run();
    if (!kept) return false;
    database
        .query(
            "UPDATE line_messages SET ai_processed=0 WHERE ai_processed=1 AND message_id IN (SELECT value FROM "
            "json_each((SELECT answered_ids FROM outbox WHERE id=?1))) AND channel_id=(SELECT channel_id FROM outbox "
            "WHERE id=?1)")
        .bind(outboxId)
        .run();
    if (waitsAgain) database.query("UPDATE held_answers SET delivered=0 WHERE id=?").bind(carried).run();
    if (!texts.empty())
      database
          .query(
              "INSERT INTO held_answers(channel_id,conversation,inbox_id,asker,ticket,texts,answered_ids,created_at) "
              "SELECT i.channel_id,i.conversation,i.id,?,?,?,o.answered_ids,? FROM inbox i, outbox o WHERE i.id=? AND "
              "o.id=?")
          .bind(asker)
          .bind(toHex(randomBytes(16)))
          .bind(texts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
          .bind(_clock.wallMs())
          .bind(inboxId)
          .bind(outboxId)
          .run();
    database.query("UPDATE held_answers SET is_rest=0 WHERE inbox_id=? AND is_rest=1 AND delivered=0")
        .bind(inboxId)
        .run();
    return true;
  });
}

}  // namespace tsunagi::store
