#include "chat/TurnContext.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "chat/PromptText.h"

namespace tsunagi::chat {
namespace {

using nlohmann::json;

constexpr size_t MAX_HISTORY_ROWS = 200;
constexpr size_t BYTES_PER_CHARACTER = 4;  // at most, in UTF-8

ContextMessage::Kind kindOf(line::MessageKind kind) {
  switch (kind) {
    case line::MessageKind::Text:
      return ContextMessage::Kind::Text;
    case line::MessageKind::Sticker:
      return ContextMessage::Kind::Sticker;
    case line::MessageKind::Location:
      return ContextMessage::Kind::Location;
    case line::MessageKind::Image:
      return ContextMessage::Kind::Image;
    case line::MessageKind::Audio:
      return ContextMessage::Kind::Audio;
    case line::MessageKind::Video:
      return ContextMessage::Kind::Video;
    case line::MessageKind::File:
      return ContextMessage::Kind::File;
    case line::MessageKind::Unknown:
      break;
  }
  return ContextMessage::Kind::Other;
}

// A text is kept as it is, of other kinds a JSON object of what the context can tell of them.
std::string contentOf(const ContextMessage& message) {
  if (message.kind == ContextMessage::Kind::Text) return message.text;
  json content = json::object();
  if (!message.text.empty()) content["text"] = message.text;
  if (!message.keywords.empty()) content["keywords"] = message.keywords;
  if (!message.fileName.empty()) content["file"] = message.fileName;
  if (message.kind == ContextMessage::Kind::Location) {
    content["title"] = message.title;
    content["address"] = message.address;
    content["latitude"] = message.latitude;
    content["longitude"] = message.longitude;
  }
  return content.empty() ? std::string() : content.dump(-1, ' ', false, json::error_handler_t::replace);
}

ContextMessage stored(const store::StoredMessage& message) {
  ContextMessage one;
  one.fromBot = message.fromBot;
  one.speaker = message.speaker;
  one.atMs = message.atMs;
  line::EventMessage typed;
  typed.type = message.type;
  one.kind = kindOf(line::kindOf(typed));
  if (one.kind == ContextMessage::Kind::Text) {
    one.text = message.content;
    return one;
  }
  const json content = json::parse(message.content, nullptr, false);
  if (!content.is_object()) return one;
  one.text = content.value("text", "");
  one.keywords = content.value("keywords", std::vector<std::string>());
  one.fileName = content.value("file", "");
  one.title = content.value("title", "");
  one.address = content.value("address", "");
  one.latitude = content.value("latitude", 0.0);
  one.longitude = content.value("longitude", 0.0);
  return one;
}

// Has it bytes that LINE gives? What is elsewhere is not fetched (S18).
bool hasContent(const line::EventMessage& message) {
  using Kind = line::MessageKind;
  const Kind kind = line::kindOf(message);
  if (kind == Kind::File) return true;
  return (kind == Kind::Image || kind == Kind::Video || kind == Kind::Audio) && message.contentProvider.isLine();
}

store::NewFile newFile(const line::EventMessage& message) {
  store::NewFile file;
  file.name = message.fileName;
  if (message.fileSize > 0) file.size = message.fileSize;
  if (message.durationMs > 0) file.durationMs = message.durationMs;
  return file;
}

// Oldest first; a question and the answer behind it are one turn.
std::vector<ContextMessage> inTurns(const std::vector<store::StoredMessage>& newestFirst) {
  std::vector<ContextMessage> all;
  int64_t turn = 1;
  bool answered = false;
  for (auto message = newestFirst.rbegin(); message != newestFirst.rend(); ++message) {
    if (answered && !message->fromBot) ++turn;
    answered = message->fromBot;
    all.push_back(stored(*message));
    all.back().turn = turn;
  }
  return all;
}

}  // namespace

ContextMessage contextMessage(const line::EventMessage& message, int64_t atMs) {
  ContextMessage one;
  one.kind = kindOf(line::kindOf(message));
  one.text = message.text;
  one.atMs = atMs;
  one.fileName = message.fileName;
  if (message.sticker) one.keywords = message.sticker->keywords;
  if (message.location) {
    one.title = message.location->title;
    one.address = message.location->address;
    one.latitude = message.location->latitude;
    one.longitude = message.location->longitude;
  }
  if (message.imageSet) {
    one.imageSetId = message.imageSet->id;
    one.imageIndex = message.imageSet->index;
  }
  return one;
}

bool keepMessage(store::Tables& tables, const Arrival& arrival, const ChatSettings& settings) {
  if (arrival.decision.keep == Keep::Nothing || !arrival.event.message) return false;
  const line::EventMessage& message = *arrival.event.message;
  if (!line::isMessageId(message.id)) return false;
  store::NewMessage kept;
  kept.channelId = arrival.row.channelId;
  kept.conversation = arrival.row.conversation;
  kept.session = arrival.conversation.session;
  kept.messageId = message.id;
  if (arrival.person) kept.personId = arrival.person->id;
  if (arrival.group) kept.groupId = arrival.group->id;
  kept.type = message.type;
  kept.atMs = arrival.event.timestampMs;
  if (arrival.decision.keep == Keep::Text) {
    ContextMessage said = contextMessage(message, arrival.event.timestampMs);
    if (said.kind == ContextMessage::Kind::Text) said.text = arrival.text;
    kept.content = contentOf(said);
    kept.quoteToken = message.quoteToken;
    kept.quotedMessageId = message.quotedMessageId;
  }
  if (arrival.decision.fetchContent && settings.download && hasContent(message)) kept.file = newFile(message);
  return tables.messages.record(kept) && kept.file;
}

std::vector<std::string> keptAnswer(const Arrival& arrival, std::vector<std::string> texts) {
  if (arrival.group && arrival.group->record == store::RecordRule::None)
    for (auto& text : texts) text.clear();
  return texts;
}

TurnContext turnContext(store::Tables& tables, const std::vector<Arrival>& arrivals, const ChatSettings& settings,
                        const Clock& clock) {
  const Arrival& last = arrivals.back();
  TurnContext result;
  for (const Arrival& arrival : arrivals)
    if (arrival.event.message) result.answeredIds.push_back(arrival.event.message->id);

  ContextInput input;
  input.group = last.place != Place::Direct;
  input.nowMs = clock.wallMs();
  input.budget = settings.reply.contextCharacters;
  input.idleResetMs = settings.reply.idleResetMs;
  const auto speaker = [&](const Arrival& arrival) {
    if (!arrival.person) return std::string();
    return arrival.group ? tables.people.memberName(arrival.group->id, arrival.person->id)
                         : arrival.person->displayName;
  };

  PromptFacts facts;
  facts.language = last.language;
  facts.wallMs = clock.wallMs();
  facts.offsetMinutes = settings.timeZone.offsetMinutes(facts.wallMs);
  facts.userName = speaker(last);
  if (last.group) facts.groupName = last.group->name;
  std::string text = settings.reply.prompt;
  if (last.project && !last.project->systemPrompt.empty()) text = last.project->systemPrompt;
  const Prompt prompt = makePrompt(text, facts);
  input.systemPrompt = prompt.system;
  input.data = prompt.data;

  std::vector<store::StoredMessage> history =
      tables.messages.history(last.row.channelId, last.row.conversation, last.conversation.session, 0,
                              settings.reply.contextCharacters * BYTES_PER_CHARACTER, MAX_HISTORY_ROWS);
  const auto ofThisTurn = [&](const store::StoredMessage& message) {
    return std::find(result.answeredIds.begin(), result.answeredIds.end(), message.messageId) !=
           result.answeredIds.end();
  };
  history.erase(std::remove_if(history.begin(), history.end(), ofThisTurn), history.end());
  // In 1:1 what came too late waited for this (J9); what else had no answer is left out with it.
  if (!input.group) {
    const auto unanswered = [](const store::StoredMessage& message) { return !message.fromBot && !message.answered; };
    for (const auto& message : tables.messages.missed(last.row.channelId, last.row.conversation)) {
      if (ofThisTurn(message)) continue;
      input.missed.push_back(stored(message));
      result.answeredIds.push_back(message.messageId);
    }
    result.missed = input.missed.size();
    history.erase(std::remove_if(history.begin(), history.end(), unanswered), history.end());
  }
  input.history = inTurns(history);

  for (const Arrival& arrival : arrivals) {
    input.question.push_back(contextMessage(*arrival.event.message, arrival.event.timestampMs));
    input.question.back().speaker = speaker(arrival);
    if (line::kindOf(*arrival.event.message) == line::MessageKind::Text) input.question.back().text = arrival.text;
  }
  if (const std::string& quoted = last.event.message->quotedMessageId; !quoted.empty())
    if (const auto message = tables.messages.find(last.row.channelId, quoted);
        message && message->conversation == last.row.conversation)
      input.quoted = stored(*message);
  result.context = buildContext(input);
  return result;
}

}  // namespace tsunagi::chat
