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
  store::ConversationState conversation;
  Language language = Language::Japanese;
  Request request = Request::Other;
  Addressing addressing;
  CommandParse command;
  std::string code;        // of Request::PairingCode: what was typed, as it was typed
  std::string text;        // the message's text without the bot's address, and without "/new"
  bool startsNew = false;  // a message behind "/new": the first of a new session
  int64_t ageMs = 0;
  AccessDecision decision;
};

}  // namespace tsunagi::chat
