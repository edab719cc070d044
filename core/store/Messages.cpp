#include "store/Messages.h"

#include <algorithm>

#include "store/Access.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

constexpr const char* MESSAGE =
    "SELECT m.id,m.message_id,m.message_type,m.content,m.quote_token,m.quoted_message_id,m.line_user_id,"
    "coalesce(nullif(g.display_name,''),u.display_name,''),m.is_from_bot,m.created_at,m.ai_processed,"
    "m.conversation FROM "
    "line_messages m LEFT JOIN "
    "line_users u ON u.id=m.line_user_id LEFT JOIN group_members g ON g.group_id=m.line_group_id AND "
    "g.line_user_id=m.line_user_id ";

StoredMessage messageAt(const sql::Query& query) {
  StoredMessage message;
  message.id = query.integer(0);
  message.messageId = query.text(1);
  message.type = query.text(2);
  message.content = query.text(3);
  message.quoteToken = query.text(4);
  message.quotedMessageId = query.text(5);
  message.personId = query.optionalInteger(6);
  message.speaker = query.text(7);
  message.fromBot = query.integer(8) != 0;
  message.atMs = query.integer(9);
  message.answered = query.integer(10) != 0;
  message.conversation = query.text(11);
  return message;
}

// LIKE's own signs in what a person typed mean nothing.
std::string likePattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

}  // namespace

Messages::Messages(StoreFile& file) : _file(file) {}

bool Messages::record(const NewMessage& message) {
  return _file.write([&](sql::Database& database) {
    auto insert = database.query(
        "INSERT INTO line_messages(channel_id,conversation,session,message_id,line_user_id,line_group_id,message_type,"
        "content,quote_token,quoted_message_id,created_at) VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING");
    insert.bind(message.channelId).bind(message.conversation).bind(message.session).bind(message.messageId);
    insert.bind(message.personId).bind(message.groupId);
    insert.bind(message.type).bind(message.content).bind(message.quoteToken).bind(message.quotedMessageId);
    insert.bind(message.atMs).run();
    if (database.changes() == 0) return false;
    if (!message.file) return true;
    const int64_t messageRow = database.lastInsertId();
    auto file = database.query(
        "INSERT INTO line_files(message_id,file_type,file_name,file_size,duration,state,created_at) "
        "VALUES(?,?,?,?,?,'waiting',?)");
    file.bind(messageRow).bind(message.type).bind(message.file->name).bind(message.file->size);
    file.bind(message.file->durationMs).bind(_file.nowMs()).run();
    database.query("UPDATE line_messages SET file_id=? WHERE id=?")
        .bind(database.lastInsertId())
        .bind(messageRow)
        .run();
    return true;
  });
}

bool Messages::edit(int64_t channelId, std::string_view messageId, std::string_view text, int64_t atMs) {
  return _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE line_messages SET content=?, edited_at=? WHERE channel_id=? AND message_id=? AND is_from_bot=0 AND "
            "message_type='text' AND coalesce(edited_at,0)<?")
        .bind(text)
        .bind(atMs)
        .bind(channelId)
        .bind(messageId)
        .bind(atMs)
        .run();
    return database.changes() > 0;
  });
}

bool Messages::unsend(int64_t channelId, std::string_view messageId) {
  return _file.write([&](sql::Database& database) {
    database
        .query(
            "DELETE FROM line_files WHERE message_id=(SELECT id FROM line_messages WHERE channel_id=? AND "
            "message_id=?)")
        .bind(channelId)
        .bind(messageId)
        .run();
    // The row stays, empty, so that a later copy of the event does not bring the text back.
    database
        .query(
            "UPDATE line_messages SET message_type='unsent', content='', quote_token='', missed=0 WHERE channel_id=? "
            "AND "
            "message_id=?")
        .bind(channelId)
        .bind(messageId)
        .run();
    return database.changes() > 0;
  });
}

void Messages::leaveOut(int64_t channelId, const std::vector<std::string>& messageIds) {
  _file.write([&](sql::Database& database) {
    for (const auto& id : messageIds)
      database.query("UPDATE line_messages SET ai_processed=2 WHERE channel_id=? AND message_id=?")
          .bind(channelId)
          .bind(id)
          .run();
  });
}

std::optional<StoredMessage> Messages::find(int64_t channelId, std::string_view messageId) {
  return _file.read([&](sql::Database& database) -> std::optional<StoredMessage> {
    auto query = database.query(std::string(MESSAGE) + "WHERE m.channel_id=? AND m.message_id=?");
    query.bind(channelId).bind(messageId);
    if (!query.step()) return std::nullopt;
    return messageAt(query);
  });
}

bool Messages::isFromBot(int64_t channelId, std::string_view messageId) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query("SELECT is_from_bot FROM line_messages WHERE channel_id=? AND message_id=?");
    query.bind(channelId).bind(messageId);
    return query.step() && query.integer(0) != 0;
  });
}

// Answers of the bot in the session need no look: what they could carry on stands in the same session. Elsewhere one
// may carry on anybody's words.
bool Messages::othersWrote(int64_t channelId, std::string_view conversation, int64_t session,
                           std::string_view quotedMessageId) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(
        "SELECT 1 FROM line_messages m LEFT JOIN channel_users u ON u.channel_id=m.channel_id AND "
        "u.line_user_id=m.line_user_id WHERE m.channel_id=?1 AND m.conversation=?2 AND ((m.session=?3 AND "
        "m.is_from_bot=0) OR (m.message_id=?4 AND m.session<>?3)) AND (m.content<>'' OR EXISTS(SELECT 1 FROM "
        "line_files "
        "f WHERE f.message_id=m.id)) AND NOT coalesce(u.state=?5 AND u.role=?6,0) LIMIT 1");
    query.bind(channelId).bind(conversation).bind(session).bind(quotedMessageId);
    query.bind(int64_t{static_cast<uint8_t>(UserState::Paired)}).bind(int64_t{static_cast<uint8_t>(Role::Owner)});
    return query.step();
  });
}

std::vector<StoredMessage> Messages::history(int64_t channelId, std::string_view conversation, int64_t session,
                                             int64_t beforeId, size_t maxBytes, size_t maxRows) {
  return _file.read([&](sql::Database& database) {
    std::vector<StoredMessage> all;
    auto query = database.query(std::string(MESSAGE) +
                                "WHERE m.channel_id=? AND m.conversation=? AND m.session=? AND m.id<? AND "
                                "m.ai_processed<2 ORDER BY m.id DESC LIMIT ?");
    query.bind(channelId).bind(conversation).bind(session).bind(beforeId == 0 ? INT64_MAX : beforeId);
    query.bind(static_cast<int64_t>(maxRows));
    for (size_t bytes = 0; query.step();) {
      StoredMessage message = messageAt(query);
      if (message.type == "unsent") continue;
      bytes += message.content.size();
      if (bytes > maxBytes) break;
      all.push_back(std::move(message));
    }
    return all;
  });
}

void Messages::markMissed(int64_t channelId, std::string_view conversation, std::string_view messageId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_messages SET missed=1 WHERE channel_id=? AND message_id=? AND ai_processed=0")
        .bind(channelId)
        .bind(messageId)
        .run();
    database
        .query(
            "UPDATE line_messages SET missed=0 WHERE channel_id=?1 AND conversation=?2 AND missed=1 AND id NOT IN "
            "(SELECT id FROM line_messages WHERE channel_id=?1 AND conversation=?2 AND missed=1 ORDER BY id DESC "
            "LIMIT ?3)")
        .bind(channelId)
        .bind(conversation)
        .bind(MISSED_KEPT)
        .run();
  });
}

void Messages::clearMissed(int64_t channelId, std::string_view conversation) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_messages SET missed=0 WHERE channel_id=? AND conversation=? AND missed=1")
        .bind(channelId)
        .bind(conversation)
        .run();
  });
}

std::vector<StoredMessage> Messages::missed(int64_t channelId, std::string_view conversation) {
  return _file.read([&](sql::Database& database) {
    std::vector<StoredMessage> all;
    auto query =
        database.query(std::string(MESSAGE) + "WHERE m.channel_id=? AND m.conversation=? AND m.missed=1 ORDER BY m.id");
    query.bind(channelId).bind(conversation);
    while (query.step()) all.push_back(messageAt(query));
    return all;
  });
}

std::optional<StoredMessage> Messages::lastImage(int64_t channelId, std::string_view conversation, int64_t personId,
                                                 int64_t sinceMs) {
  return _file.read([&](sql::Database& database) -> std::optional<StoredMessage> {
    auto query = database.query(std::string(MESSAGE) +
                                "WHERE m.line_user_id=? AND m.channel_id=? AND m.conversation=? AND "
                                "m.message_type='image' AND m.created_at>=? ORDER BY m.id DESC LIMIT 1");
    query.bind(personId).bind(channelId).bind(conversation).bind(sinceMs);
    if (!query.step()) return std::nullopt;
    return messageAt(query);
  });
}

std::vector<StoredMessage> Messages::search(int64_t personId, std::string_view text, size_t maxRows) {
  return _file.read([&](sql::Database& database) {
    std::vector<StoredMessage> all;
    auto query = database.query(std::string(MESSAGE) +
                                "WHERE m.line_user_id=? AND m.content LIKE ? ESCAPE '\\' ORDER BY m.id DESC LIMIT ?");
    query.bind(personId).bind(likePattern(text)).bind(static_cast<int64_t>(maxRows));
    while (query.step()) all.push_back(messageAt(query));
    return all;
  });
}

Erased Messages::forget(int64_t channelId, std::string_view conversation) {
  return _file.write([&](sql::Database& database) {
    Erased gone;
    const auto ofConversation = [&](const char* statement) {
      database.query(statement).bind(channelId).bind(conversation).run();
      return static_cast<uint64_t>(database.changes());
    };
    gone.files = ofConversation(
        "DELETE FROM line_files WHERE message_id IN (SELECT id FROM line_messages WHERE channel_id=? AND "
        "conversation=?)");
    gone.messages = ofConversation("DELETE FROM line_messages WHERE channel_id=? AND conversation=?");
    // An event still under way keeps what it needs; it is dropped with its end.
    gone.events = ofConversation(
        "UPDATE inbox SET body=NULL WHERE channel_id=? AND conversation=? AND body IS NOT NULL AND state='dead'");
    ofConversation("DELETE FROM held_answers WHERE channel_id=? AND conversation=?");
    // A reply goes out at once or never; a push may still be tried in hours.
    ofConversation(
        "UPDATE outbox SET state=iif(state='sending','unknown','failed'), reason='forgotten', target='', body='', "
        "asker='' WHERE method='push' AND state IN ('pending','sending') AND channel_id=? AND (SELECT conversation "
        "FROM "
        "inbox WHERE id=outbox.inbox_id)=?");
    return gone;
  });
}

bool Messages::purge(int64_t olderThanMs, int64_t rows) {
  return _file.write([&](sql::Database& database) {
    database.query("DELETE FROM line_messages WHERE id IN (SELECT id FROM line_messages WHERE created_at<? LIMIT ?)")
        .bind(olderThanMs)
        .bind(rows)
        .run();
    return database.changes() >= rows;
  });
}

uint64_t Messages::count() {
  return _file.read([&](sql::Database& database) {
    auto query = database.query("SELECT count(*) FROM line_messages");
    query.step();
    return static_cast<uint64_t>(query.integer(0));
  });
}

}  // namespace tsunagi::store
