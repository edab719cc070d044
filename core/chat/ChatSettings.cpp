#include "chat/ChatSettings.h"

#include <utility>

#include "base/Encoding.h"
#include "base/Hash.h"

namespace tsunagi::chat {

const ResponderChoice* ChatSettings::responderFor(store::Role role) const {
  for (const auto& choice : responders)
    if (choice.minimumRole <= role) return &choice;
  return nullptr;
}

const ResponderChoice* ChatSettings::responderNamed(std::string_view name, store::Role role) const {
  for (const auto* choices : {&responders, &others})
    for (const auto& choice : *choices)
      if (choice.name == name) return choice.minimumRole <= role ? &choice : nullptr;
  return nullptr;
}

const ChannelSettings* ChatSettings::channel(std::string_view name) const {
  for (const auto& channel : channels)
    if (channel.name == name) return &channel;
  return nullptr;
}

std::vector<std::string> ChatSettings::channelNames() const {
  std::vector<std::string> names;
  for (const auto& channel : channels) names.push_back(channel.name);
  return names;
}

bool ChatSettings::canVerify() const {
  for (const auto& channel : channels)
    if (!channel.secrets.empty()) return true;
  return false;
}

bool ChatSettings::canServe() const {
  for (const auto& channel : channels) {
    const auto own = ofChannel.find(channel.name);
    const bool answered = !(own == ofChannel.end() ? responders : own->second->responders).empty();
    if (answered && !channel.secrets.empty() && channel.sender) return true;
  }
  return false;
}

std::shared_ptr<const ChatSettings> settingsOf(const std::shared_ptr<const ChatSettings>& all,
                                               std::string_view channel) {
  const auto own = all->ofChannel.find(channel);
  return own == all->ofChannel.end() ? all : own->second;
}

std::string secretMark(const SecretString& channelSecret) {
  return toHex(HmacSha256(channelSecret.reveal()).digest("tsunagi channel mark").substr(0, 8));
}

ChannelSettings::Secret verifyingSecret(const SecretString& channelSecret) {
  return {std::make_shared<line::SignatureVerifier>(channelSecret), secretMark(channelSecret)};
}

CurrentSettings::CurrentSettings() : _settings(std::make_shared<ChatSettings>()) {}

std::shared_ptr<const ChatSettings> CurrentSettings::get() const {
  const std::lock_guard lock(_mutex);
  return _settings;
}

void CurrentSettings::set(std::shared_ptr<const ChatSettings> settings) {
  const std::lock_guard lock(_mutex);
  _settings.swap(settings);
}

}  // namespace tsunagi::chat
