#include "chat/ContextWindow.h"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "line/Utf8.h"

namespace tsunagi::chat {
namespace {

using nlohmann::ordered_json;
using responder::ChatMessage;
using responder::ChatPart;
using Kind = ContextMessage::Kind;

constexpr size_t MAX_KEYWORDS = 5;
constexpr size_t MAX_PLACE_SIGNS = 100;

std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

// Everything about a message but who wrote it.
ordered_json describe(const ContextMessage& message) {
  ordered_json json = ordered_json::object();
  switch (message.kind) {
    case Kind::Text:
    case Kind::Other:
      break;
    case Kind::Sticker: {
      auto keywords = ordered_json::array();
      for (size_t i = 0; i < std::min(message.keywords.size(), MAX_KEYWORDS); ++i)
        keywords.push_back(cleanName(message.keywords[i]));
      json["sticker"] = std::move(keywords);
      break;
    }
    case Kind::Location:
      json["location"] = {{"title", cleanName(message.title, MAX_PLACE_SIGNS)},
                          {"address", cleanName(message.address, MAX_PLACE_SIGNS)},
                          {"latitude", message.latitude},
                          {"longitude", message.longitude}};
      break;
    case Kind::Image:
      json["photo"] = true;
      break;
    case Kind::Audio:
      json["voice"] = true;
      break;
    case Kind::Video:
      json["video"] = true;
      break;
    case Kind::File:
      json["file"] = cleanName(message.fileName);
      break;
  }
  if (!message.text.empty()) json["text"] = message.text;
  return json;
}

// With the speaker where there are several.
ordered_json describeFrom(const ContextMessage& message, bool group) {
  ordered_json json = ordered_json::object();
  if (message.fromBot) {
    json["from"] = "assistant";
  } else if (group) {
    json["from"] = message.speaker.empty() ? ordered_json(nullptr) : ordered_json(cleanName(message.speaker));
  }
  json.update(describe(message));
  return json;
}

std::string asText(const ContextMessage& message, bool group) {
  if (message.fromBot || (!group && message.kind == Kind::Text)) return message.text;
  const ordered_json json = group ? describeFrom(message, true) : describe(message);
  return json.empty() ? std::string() : dump(json);
}

size_t charactersIn(std::string_view text) {
  size_t count = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
  return count;
}

// The order in which messages are read: pictures of one album by their index, in the places that the album takes.
std::vector<const ContextMessage*> inReadingOrder(const std::vector<ContextMessage>& messages) {
  std::vector<const ContextMessage*> order;
  std::map<std::string_view, std::vector<size_t>> albums;
  for (size_t i = 0; i < messages.size(); ++i) {
    order.push_back(&messages[i]);
    if (!messages[i].imageSetId.empty()) albums[messages[i].imageSetId].push_back(i);
  }
  for (const auto& [id, places] : albums) {
    std::vector<const ContextMessage*> pictures;
    for (const size_t place : places) pictures.push_back(&messages[place]);
    std::stable_sort(pictures.begin(), pictures.end(), [](const ContextMessage* a, const ContextMessage* b) {
      const auto rank = [](const ContextMessage* m) {
        return m->imageIndex > 0 ? m->imageIndex : std::numeric_limits<int64_t>::max();
      };
      return rank(a) < rank(b);
    });
    for (size_t i = 0; i < places.size(); ++i) order[places[i]] = pictures[i];
  }
  return order;
}

// Grows the list of messages, one role after the other.
class Talk {
 public:
  explicit Talk(std::vector<ChatMessage>& messages) : _messages(messages) {}

  void say(ChatMessage::Role role, const std::string& text) {
    if (text.empty()) return;
    auto& parts = partsOf(role);
    if (!parts.empty() && parts.back().kind == ChatPart::Kind::Text) {
      parts.back().data.append("\n").append(text);
    } else {
      parts.push_back({ChatPart::Kind::Text, text, "", ""});
    }
  }
  void show(const ChatPart& content) { partsOf(ChatMessage::Role::User).push_back(content); }

 private:
  std::vector<ChatPart>& partsOf(ChatMessage::Role role) {
    if (_messages.empty() || _messages.back().role != role) _messages.push_back({role, {}});
    return _messages.back().parts;
  }
  std::vector<ChatMessage>& _messages;
};

// Which messages of the history go in.
std::vector<bool> choose(const ContextInput& input, const std::vector<size_t>& costs, Context& context) {
  const auto& history = input.history;
  std::unordered_map<int64_t, size_t> turnCosts;
  for (size_t i = 0; i < history.size(); ++i)
    if (history[i].turn != 0) turnCosts[history[i].turn] += costs[i];

  std::unordered_map<int64_t, bool> taken;
  std::vector<bool> chosen(history.size(), false);
  bool open = true;
  int64_t laterMs = input.question.empty() ? input.nowMs : input.question.front().atMs;
  for (size_t i = history.size(); i-- > 0;) {
    const ContextMessage& message = history[i];
    if (message.turn != 0 && taken.count(message.turn) != 0) {
      chosen[i] = true;  // paid with its turn
      laterMs = message.atMs;
      continue;
    }
    if (!open || message.atMs < input.notBeforeMs) {
      open = false;
      continue;
    }
    if (input.idleResetMs > 0 && laterMs - message.atMs > input.idleResetMs) {
      context.idle = true;
      open = false;
      continue;
    }
    const size_t cost = message.turn != 0 ? turnCosts[message.turn] : costs[i];
    if (cost > input.budget - context.historyCharacters) {
      open = false;
      continue;
    }
    context.historyCharacters += cost;
    if (message.turn != 0) taken[message.turn] = true;
    chosen[i] = true;
    laterMs = message.atMs;
  }
  return chosen;
}

void addHistory(const ContextInput& input, Talk& talk, Context& context) {
  std::vector<size_t> costs;
  for (const auto& message : input.history) costs.push_back(charactersIn(asText(message, input.group)));
  const auto chosen = choose(input, costs, context);
  const auto order = inReadingOrder(input.history);
  bool begun = false;
  for (size_t i = 0; i < order.size(); ++i) {
    if (!chosen[i]) continue;
    begun = begun || !order[i]->fromBot;
    if (!begun) {
      context.historyCharacters -= costs[i];
      continue;
    }
    talk.say(order[i]->fromBot ? ChatMessage::Role::Assistant : ChatMessage::Role::User,
             asText(*order[i], input.group));
    ++context.historyMessages;
  }
}

void addQuestion(const ContextInput& input, Talk& talk) {
  constexpr auto USER = ChatMessage::Role::User;
  talk.say(USER, input.data);
  for (const auto& message : input.missed) {
    ordered_json json = describeFrom(message, input.group);
    json["minutesAgo"] = std::max<int64_t>(0, (input.nowMs - message.atMs) / 60'000);
    talk.say(USER, dump({{"missed", std::move(json)}}));
  }
  if (input.quoted) {
    talk.say(USER, dump({{"quoted", describeFrom(*input.quoted, input.group)}}));
    if (input.quoted->content) talk.show(*input.quoted->content);
  }
  for (const auto* message : inReadingOrder(input.question)) {
    // A picture that is there itself needs no word for it, but in a group its sender's name.
    const bool named = input.group || !message->content || message->kind != Kind::Image;
    if (named) talk.say(USER, asText(*message, input.group));
    if (message->content) talk.show(*message->content);
  }
}

}  // namespace

Context buildContext(const ContextInput& input) {
  Context context;
  Talk talk(context.messages);
  talk.say(ChatMessage::Role::System, input.systemPrompt);
  addHistory(input, talk, context);
  addQuestion(input, talk);
  return context;
}

}  // namespace tsunagi::chat
