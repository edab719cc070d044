#include "store/Conversations.h"

#include "base/Encoding.h"
#include "base/Random.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

std::optional<ConversationState> select(sql::Database& database, int64_t channelId, std::string_view conversation) {
  auto query = database.query(
      "SELECT session,session_key,last_turn_at,model,paused_until FROM conversations WHERE channel_id=? AND "
      "conversation=?");
  query.bind(channelId).bind(conversation);
  if (!query.step()) return std::nullopt;
  ConversationState state;
  state.session = query.integer(0);
  state.sessionKey = query.text(1);
  state.lastTurnAtMs = query.optionalInteger(2);
  state.model = query.text(3);
  state.pausedUntilMs = query.optionalInteger(4);
  return state;
}

}  // namespace

Conversations::Conversations(StoreFile& file) : _file(file) {}

ConversationState Conversations::state(int64_t channelId, std::string_view conversation) {
  const auto find = [&](sql::Database& database) { return select(database, channelId, conversation); };
  if (auto known = _file.read(find)) return *known;
  return _file.write([&](sql::Database& database) {
    database
        .query("INSERT INTO conversations(channel_id,conversation,session_key) VALUES(?,?,?) ON CONFLICT DO NOTHING")
        .bind(channelId)
        .bind(conversation)
        .bind(toHex(randomBytes(16)))
        .run();
    return *find(database);
  });
}

ConversationState Conversations::startNew(int64_t channelId, std::string_view conversation) {
  return _file.write([&](sql::Database& database) {
    database
        .query(
            "INSERT INTO conversations(channel_id,conversation,session_key) VALUES(?,?,?) ON CONFLICT DO UPDATE SET "
            "session=session+1, session_key=excluded.session_key, last_turn_at=NULL")
        .bind(channelId)
        .bind(conversation)
        .bind(toHex(randomBytes(16)))
        .run();
    return *select(database, channelId, conversation);
  });
}

void Conversations::setModel(int64_t channelId, std::string_view conversation, std::string_view model) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE conversations SET model=? WHERE channel_id=? AND conversation=?")
        .bind(model)
        .bind(channelId)
        .bind(conversation)
        .run();
  });
}

void Conversations::pause(int64_t channelId, std::string_view conversation, std::optional<int64_t> untilMs) {
  _file.write([&](sql::Database& database) {
    auto update = database.query("UPDATE conversations SET paused_until=? WHERE channel_id=? AND conversation=?");
    update.bind(untilMs).bind(channelId).bind(conversation).run();
  });
}

}  // namespace tsunagi::store
