#pragma once
#include <vector>

#include "base/Clock.h"
#include "chat/Arrival.h"
#include "chat/ContextWindow.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// A message of an event, as context and store take it.
ContextMessage contextMessage(const line::EventMessage& message, int64_t atMs);

// Keeps an event's message as far as was decided (J7); true: it has a file, which is to be fetched now. The same twice
// is kept once. Throws sql::SqlError.
bool keepMessage(store::Tables& tables, const Arrival& arrival, const ChatSettings& settings);
// Of an answer's texts what may be kept: nothing but their number where nothing is kept of the group.
std::vector<std::string> keptAnswer(const Arrival& arrival, std::vector<std::string> texts);

// What a responder gets to read for a turn.
struct TurnContext {
  Context context;
  std::vector<std::string> answeredIds;  // LINE's ids of the messages that this turn takes up, missed ones too
  size_t missed = 0;                     // how many of these came too late for an answer of their own (J9)
};
// arrivals: the messages of one turn, in their order; not empty. Reads the store; throws sql::SqlError.
TurnContext turnContext(store::Tables& tables, const std::vector<Arrival>& arrivals, const ChatSettings& settings,
                        const Clock& clock);

}  // namespace tsunagi::chat
