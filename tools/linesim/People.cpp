#include "tools/linesim/People.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/Encoding.h"
#include "tools/linesim/Identity.h"

namespace tsunagi::linesim {

using nlohmann::json;

bool Chat::hasMember(const std::string& userId) const {
  return std::find(members.begin(), members.end(), userId) != members.end();
}

bool People::isName(const std::string& name) {
  return !name.empty() && name.size() <= MAX_NAME && isValidUtf8(name) &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<Person*> People::person(const std::string& name) {
  if (!isName(name)) return Error{"user must be a name of 1 to 64 bytes"};
  const std::string id = userIdOf(name);
  if (Person* known = findPerson(id)) return known;
  if (_people.size() >= MAX_PEOPLE) return Error{"there are too many users; start the simulator anew"};
  Person made;
  made.name = name;
  made.id = id;
  made.displayName = name;
  _peopleById.emplace(id, _people.size());
  _people.push_back(std::move(made));
  return &_people.back();
}

Result<Chat*> People::chat(const ChatName& name) {
  const bool isGroup = name.kind == Chat::Kind::Group;
  if (!isName(name.name)) return Error{std::string(isGroup ? "group" : "room") + " must be a name of 1 to 64 bytes"};
  const std::string id = isGroup ? groupIdOf(name.name) : roomIdOf(name.name);
  if (Chat* known = findChat(id)) return known;
  if (_chats.size() >= MAX_CHATS) return Error{"there are too many groups and rooms; start the simulator anew"};
  Chat made;
  made.kind = name.kind;
  made.name = name.name;
  made.id = id;
  made.title = name.name;
  _chatsById.emplace(id, _chats.size());
  _chats.push_back(std::move(made));
  return &_chats.back();
}

const Person* People::findPersonByName(const std::string& name) const { return findPerson(userIdOf(name)); }

const Chat* People::findChatByName(const ChatName& name) const {
  return findChat(name.kind == Chat::Kind::Group ? groupIdOf(name.name) : roomIdOf(name.name));
}

const Person* People::findPerson(const std::string& id) const {
  const auto found = _peopleById.find(id);
  return found == _peopleById.end() ? nullptr : &_people[found->second];
}
Person* People::findPerson(const std::string& id) {
  return const_cast<Person*>(static_cast<const People*>(this)->findPerson(id));
}

const Chat* People::findChat(const std::string& id) const {
  const auto found = _chatsById.find(id);
  return found == _chatsById.end() ? nullptr : &_chats[found->second];
}
Chat* People::findChat(const std::string& id) {
  return const_cast<Chat*>(static_cast<const People*>(this)->findChat(id));
}

std::optional<size_t> People::recipients(const std::string& id, int64_t nowMs) const {
  if (const Person* person = findPerson(id)) {
    const bool wroteLately = person->wroteMs != INT64_MIN && nowMs - person->wroteMs <= WRITER_REACHABLE_MS;
    return !person->hasBlocked && (person->isFriend || wroteLately) ? 1 : 0;
  }
  const Chat* chat = findChat(id);
  return chat && chat->hasBot ? std::optional<size_t>(chat->members.size()) : std::nullopt;
}

bool People::showsProfile(const Person& person) {
  return person.isFriend ? true : !person.hasBlocked && person.wroteMs != INT64_MIN;
}

json People::toJson() const {
  json users = json::array();
  for (const Person& person : _people)
    users.push_back({{"user", person.name},
                     {"userId", person.id},
                     {"displayName", person.displayName},
                     {"pictureUrl", person.pictureUrl},
                     {"statusMessage", person.statusMessage},
                     {"language", person.language},
                     {"friend", person.isFriend},
                     {"blocked", person.hasBlocked},
                     {"identified", person.isIdentified}});
  json chats = json::array();
  for (const Chat& chat : _chats) {
    json members = json::array();
    for (const std::string& id : chat.members) members.push_back(findPerson(id)->name);
    chats.push_back({{"kind", chat.word()},
                     {"name", chat.name},
                     {"id", chat.id},
                     {"title", chat.title},
                     {"pictureUrl", chat.pictureUrl},
                     {"members", std::move(members)},
                     {"bot", chat.hasBot}});
  }
  return {{"users", std::move(users)}, {"chats", std::move(chats)}};
}

}  // namespace tsunagi::linesim
