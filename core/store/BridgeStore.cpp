#include "store/BridgeStore.h"

#include <algorithm>

#include "store/StoreAccess.h"

namespace tsunagi::store {

const char* name(InboxState state) {
  switch (state) {
    case InboxState::New:
      return "new";
    case InboxState::Working:
      return "working";
    case InboxState::Done:
      return "done";
    case InboxState::Dead:
      break;
  }
  return "dead";
}

const char* name(OutboxState state) {
  switch (state) {
    case OutboxState::Pending:
      return "pending";
    case OutboxState::Sending:
      return "sending";
    case OutboxState::Sent:
      return "sent";
    case OutboxState::Failed:
      return "failed";
    case OutboxState::Unknown:
      break;
  }
  return "unknown";
}

BridgeStore::BridgeStore(StoreFile& file) : _file(file), _clock(file.clock()) {}

LinkMark BridgeStore::linkMark() {
  return _file.read([&](sql::Database& database) {
    LinkMark mark;
    auto query = database.query("SELECT epoch,last_seq,last_id FROM link_state WHERE id=1");
    if (query.step()) mark = {query.text(0), static_cast<uint64_t>(query.integer(1)), query.text(2)};
    return mark;
  });
}

std::vector<Notice> BridgeStore::notices(int64_t limit) {
  return _file.read([&](sql::Database& database) {
    std::vector<Notice> all;
    auto query = database.query("SELECT kind,detail,created_ms FROM link_notices ORDER BY id DESC LIMIT ?");
    query.bind(limit);
    while (query.step()) all.push_back({query.text(0), query.text(1), query.integer(2)});
    return all;
  });
}

bool BridgeStore::purge(int64_t rows) {
  return _file.write([&](sql::Database& database) {
    const int64_t now = _clock.wallMs();
    bool more = false;
    const auto drop = [&](const char* statement, int64_t value) {
      database.query(statement).bind(value).bind(rows).run();
      more = more || database.changes() >= rows;
    };
    drop(
        "UPDATE inbox SET body=NULL, reply_token=NULL WHERE id IN (SELECT id FROM inbox WHERE finished_ms<? AND body "
        "IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE inbox_id=inbox.id AND state IN ('pending','sending')) "
        "LIMIT ?)",
        now - BODY_KEPT_MS);
    // Events whose answer is still under way stay, however old they are.
    drop(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE finished_ms<? AND NOT EXISTS (SELECT 1 FROM outbox "
        "WHERE inbox_id=inbox.id AND state IN ('pending','sending')) LIMIT ?)",
        now - SEEN_KEPT_MS);
    drop(
        "DELETE FROM seen_events WHERE (channel_id,event_key) IN (SELECT channel_id,event_key FROM seen_events WHERE "
        "seen_ms<? LIMIT ?)",
        now - SEEN_KEPT_MS);
    drop("DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE created_ms<? LIMIT ?)",
         now - QUARANTINE_MS);
    drop(
        "DELETE FROM link_notices WHERE id IN (SELECT id FROM link_notices WHERE id<=(SELECT max(id) FROM "
        "link_notices)-? LIMIT ?)",
        NOTICES_KEPT);
    return more;
  });
}

StoreCounts BridgeStore::counts() {
  return _file.read([&](sql::Database& database) {
    StoreCounts counts;
    const auto single = [&](const char* statement) {
      auto query = database.query(statement);
      return query.step() ? static_cast<uint64_t>(query.integer(0)) : 0;
    };
    counts.inboxOpen = single("SELECT count(*) FROM inbox WHERE state IN ('new','working')");
    counts.outboxOpen = single("SELECT count(*) FROM outbox WHERE state IN ('pending','sending')");
    counts.quarantine = single("SELECT count(*) FROM quarantine");
    auto query = database.query("SELECT name,value FROM counters");
    const std::pair<const char*, uint64_t StoreCounts::*> fields[] = {{"webhooks", &StoreCounts::webhooks},
                                                                      {"events", &StoreCounts::events},
                                                                      {"duplicates", &StoreCounts::duplicates},
                                                                      {"refused", &StoreCounts::refused},
                                                                      {"quarantined", &StoreCounts::quarantined},
                                                                      {"released", &StoreCounts::released},
                                                                      {"gaps", &StoreCounts::gaps},
                                                                      {"resyncs", &StoreCounts::resyncs},
                                                                      {"answered", &StoreCounts::answered},
                                                                      {"apologies", &StoreCounts::apologies},
                                                                      {"notices", &StoreCounts::notices},
                                                                      {"merged", &StoreCounts::merged},
                                                                      {"late", &StoreCounts::late},
                                                                      {"failed", &StoreCounts::failed},
                                                                      {"sent", &StoreCounts::sent},
                                                                      {"unknown", &StoreCounts::unknown},
                                                                      {"held", &StoreCounts::held},
                                                                      {"pushes", &StoreCounts::pushes},
                                                                      {"pushed", &StoreCounts::pushed},
                                                                      {"dead", &StoreCounts::dead}};
    while (query.step())
      for (const auto& [counter, field] : fields)
        if (query.view(0) == counter) counts.*field = static_cast<uint64_t>(query.integer(1));
    return counts;
  });
}

}  // namespace tsunagi::store
