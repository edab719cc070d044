#pragma once
#include <optional>
#include <string>

#include "chat/Access.h"
#include "chat/ChatSettings.h"
#include "chat/Commands.h"
#include "chat/MentionGate.h"
#include "line/Events.h"
#include "store/Conversations.h"
#include "store/People.h"
#include "store/Rows.h"

namespace tsunagi::chat {

// One event with all that is known around it when its turn comes.
struct Arrival {
  store::InboxRow row;
  line::Event event;
  const ChannelSettings* channel = nullptr;  // of the settings of this turn; null: no longer configured
  Place place = Place::Direct;
  std::optional<store::Person> person;  // nothing: LINE did not tell who
  std::optional<store::Group> group;
  std::optional<store::Project> project;  // that the group is bound to
  store::ConversationState conversation;
  Language language = Language::Japanese;
  Request request = Request::Other;
  Addressing addressing;
  CommandParse command;
  std::string code;        // of Request::PairingCode: what was typed, as it was typed
  std::string text;        // of a message, or its edit: without the bot's address, and without "/new"
  bool startsNew = false;  // a message behind "/new": the first of a new session
  int64_t ageMs = 0;
  AccessDecision decision;
};

// Whom this event's question goes to: of those its sender may use (S1) the one that the project names, without a
// project the first. Null when there is none.
const ResponderChoice* responderOf(const Arrival& arrival, const ChatSettings& settings);
// The model it asks for: chosen in the conversation by /model, else the project's; "" = the responder's own.
const std::string& modelOf(const Arrival& arrival);

}  // namespace tsunagi::chat
