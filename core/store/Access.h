#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace tsunagi::store {

// What the bridge knows of a person in one channel (DESIGN section 6). The numbers are in the table, the order means
// something: more is allowed further down.
enum class Role : uint8_t { Guest = 0, Member = 1, Owner = 2 };

enum class UserState : uint8_t {
  Unknown = 0,  // never paired: is offered pairing
  Paired = 1,
  Blocked = 2  // by the owner; not LINE's unfollow, which is `isFriend`
};

// Who may talk in a group that the bot answers in (J6).
enum class GroupMembers : uint8_t {
  Everyone = 0,  // whoever is not blocked, with at most a member's rights
  Paired = 1     // only who is paired
};

// What is kept of a group's messages (J7).
enum class RecordRule : uint8_t { None = 0, Addressed = 1, All = 2 };

std::string_view name(Role role);             // "guest", "member", "owner"
std::string_view name(UserState state);       // "unknown", "paired", "blocked"
std::string_view name(GroupMembers members);  // "everyone", "paired"
std::string_view name(RecordRule rule);       // "none", "addressed", "all"

}  // namespace tsunagi::store
