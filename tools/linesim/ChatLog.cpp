#include "tools/linesim/ChatLog.h"

#include <utility>

namespace tsunagi::linesim {

void ChatLog::add(ChatMessage message, const std::string& readToken) {
  if (!message.quoteToken.empty()) _byQuoteToken.emplace(message.quoteToken, message.id);
  if (!readToken.empty()) _byReadToken.emplace(readToken, message.id);
  const std::string id = message.id;
  _byId.emplace(id, std::move(message));
}

ChatMessage* ChatLog::find(const std::string& id) {
  const auto found = _byId.find(id);
  return found == _byId.end() ? nullptr : &found->second;
}

const ChatMessage* ChatLog::findQuoted(const std::string& quoteToken) const {
  const auto found = _byQuoteToken.find(quoteToken);
  return found == _byQuoteToken.end() ? nullptr : &_byId.at(found->second);
}

const ChatMessage* ChatLog::findRead(const std::string& readToken) const {
  const auto found = _byReadToken.find(readToken);
  return found == _byReadToken.end() ? nullptr : &_byId.at(found->second);
}

void ChatLog::edit(ChatMessage& message, std::string json, std::string quoteToken, size_t event) {
  message.json = std::move(json);
  message.quoteToken = quoteToken;
  message.event = event;
  _byQuoteToken.emplace(std::move(quoteToken), message.id);
}

}  // namespace tsunagi::linesim
