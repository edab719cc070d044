#include "store/HeldAnswers.h"

#include <nlohmann/json.hpp>

#include "base/Encoding.h"
#include "base/Random.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

constexpr const char* COLUMNS =
    "SELECT id,inbox_id,conversation,asker,ticket,texts,delivered,answered_ids,apology FROM held_answers ";

std::vector<std::string> listOf(const std::string& json) {
  std::vector<std::string> list;
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (parsed.is_array())
    for (const auto& text : parsed)
      if (text.is_string()) list.push_back(text.get<std::string>());
  return list;
}

std::string jsonOf(const std::vector<std::string>& list) {
  return nlohmann::json(list).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<HeldAnswer> one(sql::Query& query) {
  if (!query.step()) return std::nullopt;
  HeldAnswer answer;
  answer.id = query.integer(0);
  answer.inboxId = query.integer(1);
  answer.conversation = query.text(2);
  answer.asker = query.text(3);
  answer.ticket = query.text(4);
  answer.ready = !query.isNull(5);
  answer.delivered = query.integer(6) != 0;
  answer.texts = listOf(query.text(5));
  answer.answeredIds = listOf(query.text(7));
  answer.apology = query.integer(8) != 0;
  return answer;
}

}  // namespace

HeldAnswers::HeldAnswers(StoreFile& file) : _file(file) {}

std::string HeldAnswers::insert(int64_t inboxId, std::string_view asker, bool isRest) {
  const std::string ticket = toHex(randomBytes(16));
  _file.write([&](sql::Database& database) {
    database
        .query(
            "INSERT INTO held_answers(channel_id,conversation,inbox_id,asker,ticket,is_rest,created_at) SELECT "
            "channel_id,conversation,id,?,?,?,? FROM inbox WHERE id=?")
        .bind(asker)
        .bind(ticket)
        .bind(int64_t{isRest})
        .bind(_file.nowMs())
        .bind(inboxId)
        .run();
  });
  return ticket;
}

HeldAnswer HeldAnswers::open(int64_t inboxId, std::string_view asker) {
  if (auto known = ofEvent(inboxId)) return *known;
  insert(inboxId, asker, false);
  return ofEvent(inboxId).value();
}

HeldAnswer HeldAnswers::addRest(int64_t inboxId, std::string_view asker, const std::vector<std::string>& texts) {
  const std::string ticket = insert(inboxId, asker, true);
  const auto find = [&](sql::Database& database) {
    auto query = database.query(std::string(COLUMNS) + "WHERE ticket=?");
    query.bind(ticket);
    return one(query);
  };
  fill(_file.read(find).value().id, texts, {});
  return _file.read(find).value();
}

void HeldAnswers::fill(int64_t id, const std::vector<std::string>& texts, const std::vector<std::string>& answeredIds,
                       bool apology) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE held_answers SET texts=?, answered_ids=?, apology=? WHERE id=? AND delivered=0")
        .bind(jsonOf(texts))
        .bind(jsonOf(answeredIds))
        .bind(int64_t{apology})
        .bind(id)
        .run();
  });
}

std::optional<HeldAnswer> HeldAnswers::byTicket(int64_t channelId, std::string_view ticket) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(std::string(COLUMNS) + "WHERE channel_id=? AND ticket=?");
    query.bind(channelId).bind(ticket);
    return one(query);
  });
}

std::optional<HeldAnswer> HeldAnswers::ofEvent(int64_t inboxId) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(std::string(COLUMNS) + "WHERE inbox_id=? AND is_rest=0");
    query.bind(inboxId);
    return one(query);
  });
}

std::optional<HeldAnswer> HeldAnswers::waiting(int64_t channelId, std::string_view conversation) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(
        std::string(COLUMNS) +
        "WHERE channel_id=? AND conversation=? AND delivered=0 AND is_rest=0 AND texts IS NOT NULL ORDER BY "
        "id LIMIT 1");
    query.bind(channelId).bind(conversation);
    return one(query);
  });
}

uint64_t HeldAnswers::countWaiting(std::optional<int64_t> channelId) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(
        "SELECT count(*) FROM held_answers WHERE delivered=0 AND is_rest=0 AND texts IS NOT NULL AND (?1 IS NULL OR "
        "channel_id=?1)");
    query.bind(channelId);
    return query.step() ? static_cast<uint64_t>(query.integer(0)) : 0;
  });
}

bool HeldAnswers::purge(int64_t rows) {
  return _file.write([&](sql::Database& database) {
    database.query("DELETE FROM held_answers WHERE id IN (SELECT id FROM held_answers WHERE created_at<? LIMIT ?)")
        .bind(_file.nowMs() - KEPT_MS)
        .bind(rows)
        .run();
    return database.changes() >= rows;
  });
}

}  // namespace tsunagi::store
