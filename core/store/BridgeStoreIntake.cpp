// The intake's part of BridgeStore: channels, events and their dedupe keys, quarantine, the place in the relay's queue.
#include <algorithm>

#include "store/StoreAccess.h"

namespace tsunagi::store {

std::optional<int64_t> BridgeStore::bindChannel(std::string_view name, std::string_view destination,
                                                std::string_view secretMark,
                                                const std::vector<std::string>& configuredNames) {
  struct Known {
    std::optional<int64_t> id, signedFor;  // the bot's row, the row of the bot this secret is known from
    std::string name;
  };
  const auto known = _file.read([&](sql::Database& database) {
    Known found;
    auto bot = database.query("SELECT id,name FROM channels WHERE destination=?");
    bot.bind(destination);
    if (bot.step()) found.id = bot.integer(0), found.name = bot.text(1);
    auto secret = database.query("SELECT channel_id FROM channel_secrets WHERE mark=?");
    secret.bind(secretMark);
    if (secret.step()) found.signedFor = secret.integer(0);
    return found;
  });
  if (known.signedFor && known.signedFor != known.id) return std::nullopt;
  if (known.signedFor && known.name == name) return known.id;
  const auto& names = configuredNames;
  if (known.id && known.name != name && std::find(names.begin(), names.end(), known.name) != names.end())
    return std::nullopt;
  return _file.write([&](sql::Database& database) {
    if (known.id) {
      database.query("UPDATE channels SET name=? WHERE id=?").bind(name).bind(*known.id).run();
    } else {
      database.query("INSERT INTO channels(destination,name,created_ms) VALUES(?,?,?)")
          .bind(destination)
          .bind(name)
          .bind(_clock.wallMs())
          .run();
    }
    const int64_t id = known.id.value_or(database.lastInsertId());
    database.query("INSERT INTO channel_secrets(mark,channel_id) VALUES(?,?) ON CONFLICT DO NOTHING")
        .bind(secretMark)
        .bind(id)
        .run();
    return std::optional<int64_t>(id);
  });
}

int64_t BridgeStore::channelNamed(std::string_view name) {
  return _file.write([&](sql::Database& database) {
    auto query = database.query("SELECT id FROM channels WHERE name=? ORDER BY id DESC LIMIT 1");
    query.bind(name);
    if (query.step()) return query.integer(0);
    // "?" begins no user id of a bot, so the row stays apart from every real one.
    database.query("INSERT INTO channels(destination,name,created_ms) VALUES('?'||?,?,?)")
        .bind(name)
        .bind(name)
        .bind(_clock.wallMs())
        .run();
    return database.lastInsertId();
  });
}

std::optional<int64_t> BridgeStore::findChannel(std::string_view name) {
  return _file.read([&](sql::Database& database) -> std::optional<int64_t> {
    auto query = database.query(
        "SELECT id FROM channels WHERE name=? AND substr(destination,1,1)<>'?' ORDER BY id DESC LIMIT 1");
    query.bind(name);
    if (!query.step()) return std::nullopt;
    return query.integer(0);
  });
}

IntakeResult BridgeStore::commitIntake(const IntakeBatch& batch) {
  return _file.write([&](sql::Database& database) {
    IntakeResult result;
    for (const NewEvent& event : batch.events) {
      if (!insertEvent(database, event, result)) {
        ++result.duplicates;
        renewTokenClock(database, event);
      }
    }
    for (const QuarantinedWebhook& webhook : batch.quarantined) insertQuarantined(database, webhook);
    for (const int64_t id : batch.released) database.query("DELETE FROM quarantine WHERE id=?").bind(id).run();
    for (const Notice& notice : batch.notices) {
      database.query("INSERT INTO link_notices(kind,detail,created_ms) VALUES(?,?,?)")
          .bind(notice.kind)
          .bind(notice.detail)
          .bind(notice.wallMs)
          .run();
      if (notice.kind == "gap") StoreFile::count(database, "gaps", 1);
      if (notice.kind == "resync") StoreFile::count(database, "resyncs", 1);
    }
    if (batch.mark) {
      database
          .query(
              "INSERT INTO link_state(id,epoch,last_seq,last_id) VALUES(1,?,?,?) ON CONFLICT(id) DO UPDATE SET "
              "epoch=excluded.epoch, last_seq=excluded.last_seq, last_id=excluded.last_id")
          .bind(batch.mark->epoch)
          .bind(static_cast<int64_t>(batch.mark->lastSeq))
          .bind(batch.mark->lastId)
          .run();
    }
    StoreFile::count(database, "webhooks", batch.webhooks);
    StoreFile::count(database, "events", batch.events.size() - result.duplicates);
    StoreFile::count(database, "duplicates", result.duplicates);
    StoreFile::count(database, "refused", batch.refused);
    StoreFile::count(database, "quarantined", batch.quarantined.size());
    StoreFile::count(database, "released", batch.released.size());
    return result;
  });
}

bool BridgeStore::insertEvent(sql::Database& database, const NewEvent& event, IntakeResult& result) {
  const int64_t now = _clock.wallMs();
  database.query("INSERT INTO seen_events(channel_id,event_key,seen_ms) VALUES(?,?,?) ON CONFLICT DO NOTHING")
      .bind(event.channelId)
      .bind(event.eventKey)
      .bind(now)
      .run();
  if (database.changes() == 0) return false;
  auto insert = database.query(
      "INSERT INTO inbox(channel_id,conversation,event_key,type,body,reply_token,received_steady_ms,boot_id,"
      "received_wall_ms,age_ms,state,outcome,created_ms,finished_ms) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  insert.bind(event.channelId).bind(event.conversation).bind(event.eventKey).bind(event.type).bind(event.body);
  insert.bind(event.replyToken).bind(event.receipt.steadyMs).bind(event.receipt.bootId).bind(event.receipt.wallMs);
  insert.bind(event.receipt.ageMs).bind(name(event.dead ? InboxState::Dead : InboxState::New)).bind(event.outcome);
  insert.bind(now);
  event.dead ? insert.bind(now) : insert.bindNull();
  insert.run();
  if (event.dead)
    StoreFile::count(database, "dead", 1);
  else
    result.inserted.push_back({database.lastInsertId(), event.channelId, event.conversation, event.type == TAP_TYPE});
  return true;
}

// LINE gives a redelivered event another minute for the same token, and the relay may know its age better the second
// time; an event that was answered, or whose token is spent, keeps what it has.
void BridgeStore::renewTokenClock(sql::Database& database, const NewEvent& event) {
  if (!event.replyToken || event.dead) return;
  auto update = database.query(
      "UPDATE inbox SET received_steady_ms=?, boot_id=?, received_wall_ms=?, age_ms=? WHERE channel_id=? AND "
      "event_key=? AND reply_token=? AND (boot_id<>? OR received_steady_ms-age_ms<?)");
  update.bind(event.receipt.steadyMs).bind(event.receipt.bootId).bind(event.receipt.wallMs).bind(event.receipt.ageMs);
  update.bind(event.channelId).bind(event.eventKey).bind(*event.replyToken).bind(event.receipt.bootId);
  update.bind(event.receipt.steadyMs - event.receipt.ageMs).run();
}

void BridgeStore::insertQuarantined(sql::Database& database, const QuarantinedWebhook& webhook) {
  auto insert = database.query(
      "INSERT INTO quarantine(link_id,epoch,seq,replay,signature,body,received_steady_ms,boot_id,received_wall_ms,"
      "age_ms,created_ms) VALUES(?,?,?,?,?,?,?,?,?,?,?)");
  insert.bind(webhook.linkId).bind(webhook.epoch).bind(static_cast<int64_t>(webhook.seq)).bind(webhook.replay);
  insert.bind(webhook.signature).bindBlob(webhook.body).bind(webhook.receipt.steadyMs).bind(webhook.receipt.bootId);
  insert.bind(webhook.receipt.wallMs).bind(webhook.receipt.ageMs).bind(_clock.wallMs()).run();
  database.query("DELETE FROM quarantine WHERE id NOT IN (SELECT id FROM quarantine ORDER BY id DESC LIMIT ?)")
      .bind(QUARANTINE_WEBHOOKS)
      .run();
}

std::vector<QuarantinedWebhook> BridgeStore::quarantine() {
  return _file.read([&](sql::Database& database) {
    std::vector<QuarantinedWebhook> all;
    auto query = database.query(
        "SELECT id,link_id,epoch,seq,replay,signature,body,received_steady_ms,boot_id,received_wall_ms,age_ms FROM "
        "quarantine WHERE created_ms>=? ORDER BY id");
    query.bind(_clock.wallMs() - QUARANTINE_MS);
    while (query.step()) {
      QuarantinedWebhook webhook;
      webhook.id = query.integer(0);
      webhook.linkId = query.text(1);
      webhook.epoch = query.text(2);
      webhook.seq = static_cast<uint64_t>(query.integer(3));
      webhook.replay = query.text(4);
      webhook.signature = query.text(5);
      webhook.body = query.text(6);
      webhook.receipt = receiptAt(query, 7);
      all.push_back(std::move(webhook));
    }
    return all;
  });
}

}  // namespace tsunagi::store
