#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "chat/AnswerSource.h"
#include "chat/MessageSender.h"
#include "chat/Phrases.h"
#include "line/Signature.h"

namespace tsunagi::chat {

// One LINE channel. What is not set yet is null: a state, not an error (J2).
struct ChannelSettings {
  std::string name;  // "line" or "line.shop", as its section
  std::shared_ptr<const line::SignatureVerifier> verifier;
  std::string secretMark;  // tells one secret from another without being one
  std::shared_ptr<MessageSender> sender;
};

// All that handling a message needs of the configuration. Immutable; a turn keeps the one it began with (DESIGN rule
// 8).
struct ChatSettings {
  std::vector<ChannelSettings> channels;
  std::shared_ptr<AnswerSource> responder;
  Language language = Language::Japanese;
  int64_t tokenLifeMs = 60'000;    // how long LINE takes a reply token
  int64_t answerLimitMs = 50'000;  // how long a responder may take

  const ChannelSettings* channel(std::string_view name) const;
  std::vector<std::string> channelNames() const;
  bool canVerify() const;  // some channel has its secret
  // Some channel can be served from the signature to the reply, and a responder is there. Until then the link's events
  // stay with the relay.
  bool canServe() const;
};

// A text that is the same for the same channel secret, for comparing; the secret cannot be told from it.
std::string secretMark(const SecretString& channelSecret);

// The settings in force. Thread-safe.
class CurrentSettings {
 public:
  CurrentSettings();
  std::shared_ptr<const ChatSettings> get() const;
  void set(std::shared_ptr<const ChatSettings> settings);

 private:
  mutable std::mutex _mutex;
  std::shared_ptr<const ChatSettings> _settings;
};

}  // namespace tsunagi::chat
