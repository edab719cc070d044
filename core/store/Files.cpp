#include "store/Files.h"

#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

constexpr FileState STATES[] = {FileState::Waiting, FileState::Spooled, FileState::Stored, FileState::Failed};

constexpr const char* ROW =
    "SELECT f.id,f.state,f.file_type,f.file_name,f.mime_type,f.sha256,f.reason,f.target,f.nas_path,"
    "f.file_size,f.created_at FROM line_files f ";

FileRow rowAt(const sql::Query& query) {
  FileRow row;
  row.id = query.integer(0);
  for (const FileState state : STATES)
    if (query.view(1) == name(state)) row.state = state;
  row.kind = query.text(2);
  row.fileName = query.text(3);
  row.mimeType = query.text(4);
  row.sha256 = query.text(5);
  row.reason = query.text(6);
  row.target = query.text(7);
  if (!query.isNull(8)) row.nasPath = query.text(8);
  row.size = query.optionalInteger(9);
  row.createdMs = query.integer(10);
  return row;
}

constexpr const char* OF_MESSAGE = "JOIN line_messages m ON m.id=f.message_id WHERE m.channel_id=? AND m.message_id=?";

uint64_t sumOf(sql::Database& database) {
  auto query = database.query("SELECT coalesce(sum(file_size),0) FROM line_files WHERE state IN ('spooled','stored')");
  query.step();
  return static_cast<uint64_t>(query.integer(0));
}

}  // namespace

std::string_view name(FileState state) {
  switch (state) {
    case FileState::Waiting:
      return "waiting";
    case FileState::Spooled:
      return "spooled";
    case FileState::Stored:
      return "stored";
    case FileState::Failed:
      break;
  }
  return "failed";
}

Files::Files(StoreFile& file) : _file(file) {}

std::optional<FileRow> Files::find(int64_t id) {
  return _file.read([&](sql::Database& database) -> std::optional<FileRow> {
    auto query = database.query(std::string(ROW) + "WHERE f.id=?");
    query.bind(id);
    if (!query.step()) return std::nullopt;
    return rowAt(query);
  });
}

std::optional<FileRow> Files::ofMessage(int64_t channelId, std::string_view messageId) {
  return _file.read([&](sql::Database& database) -> std::optional<FileRow> {
    auto query = database.query(std::string(ROW) + OF_MESSAGE);
    query.bind(channelId).bind(messageId);
    if (!query.step()) return std::nullopt;
    return rowAt(query);
  });
}

std::optional<FileRow> Files::want(int64_t channelId, std::string_view messageId) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "INSERT INTO line_files(message_id,file_type,state,created_at) SELECT id,message_type,'waiting',? FROM "
            "line_messages WHERE channel_id=? AND message_id=? AND file_id IS NULL AND is_from_bot=0 AND message_type "
            "IN "
            "('image','video','audio','file')")
        .bind(_file.nowMs())
        .bind(channelId)
        .bind(messageId)
        .run();
    if (database.changes() == 0) return;
    const int64_t id = database.lastInsertId();
    database.query("UPDATE line_messages SET file_id=? WHERE channel_id=? AND message_id=?")
        .bind(id)
        .bind(channelId)
        .bind(messageId)
        .run();
  });
  return ofMessage(channelId, messageId);
}

std::vector<FetchJob> Files::due(int64_t maxAheadMs, int64_t rows) {
  return _file.read([&](sql::Database& database) {
    std::vector<FetchJob> all;
    const int64_t now = _file.nowMs();
    auto query = database.query(
        "SELECT f.id,m.message_id,m.channel_id,c.name,f.file_type,f.file_size,f.attempts,f.reason,m.line_user_id,"
        "m.line_group_id,coalesce(p.files_folder,''),f.created_at FROM line_files f JOIN line_messages m ON "
        "m.id=f.message_id JOIN channels c ON c.id=m.channel_id LEFT JOIN line_groups g ON g.id=m.line_group_id LEFT "
        "JOIN projects p ON p.id=g.project_id WHERE f.state='waiting' AND (f.next_try<=? OR f.next_try>?) ORDER BY "
        "f.file_type<>'image', f.next_try, f.id LIMIT ?");
    query.bind(now).bind(now + maxAheadMs).bind(rows);
    while (query.step()) {
      FetchJob job;
      job.id = query.integer(0);
      job.messageId = query.text(1);
      job.channelId = query.integer(2);
      job.channel = query.text(3);
      job.kind = query.text(4);
      job.announcedSize = query.optionalInteger(5);
      job.attempts = query.integer(6);
      job.reason = query.text(7);
      job.personId = query.optionalInteger(8);
      job.groupId = query.optionalInteger(9);
      job.projectFolder = query.text(10);
      job.createdMs = query.integer(11);
      all.push_back(std::move(job));
    }
    return all;
  });
}

std::optional<int64_t> Files::nextDueMs() {
  return _file.read([&](sql::Database& database) {
    auto query = database.query("SELECT min(next_try) FROM line_files WHERE state='waiting'");
    query.step();
    return query.optionalInteger(0);
  });
}

void Files::postpone(int64_t id, int64_t untilMs, std::string_view reason, bool failed) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_files SET next_try=?, reason=?, attempts=attempts+? WHERE id=? AND state='waiting'")
        .bind(untilMs)
        .bind(reason)
        .bind(int64_t{failed ? 1 : 0})
        .bind(id)
        .run();
  });
}

bool Files::fail(int64_t id, std::string_view reason) {
  return _file.write([&](sql::Database& database) {
    database.query("UPDATE line_files SET state='failed', reason=? WHERE id=? AND state IN ('waiting','spooled')")
        .bind(reason)
        .bind(id)
        .run();
    const bool known = database.changes() > 0;
    if (known) StoreFile::count(database, "files_gave_up", 1);
    return known;
  });
}

bool Files::spooled(int64_t id, const Download& download) {
  return _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE line_files SET state='spooled', reason='', attempts=0, file_size=?, mime_type=?, "
            "sha256=?, target=? WHERE id=? AND state='waiting'")
        .bind(download.size)
        .bind(download.mimeType)
        .bind(download.sha256)
        .bind(download.target)
        .bind(id)
        .run();
    const bool known = database.changes() > 0;
    if (!known) return false;
    StoreFile::count(database, "files_downloaded", 1);
    StoreFile::count(database, "files_downloaded_bytes", static_cast<uint64_t>(download.size));
    return true;
  });
}

bool Files::retarget(int64_t id, std::string_view target) {
  return _file.write([&](sql::Database& database) {
    database.query("UPDATE line_files SET target=? WHERE id=? AND state='spooled'").bind(target).bind(id).run();
    return database.changes() > 0;
  });
}

bool Files::stored(int64_t id) {
  return _file.write([&](sql::Database& database) {
    database.query("UPDATE line_files SET state='stored', nas_path=target WHERE id=? AND state='spooled'")
        .bind(id)
        .run();
    const bool known = database.changes() > 0;
    if (known) StoreFile::count(database, "files_moved", 1);
    return known;
  });
}

std::vector<FileRow> Files::toMove(int64_t afterId, int64_t rows) {
  return _file.read([&](sql::Database& database) {
    std::vector<FileRow> all;
    auto query = database.query(std::string(ROW) + "WHERE f.state='spooled' AND f.id>? ORDER BY f.id LIMIT ?");
    query.bind(afterId).bind(rows);
    while (query.step()) all.push_back(rowAt(query));
    return all;
  });
}

std::vector<FileDrop> Files::drops(int64_t afterId, int64_t rows) {
  return _file.read([&](sql::Database& database) {
    std::vector<FileDrop> all;
    auto query = database.query("SELECT id,file_id,target FROM file_drops WHERE id>? ORDER BY id LIMIT ?");
    query.bind(afterId).bind(rows);
    while (query.step()) all.push_back({query.integer(0), query.integer(1), query.text(2)});
    return all;
  });
}

void Files::retryNow() {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_files SET next_try=0 WHERE state='waiting' AND next_try>0").run();
  });
}

void Files::finishDrop(int64_t id) {
  _file.write([&](sql::Database& database) {
    database.query("DELETE FROM file_drops WHERE id=?").bind(id).run();
    StoreFile::count(database, "files_dropped", static_cast<uint64_t>(database.changes()));
  });
}

bool Files::purge(int64_t olderThanMs, int64_t rows) {
  return _file.write([&](sql::Database& database) {
    database.query("DELETE FROM line_files WHERE id IN (SELECT id FROM line_files WHERE created_at<? LIMIT ?)")
        .bind(olderThanMs)
        .bind(rows)
        .run();
    return database.changes() >= rows;
  });
}

uint64_t Files::bytes() {
  return _file.read([](sql::Database& database) { return sumOf(database); });
}

FileCounts Files::counts() {
  return _file.read([](sql::Database& database) {
    FileCounts counts;
    uint64_t* const fields[] = {&counts.waiting, &counts.spooled, &counts.stored, &counts.failed};
    auto states = database.query("SELECT state,count(*) FROM line_files GROUP BY state");
    while (states.step())
      for (size_t i = 0; i < std::size(STATES); ++i)
        if (states.view(0) == name(STATES[i])) *fields[i] = static_cast<uint64_t>(states.integer(1));
    auto drops = database.query("SELECT count(*) FROM file_drops");
    drops.step();
    counts.dropping = static_cast<uint64_t>(drops.integer(0));
    counts.bytes = sumOf(database);
    const std::pair<const char*, uint64_t*> totals[] = {{"files_downloaded", &counts.downloaded},
                                                        {"files_downloaded_bytes", &counts.downloadedBytes},
                                                        {"files_moved", &counts.moved},
                                                        {"files_gave_up", &counts.gaveUp},
                                                        {"files_dropped", &counts.dropped}};
    auto counters = database.query("SELECT name,value FROM counters WHERE name LIKE 'files\\_%' ESCAPE '\\'");
    while (counters.step())
      for (const auto& [counter, field] : totals)
        if (counters.view(0) == counter) *field = static_cast<uint64_t>(counters.integer(1));
    return counts;
  });
}

}  // namespace tsunagi::store
