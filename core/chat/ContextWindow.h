#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/PromptText.h"
#include "responder/Chat.h"

namespace tsunagi::chat {

// What a responder gets to read: system prompt, as much history as fits, the question.

// One message of a conversation, as the store has it.
struct ContextMessage {
  enum class Kind : uint8_t { Text, Sticker, Location, Image, Audio, Video, File, Other };
  Kind kind = Kind::Text;
  bool fromBot = false;
  std::string speaker;  // display name, unchecked; shown in groups
  std::string text;     // Text; a sticker's own text; the transcript of an Audio; what a File says; the bot's words
  std::vector<std::string> keywords;  // of a sticker
  std::string fileName;               // of a File, unchecked
  std::string title, address;         // of a Location
  double latitude = 0, longitude = 0;
  int64_t atMs = 0;        // wall time of the event
  int64_t turn = 0;        // messages of one turn (questions and answer) share it; 0: said to nobody, on its own
  std::string imageSetId;  // of an album's picture
  int64_t imageIndex = 0;  // from 1; 0: not told
  // The content itself, when the responder can take it: goes behind the text of a message of the question.
  std::optional<responder::ChatPart> content;
};

struct ContextInput {
  std::string systemPrompt;
  std::string data;  // Prompt::data
  bool group = false;
  std::vector<ContextMessage> history;   // oldest first, without the question
  std::vector<ContextMessage> missed;    // J9: messages that waited and were never answered, oldest first
  std::optional<ContextMessage> quoted;  // what the question quotes
  std::vector<ContextMessage> question;  // the messages of this turn, in their order; not empty
  int64_t nowMs = 0;                     // wall time, for the age of missed messages
  size_t budget = 12'000;                // characters of history
  int64_t idleResetMs = 0;               // a pause longer than this ends the history; 0: never
  int64_t notBeforeMs = 0;               // /new: nothing older
};

struct Context {
  std::vector<responder::ChatMessage> messages;
  size_t historyMessages = 0;  // of input.history that went in
  size_t historyCharacters = 0;
  bool idle = false;  // the history was ended by a pause
};

// The newest history first, by whole turns, until the budget is full or a pause ends it; the question always. Messages
// of one role that follow each other become one, and the first after the system prompt is a user's, as strict chat
// templates want it. An album's pictures are ordered by index, those without one behind them. Linear.
//
// What is not somebody's own words enters as lines of JSON, names cleaned (S24): {"photo":true}, {"sticker":["hello"]},
// {"file":"a.pdf"}; in groups every message is one, {"from":"Aya","text":"…"}, so that no text can speak in another
// one's name. What is quoted stands before the question as {"quoted":{…}}, what was missed as {"missed":{…}}. Pictures
// and files of the history are named, not sent again.
Context buildContext(const ContextInput& input);

}  // namespace tsunagi::chat
