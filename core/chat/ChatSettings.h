#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "chat/AnswerSource.h"
#include "chat/ChannelApi.h"
#include "chat/MessageSender.h"
#include "chat/Phrases.h"
#include "chat/RateLimits.h"
#include "chat/ReplyPlan.h"
#include "chat/TimeZone.h"
#include "line/ContentDownload.h"
#include "line/PlainText.h"
#include "line/Signature.h"
#include "store/Access.h"

namespace tsunagi::chat {

// One LINE channel. What is not set yet is null: a state, not an error (J2).
struct ChannelSettings {
  std::string name;  // "line" or "line.shop", as its section
  struct Secret {
    std::shared_ptr<const line::SignatureVerifier> verifier;
    std::string mark;  // tells one secret from another without being one
  };
  // The channel's secret, behind it the one it had before, while webhooks signed with that may still come (J13).
  std::vector<Secret> secrets;
  std::shared_ptr<MessageSender> sender;
  std::shared_ptr<ChannelApi> api;                       // there when the sender is
  std::shared_ptr<const line::ContentDownload> content;  // there when the sender is
};

// A responder of [bridge] responder, in its order.
struct ResponderChoice {
  std::string name;
  store::Role minimumRole = store::Role::Member;  // S1
  std::shared_ptr<AnswerSource> source;
};

// [access]
struct AccessSettings {
  bool everyone = false;  // 1:1: who is not paired may talk too, as a guest
  bool mentionRequired = true;
  std::vector<std::string> prefixes;                        // address the bot in groups, beside its name
  store::RecordRule record = store::RecordRule::Addressed;  // of a group that was allowed
  int64_t maxEventAgeMs = 3 * 24 * 3'600'000LL;             // S13
  RateLimit perUser{60'000, 20}, perGroup{60'000, 60};      // 0 events = no limit
  DayBudget perUserDay, channelDay, inAllDay;               // 0 = no limit; inAllDay of all channels together
  int64_t pairingCodeLifeMs = 24 * 3'600'000LL;
};

// [reply]
struct ReplySettings {
  SlowPolicy slow = SlowPolicy::Button;
  LatePolicy late = LatePolicy::Hold;
  int64_t lateMaxMs = 6 * 3'600'000LL;
  int64_t buttonAtMs = 45'000;
  int64_t answerLimitMs = 50'000;  // how long a responder may take
  // Bounds of what may be pushed, where a policy pushes; a person's day is in AccessSettings::perUserDay.
  int64_t pushBudgetMonth = 100;  // of a channel, as LINE counts; 0 = no limit
  int64_t pushReserve = 10;       // of LINE's month and of the budget, kept for the owner's alarms
  bool merge = true;              // messages that came while a turn ran become one turn
  bool loading = true;            // the animation in 1:1
  bool quote = true;              // in groups the answer quotes the question
  line::LinkPolicy links = line::LinkPolicy::Keep;
  size_t contextCharacters = 12'000;
  int64_t idleResetMs = 4 * 3'600'000LL;  // 0 = never
  std::string prompt;                     // "" = the language's own

  bool pushes() const { return slow == SlowPolicy::Push || late == LatePolicy::Push; }
};

// All that handling a message needs of the configuration. Immutable; a turn keeps the one it began with (DESIGN rule
// 8).
struct ChatSettings {
  std::vector<ChannelSettings> channels;
  std::vector<ResponderChoice> responders;  // in the order in which they are asked
  std::vector<ResponderChoice> others;      // asked only by a project that names one
  AccessSettings access;
  ReplySettings reply;
  bool download = true;  // [files]: pictures, sounds, videos and files are fetched
  TimeZone timeZone;
  Language language = Language::Japanese;
  int64_t tokenLifeMs = 60'000;  // how long LINE takes a reply token
  // By channel: the same with its own responders, access and reply policy (ADR 024).
  std::map<std::string, std::shared_ptr<const ChatSettings>, std::less<>> ofChannel;

  // The first that somebody of that role may use; null when there is none.
  const ResponderChoice* responderFor(store::Role role) const;
  const ResponderChoice* responderNamed(std::string_view name, store::Role role) const;
  const ChannelSettings* channel(std::string_view name) const;
  std::vector<std::string> channelNames() const;
  bool canVerify() const;  // some channel has its secret
  // Some channel can be served from the signature to the reply, and a responder is there. Until then the link's events
  // stay with the relay.
  bool canServe() const;
};

// The settings for what comes to that channel: its own, or `all` when it has none (is not configured any more).
std::shared_ptr<const ChatSettings> settingsOf(const std::shared_ptr<const ChatSettings>& all,
                                               std::string_view channel);

// A text that is the same for the same channel secret, for comparing; the secret cannot be told from it.
std::string secretMark(const SecretString& channelSecret);
ChannelSettings::Secret verifyingSecret(const SecretString& channelSecret);

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
