#include "store/People.h"

#include "base/Encoding.h"
#include "base/Random.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

constexpr const char* PERSON =
    "SELECT u.id,u.line_user_id,u.display_name,c.state,c.role,coalesce(a.disabled,0),c.is_friend,u.profile_at,"
    "c.offered_at FROM line_users u JOIN channel_users c ON c.line_user_id=u.id LEFT JOIN accounts a ON "
    "a.id=u.user_id ";

constexpr const char* PERSON_AND_CHANNEL =
    "SELECT u.id,u.line_user_id,u.display_name,c.state,c.role,coalesce(a.disabled,0),c.is_friend,u.profile_at,"
    "c.offered_at,ch.name FROM line_users u JOIN channel_users c ON c.line_user_id=u.id JOIN channels ch ON "
    "ch.id=c.channel_id LEFT JOIN accounts a ON a.id=u.user_id ";

Person personAt(const sql::Query& query) {
  Person person;
  person.id = query.integer(0);
  person.lineUserId = query.text(1);
  person.displayName = query.text(2);
  person.state = static_cast<UserState>(query.integer(3));
  person.role = static_cast<Role>(query.integer(4));
  person.accountDisabled = query.integer(5) != 0;
  if (!query.isNull(6)) person.isFriend = query.integer(6) != 0;
  person.profileAt = query.optionalInteger(7);
  person.offeredAt = query.optionalInteger(8);
  return person;
}

std::optional<Person> select(sql::Database& database, int64_t channelId, std::string_view lineUserId) {
  auto query = database.query(std::string(PERSON) + "WHERE c.channel_id=? AND u.line_user_id=?");
  query.bind(channelId).bind(lineUserId);
  if (!query.step()) return std::nullopt;
  return personAt(query);
}

}  // namespace

People::People(StoreFile& file) : _file(file) {}

std::optional<Person> People::findPerson(int64_t channelId, std::string_view lineUserId) {
  return _file.read([&](sql::Database& database) { return select(database, channelId, lineUserId); });
}

Person People::person(int64_t channelId, std::string_view lineUserId) {
  if (auto known = findPerson(channelId, lineUserId)) return *known;
  return _file.write([&](sql::Database& database) {
    const int64_t now = _file.nowMs();
    database.query("INSERT INTO line_users(line_user_id,created_at,updated_at) VALUES(?,?,?) ON CONFLICT DO NOTHING")
        .bind(lineUserId)
        .bind(now)
        .bind(now)
        .run();
    database
        .query(
            "INSERT INTO channel_users(channel_id,line_user_id,created_at,updated_at) SELECT ?,id,?,? FROM line_users "
            "WHERE line_user_id=? ON CONFLICT DO NOTHING")
        .bind(channelId)
        .bind(now)
        .bind(now)
        .bind(lineUserId)
        .run();
    return *select(database, channelId, lineUserId);
  });
}

std::vector<Person> People::owners(int64_t channelId) {
  return _file.read([&](sql::Database& database) {
    std::vector<Person> all;
    auto query = database.query(std::string(PERSON) + "WHERE c.channel_id=? AND c.state=? AND c.role=? ORDER BY u.id");
    query.bind(channelId).bind(static_cast<int64_t>(UserState::Paired)).bind(static_cast<int64_t>(Role::Owner));
    while (query.step()) all.push_back(personAt(query));
    return all;
  });
}

std::optional<People::Owner> People::firstOwner(std::string_view channel) {
  return _file.read([&](sql::Database& database) -> std::optional<Owner> {
    auto query = database.query(
        "SELECT c.channel_id,u.line_user_id FROM channel_users c JOIN line_users u ON u.id=c.line_user_id JOIN "
        "channels "
        "h ON h.id=c.channel_id WHERE h.name=? AND c.state=? AND c.role=? ORDER BY h.id DESC,u.id LIMIT 1");
    query.bind(channel).bind(static_cast<int64_t>(UserState::Paired)).bind(static_cast<int64_t>(Role::Owner));
    if (!query.step()) return std::nullopt;
    return Owner{query.integer(0), query.text(1)};
  });
}

std::vector<People::Known> People::everybody() {
  return _file.read([&](sql::Database& database) {
    std::vector<Known> all;
    auto query = database.query(std::string(PERSON_AND_CHANNEL) + "ORDER BY ch.name,u.id");
    while (query.step()) all.push_back({personAt(query), query.text(9)});
    return all;
  });
}

void People::setFriend(int64_t channelId, int64_t personId, bool isFriend) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE channel_users SET is_friend=?, updated_at=? WHERE channel_id=? AND line_user_id=?")
        .bind(int64_t{isFriend})
        .bind(_file.nowMs())
        .bind(channelId)
        .bind(personId)
        .run();
  });
}

void People::setAccess(int64_t channelId, int64_t personId, UserState state, Role role) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE channel_users SET state=?, role=?, paired_at=CASE WHEN ?=1 THEN coalesce(paired_at,?) END, "
            "updated_at=? WHERE channel_id=? AND line_user_id=?")
        .bind(static_cast<int64_t>(state))
        .bind(static_cast<int64_t>(role))
        .bind(static_cast<int64_t>(state))
        .bind(_file.nowMs())
        .bind(_file.nowMs())
        .bind(channelId)
        .bind(personId)
        .run();
  });
}

void People::noteOffered(int64_t channelId, int64_t personId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE channel_users SET offered_at=? WHERE channel_id=? AND line_user_id=?")
        .bind(_file.nowMs())
        .bind(channelId)
        .bind(personId)
        .run();
  });
}

void People::saveProfile(int64_t personId, const Profile& profile) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "UPDATE line_users SET display_name=?, picture_url=?, status_message=?, profile_at=?, updated_at=? WHERE "
            "id=?")
        .bind(profile.displayName)
        .bind(profile.pictureUrl)
        .bind(profile.statusMessage)
        .bind(_file.nowMs())
        .bind(_file.nowMs())
        .bind(personId)
        .run();
  });
}

void People::noteProfileAsked(int64_t personId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_users SET profile_at=? WHERE id=?").bind(_file.nowMs()).bind(personId).run();
  });
}

namespace {

constexpr const char* PROJECT = "SELECT id,name,system_prompt,responder,model,files_folder FROM projects ";

Project projectAt(const sql::Query& query) {
  return {query.integer(0), query.text(1), query.text(2), query.text(3), query.text(4), query.text(5)};
}

}  // namespace

std::vector<Project> People::projects() {
  return _file.read([&](sql::Database& database) {
    std::vector<Project> all;
    auto query = database.query(std::string(PROJECT) + "ORDER BY name");
    while (query.step()) all.push_back(projectAt(query));
    return all;
  });
}

std::optional<Project> People::project(int64_t id) {
  return _file.read([&](sql::Database& database) -> std::optional<Project> {
    auto query = database.query(std::string(PROJECT) + "WHERE id=?");
    query.bind(id);
    if (!query.step()) return std::nullopt;
    return projectAt(query);
  });
}

int64_t People::saveProject(const Project& project) {
  return _file.write([&](sql::Database& database) {
    const int64_t now = _file.nowMs();
    database
        .query(
            "INSERT INTO projects(name,system_prompt,responder,model,files_folder,created_at,updated_at) "
            "VALUES(?,?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET system_prompt=excluded.system_prompt, "
            "responder=excluded.responder, model=excluded.model, files_folder=excluded.files_folder, "
            "updated_at=excluded.updated_at")
        .bind(project.name)
        .bind(project.systemPrompt)
        .bind(project.responder)
        .bind(project.model)
        .bind(project.filesFolder)
        .bind(now)
        .bind(now)
        .run();
    auto query = database.query("SELECT id FROM projects WHERE name=?");
    query.bind(project.name);
    query.step();
    return query.integer(0);
  });
}

void People::addPairingCode(std::string_view channel, std::string_view mark, Role role, int64_t expiresAtMs,
                            std::optional<int64_t> accountId) {
  _file.write([&](sql::Database& database) {
    auto insert = database.query(
        "INSERT INTO pairing_codes(channel,account_id,role,code_mark,created_at,expires_at) VALUES(?,?,?,?,?,?)");
    insert.bind(channel);
    insert.bind(accountId).bind(static_cast<int64_t>(role)).bind(mark).bind(_file.nowMs()).bind(expiresAtMs).run();
  });
}

PairingOutcome People::pair(int64_t channelId, int64_t personId, std::string_view mark) {
  return _file.write([&](sql::Database& database) -> PairingOutcome {
    int64_t code = 0;
    PairingOutcome outcome;
    std::optional<int64_t> account;
    {
      auto query = database.query(
          "SELECT p.id,p.role,p.expires_at,p.used_by,p.account_id,p.used_at FROM pairing_codes p JOIN channels c ON "
          "c.name=p.channel WHERE p.code_mark=? AND c.id=?");
      query.bind(mark).bind(channelId);
      if (!query.step()) return outcome;
      code = query.integer(0);
      outcome.role = static_cast<Role>(query.integer(1));
      account = query.optionalInteger(4);
      if (!query.isNull(5)) {
        const bool same = !query.isNull(3) && query.integer(3) == personId;
        return {same ? PairingOutcome::Kind::Paired : PairingOutcome::Kind::Used, outcome.role};
      }
      if (query.integer(2) <= _file.nowMs()) return {PairingOutcome::Kind::Expired, outcome.role};
    }
    const int64_t now = _file.nowMs();
    database.query("UPDATE pairing_codes SET used_at=?, used_by=? WHERE id=?")
        .bind(now)
        .bind(personId)
        .bind(code)
        .run();
    database
        .query(
            "UPDATE channel_users SET state=1, role=max(role,?), paired_at=?, updated_at=? WHERE channel_id=? AND "
            "line_user_id=?")
        .bind(static_cast<int64_t>(outcome.role))
        .bind(now)
        .bind(now)
        .bind(channelId)
        .bind(personId)
        .run();
    if (account)
      database.query("UPDATE line_users SET user_id=?, updated_at=? WHERE id=?")
          .bind(*account)
          .bind(now)
          .bind(personId)
          .run();
    outcome.kind = PairingOutcome::Kind::Paired;
    return outcome;
  });
}

uint64_t People::cancelPairingCodes(std::string_view channel) {
  return _file.write([&](sql::Database& database) {
    database.query("DELETE FROM pairing_codes WHERE channel=? AND used_at IS NULL").bind(channel).run();
    return static_cast<uint64_t>(database.changes());
  });
}

std::string People::installKey() {
  const auto stored = [&](sql::Database& database) {
    auto query = database.query("SELECT value FROM install WHERE name='key'");
    return query.step() ? query.text(0) : std::string();
  };
  if (std::string key = _file.read(stored); !key.empty()) return key;
  return _file.write([&](sql::Database& database) {
    database.query("INSERT INTO install(name,value) VALUES('key',?) ON CONFLICT DO NOTHING")
        .bind(toHex(randomBytes(32)))
        .run();
    return stored(database);
  });
}

void People::audit(std::string_view actor, std::string_view action, std::string_view detail) {
  _file.write([&](sql::Database& database) {
    database.query("INSERT INTO audit(at,actor,action,detail) VALUES(?,?,?,?)")
        .bind(_file.nowMs())
        .bind(actor)
        .bind(action)
        .bind(detail)
        .run();
  });
}

}  // namespace tsunagi::store
