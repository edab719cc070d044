#include "chat/MissedMessages.h"

#include <algorithm>
#include <sstream>

namespace tsunagi::chat {
namespace {

std::string nameOf(int64_t channelId, std::string_view conversation) {
  return "missed:" + std::to_string(channelId) + ":" + std::string(conversation);
}

}  // namespace

void MissedMessages::add(int64_t channelId, std::string_view conversation, const std::string& messageId) {
  std::vector<std::string> ids = list(channelId, conversation);
  if (std::find(ids.begin(), ids.end(), messageId) != ids.end()) return;
  ids.push_back(messageId);
  std::string text;
  for (size_t i = ids.size() > KEPT ? ids.size() - KEPT : 0; i < ids.size(); ++i)
    text += (text.empty() ? "" : " ") + ids[i];
  _meters.set({{nameOf(channelId, conversation), text}});
}

void MissedMessages::clear(int64_t channelId, std::string_view conversation) {
  if (!list(channelId, conversation).empty()) _meters.set({{nameOf(channelId, conversation), ""}});
}

std::vector<std::string> MissedMessages::list(int64_t channelId, std::string_view conversation) {
  std::istringstream text(_meters.get(nameOf(channelId, conversation)));
  std::vector<std::string> ids;
  for (std::string id; text >> id;) ids.push_back(id);
  return ids;
}

}  // namespace tsunagi::chat
