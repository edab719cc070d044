#include "store/Access.h"

namespace tsunagi::store {

std::string_view name(Role role) {
  switch (role) {
    case Role::Guest:
      return "guest";
    case Role::Member:
      return "member";
    case Role::Owner:
      break;
  }
  return "owner";
}

std::string_view name(UserState state) {
  switch (state) {
    case UserState::Unknown:
      return "unknown";
    case UserState::Paired:
      return "paired";
    case UserState::Blocked:
      break;
  }
  return "blocked";
}

std::string_view name(GroupMembers members) { return members == GroupMembers::Everyone ? "everyone" : "paired"; }

std::string_view name(RecordRule rule) {
  switch (rule) {
    case RecordRule::None:
      return "none";
    case RecordRule::Addressed:
      return "addressed";
    case RecordRule::All:
      break;
  }
  return "all";
}

}  // namespace tsunagi::store
