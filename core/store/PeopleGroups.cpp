// The part of People about groups, rooms and their members.
#include "store/People.h"
#include "store/StoreFile.h"

namespace tsunagi::store {
namespace {

std::optional<Group> select(sql::Database& database, int64_t channelId, std::string_view lineGroupId) {
  auto query = database.query(
      "SELECT id,line_group_id,kind,name,member_count,is_active,allow_ai_response,group_members,record,language,"
      "project_id,profile_at FROM line_groups WHERE channel_id=? AND line_group_id=?");
  query.bind(channelId).bind(lineGroupId);
  if (!query.step()) return std::nullopt;
  Group group;
  group.id = query.integer(0);
  group.lineGroupId = query.text(1);
  group.isRoom = query.view(2) == "room";
  group.name = query.text(3);
  group.memberCount = query.optionalInteger(4);
  group.isActive = query.integer(5) != 0;
  group.allowAiResponse = query.integer(6) != 0;
  group.members = static_cast<GroupMembers>(query.integer(7));
  group.record = static_cast<RecordRule>(query.integer(8));
  group.language = query.text(9);
  group.projectId = query.optionalInteger(10);
  group.profileAt = query.optionalInteger(11);
  return group;
}

}  // namespace

Group People::group(int64_t channelId, std::string_view lineGroupId, bool isRoom) {
  const auto find = [&](sql::Database& database) { return select(database, channelId, lineGroupId); };
  if (auto known = _file.read(find)) return *known;
  return _file.write([&](sql::Database& database) {
    const int64_t now = _file.nowMs();
    database
        .query(
            "INSERT INTO line_groups(channel_id,line_group_id,kind,joined_at,created_at,updated_at) "
            "VALUES(?,?,?,?,?,?) ON CONFLICT DO NOTHING")
        .bind(channelId)
        .bind(lineGroupId)
        .bind(isRoom ? "room" : "group")
        .bind(now)
        .bind(now)
        .bind(now)
        .run();
    return *find(database);
  });
}

void People::joined(int64_t groupId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_groups SET is_active=1, joined_at=?, left_at=NULL, updated_at=? WHERE id=?")
        .bind(_file.nowMs())
        .bind(_file.nowMs())
        .bind(groupId)
        .run();
  });
}

void People::left(int64_t groupId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_groups SET is_active=0, left_at=?, updated_at=? WHERE id=?")
        .bind(_file.nowMs())
        .bind(_file.nowMs())
        .bind(groupId)
        .run();
  });
}

void People::saveGroupProfile(int64_t groupId, std::string_view name, std::string_view pictureUrl,
                              std::optional<int64_t> memberCount) {
  _file.write([&](sql::Database& database) {
    auto update = database.query(
        "UPDATE line_groups SET name=?, picture_url=?, member_count=?, profile_at=?, updated_at=? WHERE id=?");
    update.bind(name).bind(pictureUrl).bind(memberCount).bind(_file.nowMs()).bind(_file.nowMs()).bind(groupId).run();
  });
}

void People::allow(int64_t groupId, bool allow, RecordRule record) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_groups SET allow_ai_response=?, record=?, updated_at=? WHERE id=?")
        .bind(int64_t{allow})
        .bind(static_cast<int64_t>(record))
        .bind(_file.nowMs())
        .bind(groupId)
        .run();
  });
}

void People::setGroupMembers(int64_t groupId, GroupMembers members) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE line_groups SET group_members=?, updated_at=? WHERE id=?")
        .bind(static_cast<int64_t>(members))
        .bind(_file.nowMs())
        .bind(groupId)
        .run();
  });
}

void People::setProject(int64_t groupId, std::optional<int64_t> projectId) {
  _file.write([&](sql::Database& database) {
    auto update = database.query("UPDATE line_groups SET project_id=?, updated_at=? WHERE id=?");
    update.bind(projectId).bind(_file.nowMs()).bind(groupId).run();
  });
}

void People::memberJoined(int64_t groupId, int64_t personId) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "INSERT INTO group_members(group_id,line_user_id,joined_at) VALUES(?,?,?) ON CONFLICT DO UPDATE SET "
            "left_at=NULL, joined_at=CASE WHEN left_at IS NULL THEN joined_at ELSE excluded.joined_at END")
        .bind(groupId)
        .bind(personId)
        .bind(_file.nowMs())
        .run();
  });
}

void People::memberLeft(int64_t groupId, int64_t personId) {
  _file.write([&](sql::Database& database) {
    database.query("UPDATE group_members SET left_at=? WHERE group_id=? AND line_user_id=? AND left_at IS NULL")
        .bind(_file.nowMs())
        .bind(groupId)
        .bind(personId)
        .run();
  });
}

void People::saveMemberName(int64_t groupId, int64_t personId, std::string_view displayName) {
  _file.write([&](sql::Database& database) {
    database
        .query(
            "INSERT INTO group_members(group_id,line_user_id,display_name,profile_at,joined_at) VALUES(?,?,?,?,?) ON "
            "CONFLICT DO UPDATE SET display_name=excluded.display_name, profile_at=excluded.profile_at, left_at=NULL")
        .bind(groupId)
        .bind(personId)
        .bind(displayName)
        .bind(_file.nowMs())
        .bind(_file.nowMs())
        .run();
  });
}

std::string People::memberName(int64_t groupId, int64_t personId) {
  return _file.read([&](sql::Database& database) {
    auto query = database.query(
        "SELECT coalesce(nullif(m.display_name,''),u.display_name) FROM line_users u LEFT JOIN group_members m ON "
        "m.line_user_id=u.id AND m.group_id=? WHERE u.id=?");
    query.bind(groupId).bind(personId);
    return query.step() ? query.text(0) : std::string();
  });
}

}  // namespace tsunagi::store
