#pragma once
#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/Result.h"

namespace tsunagi::linesim {

struct Person {
  std::string name;  // what the control interface calls them; the id is made of it
  std::string id;
  std::string displayName;
  std::string pictureUrl;
  std::string statusMessage;
  std::string language = "ja";
  bool isFriend = true;
  bool hasBlocked = false;
  bool isIdentified = true;     // false: their userId is in no event (they did not consent)
  int64_t wroteMs = INT64_MIN;  // steady time of their last message in 1:1
};

struct Chat {
  enum class Kind : uint8_t { Group, Room };
  Kind kind = Kind::Group;
  std::string name;
  std::string id;
  std::string title;
  std::string pictureUrl;
  std::vector<std::string> members;  // ids of people, in the order they came
  bool hasBot = true;
  bool isClosed = false;  // made on purpose: who is no member cannot write

  bool hasMember(const std::string& userId) const;
  std::string_view word() const { return kind == Kind::Group ? "group" : "room"; }
};

// Where something happens, by the control interface's names.
struct ChatName {
  Chat::Kind kind = Chat::Kind::Group;
  std::string name;  // empty = 1:1
  bool isOneToOne() const { return name.empty(); }
};

// Who there is, and in which groups and rooms. Nobody is ever removed; both lists are capped. Addresses stay.
// Not thread-safe.
class People {
 public:
  static constexpr size_t MAX_NAME = 64;  // bytes
  static constexpr size_t MAX_PEOPLE = 100'000;
  static constexpr size_t MAX_CHATS = 20'000;
  static constexpr size_t MAX_MEMBERS = 500;  // LINE's limit of a group
  static constexpr int64_t WRITER_REACHABLE_MS = 7LL * 24 * 60 * 60 * 1000;

  // 1 to 64 bytes of UTF-8 without control characters.
  static bool isName(const std::string& name);

  // The person or chat of that name, made when there is none yet. Errors: no name, or too many.
  Result<Person*> person(const std::string& name);
  Result<Chat*> chat(const ChatName& name);

  const Person* findPersonByName(const std::string& name) const;
  const Chat* findChatByName(const ChatName& name) const;
  Person* findPerson(const std::string& id);
  const Person* findPerson(const std::string& id) const;
  Chat* findChat(const std::string& id);
  const Chat* findChat(const std::string& id) const;
  const std::deque<Person>& people() const { return _people; }
  const std::deque<Chat>& chats() const { return _chats; }

  // Do messages of the bot to id reach anyone? How many, as LINE counts them for the quota; nothing for an id LINE does
  // not know or a chat the bot is not in.
  std::optional<size_t> recipients(const std::string& id, int64_t nowMs) const;
  // May the bot see this person's profile (line-api.md section 5)?
  static bool showsProfile(const Person& person);

  // {"users": […], "chats": […]} for the control interface.
  nlohmann::json toJson() const;

 private:
  std::deque<Person> _people;
  std::deque<Chat> _chats;
  std::unordered_map<std::string, size_t> _peopleById;
  std::unordered_map<std::string, size_t> _chatsById;
};

}  // namespace tsunagi::linesim
