#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace tsunagi::linesim {

// A message that stands in a chat.
struct ChatMessage {
  std::string id;
  std::string conversation;
  std::string userId;  // who wrote it; empty = the bot
  std::string type;
  std::string json;             // the message object; empty once it is unsent
  std::string quoteToken;       // empty = it cannot be quoted by the bot
  std::optional<size_t> event;  // that told the bot of it; its last one after an edit
  bool unsent = false;
};

// What stands in all chats, found by message id, quote token or mark-as-read token. As many as the ledger holds.
// Not thread-safe.
class ChatLog {
 public:
  void add(ChatMessage message, const std::string& readToken = {});
  ChatMessage* find(const std::string& id);
  const ChatMessage* findQuoted(const std::string& quoteToken) const;
  const ChatMessage* findRead(const std::string& readToken) const;
  // The text was changed: the message has another quote token too; the old one stays good.
  void edit(ChatMessage& message, std::string json, std::string quoteToken, size_t event);

 private:
  std::unordered_map<std::string, ChatMessage> _byId;
  std::unordered_map<std::string, std::string> _byQuoteToken;  // to the id
  std::unordered_map<std::string, std::string> _byReadToken;
};

}  // namespace tsunagi::linesim
