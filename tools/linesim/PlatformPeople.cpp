// What people do beside writing: following, joining, leaving, taking back, changing and tapping.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/Encoding.h"
#include "base/Random.h"
#include "tools/linesim/EventRequest.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t MAX_PROFILE_TEXT = 2'000;  // bytes

template <typename T>
void assign(T& target, const std::optional<T>& value) {
  if (value) target = *value;
}

bool fits(const std::optional<std::string>& text) {
  return !text || (text->size() <= MAX_PROFILE_TEXT && isValidUtf8(*text));
}

ordered_json memberList(const std::vector<const Person*>& people) {
  ordered_json members = ordered_json::array();
  for (const Person* person : people) members.push_back({{"type", "user"}, {"userId", person->id}});
  return {{"members", std::move(members)}};
}

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string textOf(const json& object, const char* name) {
  const auto value = object.is_object() ? object.find(name) : object.end();
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

}  // namespace

Result<Happened> Platform::changePerson(const PersonChange& change) {
  if (!fits(change.displayName) || !fits(change.pictureUrl) || !fits(change.statusMessage) || !fits(change.language))
    return Error{"a text of a user has at most 2000 bytes of UTF-8"};
  Happened happened;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(2)) return Error{"the ledger is full; start the simulator anew"};
    const bool isNew = _people.findPersonByName(change.user) == nullptr;
    auto found = _people.person(change.user);
    if (!found) return Error{found.error()};
    Person& person = **found;
    const bool wasFriend = person.isFriend && !isNew;
    const bool wasBlocking = person.hasBlocked;
    assign(person.displayName, change.displayName);
    assign(person.pictureUrl, change.pictureUrl);
    assign(person.statusMessage, change.statusMessage);
    assign(person.language, change.language);
    assign(person.isFriend, change.isFriend);
    assign(person.hasBlocked, change.hasBlocked);
    assign(person.isIdentified, change.isIdentified);
    const bool blocks = person.hasBlocked && !wasBlocking && !isNew;
    const bool unblocks = !person.hasBlocked && wasBlocking;
    const bool follows = change.isFriend.value_or(false) && !wasFriend && !person.hasBlocked;
    ordered_json payload = ordered_json::object();
    if (!change.quiet && blocks) recordAlone({"unfollow", nullptr, &person}, happened);
    if (!change.quiet && (follows || unblocks)) {
      payload["follow"]["isUnblocked"] = unblocks;
      recordAlone({"follow", &payload, &person}, happened);
    }
    _ledger.addPeople();
  }
  changed();
  return happened;
}

Result<Happened> Platform::changeChat(const ChatChange& change) {
  if (change.chat.isOneToOne()) return Error{"group or room must be a name of 1 to 64 bytes"};
  if (!fits(change.title) || !fits(change.pictureUrl))
    return Error{"a text of a group has at most 2000 bytes of UTF-8"};
  Happened happened;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(4)) return Error{"the ledger is full; start the simulator anew"};
    std::vector<Person*> add, remove;
    for (const auto* list : {&change.add, &change.remove})
      for (const std::string& name : *list) {
        auto person = _people.person(name);
        if (!person) return Error{person.error()};
        (list == &change.add ? add : remove).push_back(*person);
      }
    const bool isNew = _people.findChatByName(change.chat) == nullptr;
    auto found = _people.chat(change.chat);
    if (!found) return Error{found.error()};
    Chat& chat = **found;
    const bool botWasIn = chat.hasBot && !isNew;
    chat.isClosed = true;
    assign(chat.title, change.title);
    assign(chat.pictureUrl, change.pictureUrl);
    std::vector<const Person*> joined, left;
    for (Person* person : add)
      if (!chat.hasMember(person->id)) {
        chat.members.push_back(person->id);
        joined.push_back(person);
      }
    for (Person* person : remove)
      if (chat.hasMember(person->id)) {
        chat.members.erase(std::find(chat.members.begin(), chat.members.end(), person->id));
        left.push_back(person);
      }
    if (chat.members.size() > People::MAX_MEMBERS) {
      chat.members.resize(People::MAX_MEMBERS);
      return Error{"a group holds at most 500 members; those beyond were left out"};
    }
    chat.hasBot = change.hasBot.value_or(chat.hasBot);
    ordered_json payload = ordered_json::object();
    if (!change.quiet && botWasIn && !joined.empty()) {
      payload["joined"] = memberList(joined);
      recordAlone({"memberJoined", &payload, nullptr, &chat}, happened);
    }
    payload = ordered_json::object();
    if (!change.quiet && botWasIn && !left.empty()) {
      payload["left"] = memberList(left);
      recordAlone({"memberLeft", &payload, nullptr, &chat}, happened);
    }
    if (!change.quiet && chat.hasBot && !botWasIn) recordAlone({"join", nullptr, nullptr, &chat}, happened);
    if (!change.quiet && !chat.hasBot && botWasIn) recordAlone({"leave", nullptr, nullptr, &chat}, happened);
    _ledger.addPeople();
  }
  changed();
  return happened;
}

Result<Happened> Platform::unsend(const std::string& messageId) {
  Happened happened;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(1)) return Error{"the ledger is full; start the simulator anew"};
    ChatMessage* const message = _chatLog.find(messageId);
    if (!message || message->userId.empty()) return Error{"there is no such message of a user"};
    if (message->unsent) return Error{"the message was unsent already"};
    message->unsent = true;
    message->json.clear();
    _contents.makeGone(messageId);
    ordered_json payload{{"unsend", {{"messageId", messageId}}}};
    Draft draft{"unsend", &payload, _people.findPerson(message->userId), _people.findChat(message->conversation)};
    draft.messageId = messageId;
    recordAlone(draft, happened);
  }
  changed();
  return happened;
}

Result<Happened> Platform::edit(const std::string& messageId, const EventRequest& request) {
  Happened happened;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(1)) return Error{"the ledger is full; start the simulator anew"};
    ChatMessage* const message = _chatLog.find(messageId);
    if (!message || message->userId.empty() || message->unsent || message->type != "text")
      return Error{"there is no such text of a user"};
    const Chat* const chat = _people.findChat(message->conversation);
    if (!chat || chat->kind != Chat::Kind::Group) return Error{"LINE tells of edits in groups only"};
    ordered_json given = request.payload.at("message");
    if (auto status = addMentions(request, given); !status) return Error{status.error()};
    const std::string quoteToken = toHex(randomBytes(24));
    ordered_json content{{"type", "text"}, {"id", messageId}, {"quoteToken", quoteToken}};
    for (const auto& [name, value] : given.items()) content[name] = value;
    ordered_json payload{{"message", content}};
    Draft draft{"messageEdited", &payload, _people.findPerson(message->userId), chat, messageId};
    draft.text = textOf(given, "text");
    draft.request = &request;
    recordAlone(draft, happened);
    _chatLog.edit(*message, dump(content), quoteToken, _ledger.eventCount() - 1);
  }
  changed();
  return happened;
}

Result<Happened> Platform::tap(const std::string& user, const std::string& messageId, const std::string& pointer,
                               const json& params) {
  EventRequest request;
  request.user = user;
  {
    const std::lock_guard lock(_mutex);
    const ChatMessage* const message = _chatLog.find(messageId);
    const Person* const person = _people.findPersonByName(user);
    const Chat* const chat = message ? _people.findChat(message->conversation) : nullptr;
    if (!message || !message->userId.empty()) return Error{"there is no such message of the bot"};
    if (!person || (chat ? !chat->hasMember(person->id) : message->conversation != person->id))
      return Error{"that user does not see the message"};
    if (chat) request.chat = {chat->kind, chat->name};
    json action;
    try {
      action = json::parse(message->json).at(json::json_pointer(pointer));
    } catch (const json::exception&) {
      return Error{"action must be a JSON pointer to an action in the message, like /template/actions/0"};
    }
    const std::string type = textOf(action, "type");
    if (type == "message") {
      request.payload["message"] = {{"type", "text"}, {"text", textOf(action, "text")}};
    } else if (type == "postback" || type == "datetimepicker") {
      request.type = "postback";
      request.payload["postback"]["data"] = textOf(action, "data");
      request.shownText = textOf(action, "displayText");
      if (!params.is_null()) request.payload["postback"]["params"] = ordered_json::parse(params.dump());
      if (type == "datetimepicker" && params.is_null()) return Error{"params must be given for a date or time"};
    } else if (type.empty()) {
      return Error{"action names no action of the message"};
    } else {
      return Happened{};  // links, camera and so on: LINE tells the bot nothing
    }
  }
  return happen({request}, false, 1);
}

}  // namespace tsunagi::linesim
