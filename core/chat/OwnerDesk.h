#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "chat/Phrases.h"
#include "notify/Notifier.h"

namespace tsunagi::chat {

// What the owner is told (J11).
enum class OwnerCause : uint8_t {
  AccessToken,    // LINE refuses it
  ChannelSecret,  // webhooks fit no secret (J13)
  QuotaUsedUp,
  QuotaLow,      // only the reserve is left, and answers were to be pushed
  BudgetPerson,  // somebody's daily budget is spent (S22)
  BudgetAll,
  PairingCodes,  // cancelled after too many wrong ones (S14)
  LinkRefused,
  LinkReplaced,
  Store,
  ResponderDown,
  AnswerUnknown
};

// Tells the owner of trouble: by [notify], and by a line in the owner's next reply. Once per cause and day.
// Thread-safe, never blocks for long.
class OwnerDesk {
 public:
  explicit OwnerDesk(notify::Notifier& notifier) : _notifier(notifier) {}  // outlives the desk

  // about: a channel's section, or the responder's name. detail: for the operator, escaped, without secrets and names.
  void tell(OwnerCause cause, std::string_view about = {}, std::string_view detail = {});

  // A call to that responder ended. One that fails for a while, more than once and without an answer between, is down.
  void responderEnded(const std::string& name, bool answered, int64_t nowSteadyMs);

  // What the owners of that channel did not hear yet, as one message; text "" when there is nothing.
  struct Line {
    std::string text;
    std::vector<std::string> keys;
  };
  Line line(const std::string& channel, Language language) const;
  void said(const Line& line);

  // The sentence for a notice; "" when it is none of these causes.
  static std::string sentence(const notify::Notice& notice, Language language);

  static constexpr int64_t DOWN_AFTER_MS = 5 * 60'000;

 private:
  notify::Notifier& _notifier;
  std::mutex _mutex;
  std::map<std::string, int64_t> _failingSince;  // by responder; guarded by _mutex
};

}  // namespace tsunagi::chat
