#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/Access.h"

namespace tsunagi::sql {
class Database;
}

namespace tsunagi::store {

class StoreFile;

// A person as one channel knows them.
struct Person {
  int64_t id = 0;          // of line_users
  std::string lineUserId;  // "U…"
  std::string displayName;
  UserState state = UserState::Unknown;
  Role role = Role::Guest;
  bool accountDisabled = false;      // bound to an account that may not use the bridge any more (J14)
  std::optional<bool> isFriend;      // nothing: not told yet
  std::optional<int64_t> profileAt;  // when the profile was last asked for, wall ms
  std::optional<int64_t> offeredAt;  // when pairing was last offered, wall ms
};

struct Group {
  int64_t id = 0;
  std::string lineGroupId;  // "C…" or "R…"
  bool isRoom = false;
  std::string name;
  std::optional<int64_t> memberCount;
  bool isActive = true;  // the bot is in it
  bool allowAiResponse = false;
  GroupMembers members = GroupMembers::Everyone;
  RecordRule record = RecordRule::None;
  std::string language;  // "" = the bridge's
  std::optional<int64_t> projectId;
  std::optional<int64_t> profileAt;
};

struct Project {
  int64_t id = 0;
  std::string name, systemPrompt, responder, model, filesFolder;  // empty = the bridge's own
};

struct Profile {
  std::string displayName, pictureUrl, statusMessage;
};

// What came of typing a pairing code.
struct PairingOutcome {
  enum class Kind { Paired, Wrong, Expired, Used };
  Kind kind = Kind::Wrong;
  Role role = Role::Guest;
};

// Who is who, and who may do what: people, groups and their members, pairing codes, projects. One transaction each.
// Thread-safe; blocks for the disk; throws sql::SqlError. All ids of people and groups are this store's own unless the
// name says LINE's.
class People {
 public:
  explicit People(StoreFile& file);  // outlives this

  // The person in that channel, made (unknown, guest) when there is none.
  Person person(int64_t channelId, std::string_view lineUserId);
  std::optional<Person> findPerson(int64_t channelId, std::string_view lineUserId);
  std::vector<Person> owners(int64_t channelId);
  struct Owner {
    int64_t channelId = 0;
    std::string lineUserId;
  };
  std::optional<Owner> firstOwner(std::string_view channel);  // by its section's name: who is known longest
  struct Known {
    Person person;
    std::string channel;  // its section's name
  };
  std::vector<Known> everybody();
  void setFriend(int64_t channelId, int64_t personId, bool isFriend);
  void setAccess(int64_t channelId, int64_t personId, UserState state, Role role);
  void noteOffered(int64_t channelId, int64_t personId);
  void saveProfile(int64_t personId, const Profile& profile);
  void noteProfileAsked(int64_t personId);  // LINE gave none: not asked again for a while

  // The group or room in that channel, made (silent) when there is none.
  Group group(int64_t channelId, std::string_view lineGroupId, bool isRoom);
  void joined(int64_t groupId);  // the bot came, or came back
  void left(int64_t groupId);    // it stays known, with what was decided about it
  void saveGroupProfile(int64_t groupId, std::string_view name, std::string_view pictureUrl,
                        std::optional<int64_t> memberCount);
  void allow(int64_t groupId, bool allow, RecordRule record);
  void setGroupMembers(int64_t groupId, GroupMembers members);
  void setProject(int64_t groupId, std::optional<int64_t> projectId);
  void memberJoined(int64_t groupId, int64_t personId);
  void memberLeft(int64_t groupId, int64_t personId);
  void saveMemberName(int64_t groupId, int64_t personId, std::string_view displayName);
  std::string memberName(int64_t groupId, int64_t personId);  // "" = not known; else the group's or the profile's

  std::vector<Project> projects();
  std::optional<Project> project(int64_t id);
  int64_t saveProject(const Project& project);  // by its name

  // A code's mark is an HMAC of it: the code itself is kept nowhere (S14). account: bound to it on use.
  // channel: its section's name, since a code may be made before the first webhook told the bot's id.
  void addPairingCode(std::string_view channel, std::string_view mark, Role role, int64_t expiresAtMs,
                      std::optional<int64_t> accountId = std::nullopt);
  // Consumes the code and pairs, in one transaction. A role never goes down by a code. The one who used it may do so
  // again: a crash between this and the answer must not turn into a refusal.
  PairingOutcome pair(int64_t channelId, int64_t personId, std::string_view mark);
  uint64_t cancelPairingCodes(std::string_view channel);  // all that are open
  // Random text of this installation, made at first use: the key of the marks.
  std::string installKey();

  void audit(std::string_view actor, std::string_view action, std::string_view detail);

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
