// What people write and what else happens in a chat: how it becomes events and webhooks.
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/Encoding.h"
#include "base/Random.h"
#include "line/TextLimits.h"
#include "tools/linesim/EventRequest.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string textOf(const ordered_json& object, const char* name) {
  const auto value = object.find(name);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

bool carriesContent(std::string_view type) {
  return type == "image" || type == "video" || type == "audio" || type == "file";
}
bool canBeQuoted(std::string_view type) {
  return type == "text" || type == "sticker" || type == "image" || type == "video";
}

// The picture of one grey point, for who sends an image without one.
Content smallPicture() {
  static const auto bytes = std::make_shared<const std::string>(
      *fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="));
  return {"image", "image/png", bytes};
}

Content defaultContent(const std::string& type) {
  if (type == "image") return smallPicture();
  const char* mime = type == "video" ? "video/mp4" : type == "audio" ? "audio/x-m4a" : "application/octet-stream";
  return {type, mime, std::make_shared<const std::string>(Contents::generate(4096))};
}

}  // namespace

Result<Chat*> Platform::enterChat(const ChatName& name, Person* person) {
  auto chat = _people.chat(name);
  if (!chat || !person || (*chat)->hasMember(person->id)) return chat;
  if ((*chat)->isClosed) return Error{person->name + " is no member of " + name.name + "; add them first"};
  if ((*chat)->members.size() >= People::MAX_MEMBERS) return Error{name.name + " has as many members as it can"};
  (*chat)->members.push_back(person->id);
  _ledger.addPeople();
  return chat;
}

Status Platform::addMentions(const EventRequest& request, ordered_json& message) const {
  if (request.mentions.empty()) return {};
  const std::string text = textOf(message, "text");
  ordered_json mentionees = ordered_json::array();
  size_t from = 0;
  for (const std::string& name : request.mentions) {
    const bool isBot = name == "bot";
    const bool isAll = name == "all";
    const std::string word = "@" + (isBot ? _options.botName : isAll ? std::string("All") : name);
    const size_t at = text.find(word, from);
    if (at == std::string::npos) return Error{"mentions: there is no " + word + " in the text, or not in this order"};
    from = at + word.size();
    ordered_json item{{"index", line::utf16Length(text.substr(0, at))},
                      {"length", line::utf16Length(word)},
                      {"type", isAll ? "all" : "user"}};
    const Person* const person = isBot || isAll ? nullptr : _people.findPersonByName(name);
    if (isBot) item["userId"] = _options.botUserId;
    if (person && person->isIdentified) item["userId"] = person->id;
    if (isBot || person) item["isSelf"] = isBot;
    mentionees.push_back(std::move(item));
  }
  message["mention"]["mentionees"] = std::move(mentionees);
  return {};
}

// Puts what LINE adds around the given members, and registers content, quote token and so on.
Status Platform::completeMessage(const EventRequest& request, const Person& person, const Chat* chat,
                                 ordered_json& payload, std::string& readToken) {
  ordered_json given = payload.at("message");
  const std::string type = textOf(given, "type");
  const std::string conversation = chat ? chat->id : person.id;
  const std::string id = nextMessageId();
  if (!request.quote.empty()) {
    const ChatMessage* const quoted = _chatLog.find(request.quote);
    if (!quoted || quoted->conversation != conversation) return Error{"quote: there is no such message in this chat"};
  }
  if (auto status = addMentions(request, given); !status) return status;
  if (carriesContent(type) && textOf(given.value("contentProvider", ordered_json::object()), "type") != "external") {
    Content content = request.content.value_or(defaultContent(type));
    if (!request.content && given.contains("fileSize") && given["fileSize"].is_number_unsigned() &&
        given["fileSize"].get<uint64_t>() <= Contents::MAX_BYTES)
      content.bytes = std::make_shared<const std::string>(Contents::generate(given["fileSize"].get<uint64_t>()));
    content.kind = type;
    if (type == "file" && !given.contains("fileName")) given["fileName"] = "file.bin";
    if (type == "file" && !given.contains("fileSize")) given["fileSize"] = content.bytes->size();
    if (type != "file" && !given.contains("contentProvider")) given["contentProvider"] = {{"type", "line"}};
    if (auto status = _contents.add(id, std::move(content)); !status) return status;
  }
  readToken = randomId();
  ordered_json message{{"type", type}, {"id", id}};
  if (!request.quote.empty()) message["quotedMessageId"] = request.quote;
  if (canBeQuoted(type)) message["quoteToken"] = toHex(randomBytes(24));
  message["markAsReadToken"] = readToken;
  for (const auto& [name, value] : given.items()) message[name] = value;
  payload["message"] = std::move(message);
  return {};
}

size_t Platform::record(const Draft& draft) {
  const EventRequest* const asked = draft.request;
  SentEvent event;
  event.user = draft.person ? draft.person->name : "";
  if (draft.chat) {
    event.group = draft.chat->name;
    event.isRoom = draft.chat->kind == Chat::Kind::Room;
  }
  if (draft.chat || draft.person) event.conversation = draft.chat ? draft.chat->id : draft.person->id;
  event.messageId = draft.messageId;
  event.text = draft.text;
  event.sentMs = _clock.steadyMs();
  event.content.type = draft.type;
  if (draft.payload) event.content.payload = dump(*draft.payload);
  event.content.webhookEventId = makeUlid(_clock.wallMs());
  event.content.timestampMs = _clock.wallMs();
  event.content.isStandby = asked && asked->standby;
  const bool token = asked && asked->replyToken ? *asked->replyToken : hasReplyToken(draft.type);
  if (token && !event.content.isStandby)
    event.content.replyToken = _replyTokens.issue(_ledger.eventCount(), event.sentMs);
  const bool expects = (draft.type == "message" || draft.type == "postback") && !event.content.replyToken.empty();
  event.expectsAnswer = asked ? asked->expect.value_or(expects) : expects;
  if (!event.conversation.empty() && !(asked && asked->sourceless)) {
    const bool named = draft.person && draft.person->isIdentified && !(asked && asked->anonymous);
    ordered_json source{{"type", draft.chat ? std::string(draft.chat->word()) : "user"}};
    if (draft.chat) source[event.isRoom ? "roomId" : "groupId"] = draft.chat->id;
    if (named) source["userId"] = draft.person->id;
    event.content.source = dump(source);
  }
  return _ledger.addEvent(std::move(event));
}

Result<size_t> Platform::addRequested(const EventRequest& request, Happened& happened) {
  Person* person = nullptr;
  if (!request.user.empty() || request.type == "message") {
    auto found = _people.person(request.user);
    if (!found) return Error{found.error()};
    person = *found;
  }
  const Chat* chat = nullptr;
  if (!request.chat.isOneToOne()) {
    auto entered = enterChat(request.chat, person);
    if (!entered) return Error{entered.error()};
    chat = *entered;
    if (!chat->hasBot) return Error{"the bot is not in " + chat->name + ": LINE would tell it nothing"};
  }
  ordered_json payload = request.payload;
  Draft draft{request.type, &payload, person, chat};
  draft.request = &request;
  std::string readToken;
  const bool isMessage = request.type == "message";
  draft.text = request.shownText;
  if (isMessage) {
    if (!chat && person->hasBlocked) return Error{person->name + " has blocked the bot and cannot write to it"};
    if (auto status = completeMessage(request, *person, chat, payload, readToken); !status)
      return Error{status.error()};
    draft.messageId = textOf(payload["message"], "id");
    draft.text = textOf(payload["message"], "text");
    if (!chat) person->wroteMs = _clock.steadyMs();
    happened.messageIds.push_back(draft.messageId);
  }
  const size_t index = record(draft);
  if (isMessage) {
    const ordered_json& message = payload["message"];
    _chatLog.add({draft.messageId, _ledger.event(index).conversation, person->id, textOf(message, "type"),
                  dump(message), textOf(message, "quoteToken"), index},
                 readToken);
  }
  happened.eventIds.push_back(_ledger.event(index).content.webhookEventId);
  return index;
}

void Platform::addWebhook(const std::vector<size_t>& events, size_t copies, Happened& happened) {
  const auto body = makeBody(events, false);
  const SentEvent& last = _ledger.event(events.back());
  happened.webhooks.insert(happened.webhooks.end(), copies, {last.conversation, body, last.signature, events, false});
}

void Platform::recordAlone(const Draft& draft, Happened& happened) {
  const size_t index = record(draft);
  happened.eventIds.push_back(_ledger.event(index).content.webhookEventId);
  addWebhook({index}, 1, happened);
}

Result<Happened> Platform::happen(const std::vector<EventRequest>& requests, bool batch, size_t copies) {
  if (requests.empty() || requests.size() > MAX_COUNT) return Error{"there must be 1 to 10000 events"};
  if (batch && requests.size() > MAX_BATCH) return Error{"a batch holds at most 100 events"};
  if (copies < 1 || copies > MAX_COPIES) return Error{"copies must be 1 to 10"};
  Happened happened;
  std::string problem;
  {
    const std::lock_guard lock(_mutex);
    if (_ledger.full(requests.size())) return Error{"the ledger is full; start the simulator anew"};
    std::vector<size_t> together;
    for (const EventRequest& request : requests) {
      const auto index = addRequested(request, happened);
      if (!index) {
        problem = requests.size() == 1 ? index.error()
                                       : "event " + std::to_string(happened.eventIds.size() + 1) + ": " +
                                             index.error() + "; those before it were recorded and not sent";
        break;
      }
      together.push_back(*index);
      if (batch) continue;
      addWebhook(together, copies, happened);
      together.clear();
    }
    if (batch && problem.empty()) addWebhook(together, copies, happened);
  }
  changed();
  if (!problem.empty()) return Error{problem};
  return happened;
}

Result<Happened> Platform::write(const NewMessages& messages) {
  if (messages.count < 1 || messages.count > MAX_COUNT) return Error{"count must be 1 to 10000"};
  if (!isValidUtf8(messages.text)) return Error{"text must be UTF-8"};
  const size_t units = line::utf16Length(messages.text) + (messages.count > 1 ? 6 : 0);
  if (messages.text.empty() || units > line::MAX_TEXT_UNITS) return Error{"text must have 1 to 5000 UTF-16 units"};
  std::vector<EventRequest> requests;
  for (size_t i = 1; i <= messages.count; ++i) {
    EventRequest request;
    request.user = messages.user;
    request.chat.name = messages.group;
    const std::string text = messages.count > 1 ? messages.text + " " + std::to_string(i) : messages.text;
    request.payload["message"] = {{"type", "text"}, {"text", text}};
    requests.push_back(std::move(request));
  }
  return happen(requests, messages.batch, messages.copies);
}

}  // namespace tsunagi::linesim
