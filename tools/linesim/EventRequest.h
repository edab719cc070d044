#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/Result.h"
#include "tools/linesim/Contents.h"
#include "tools/linesim/People.h"

namespace tsunagi::linesim {

// Something that happens in a chat, as the control interface asks for it. The platform adds what LINE adds: ids,
// tokens, times, source.
struct EventRequest {
  std::string type = "message";
  std::string user;  // name; empty = nobody
  ChatName chat;
  nlohmann::ordered_json payload = nlohmann::ordered_json::object();  // members of the event: "message", "postback", …
  std::string quote;                                                  // id of the message that is quoted
  std::vector<std::string> mentions;  // names behind an @ in the text, in its order; "bot" and "all" too
  std::optional<Content> content;     // of a message; kind is filled in later
  std::string shownText;              // what the chat shows of an event that is no message
  bool standby = false;
  bool anonymous = false;          // no userId in the source
  bool sourceless = false;         // no source at all
  std::optional<bool> replyToken;  // else as LINE does for that type
  std::optional<bool> expect;      // an answer; else for messages and postbacks
};

// Reads {user, group | room, text | message | type + with, quote, mentions, content, preparing, failed, standby,
// anonymous, sourceless, replyToken, expect}; see README.md.
Result<EventRequest> readEventRequest(const nlohmann::json& request);
// {group} or {room} of a request; neither = 1:1.
Result<ChatName> readChatName(const nlohmann::json& request);

// Does LINE give events of this type a reply token?
bool hasReplyToken(std::string_view type);

}  // namespace tsunagi::linesim
