#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/Clock.h"
#include "base/Result.h"
#include "base/SecretString.h"
#include "line/Signature.h"
#include "tools/linesim/Faults.h"
#include "tools/linesim/Ledger.h"
#include "tools/linesim/ReplyTokens.h"

namespace tsunagi::linesim {

struct PlatformOptions {
  std::string botUserId;
  std::string botName = "Tsunagi";
  SecretString channelSecret;
  SecretString accessToken;
  int64_t tokenLifeMs = 60'000;
};

// A person writes to the bot.
struct NewMessages {
  std::string user;
  std::string group;  // empty = 1:1
  std::string text;
  size_t count = 1;    // more than one: " 1", " 2", … are added to the text
  bool batch = false;  // all in one webhook instead of one each
  size_t copies = 1;   // times each webhook is sent
};

// One webhook to be sent.
struct Webhook {
  std::string conversation;  // first deliveries of one conversation go in order; empty = in no order
  std::shared_ptr<const std::string> body;
  std::string signature;
  std::vector<size_t> events;  // those it carries; none for a raw one
  bool redelivery = false;
};

// A call of the Messaging API, and what to answer.
struct BotCall {
  bool hasRetryKey = false;
  std::string retryKey;
  std::string body;
};
struct BotAnswer {
  int status = 200;
  std::string body;
  std::string requestId;
  std::string acceptedRequestId;         // with 409
  std::optional<Fault::Action> spoiled;  // Break or Hold: the answer must not go out as it is
  bool effect = false;                   // the messages reached their conversation
};

// The state of the simulated platform: users, events, tokens, ledger, faults. Thread-safe; no I/O.
class Platform {
 public:
  static constexpr size_t MAX_COUNT = 10'000;  // messages written at once
  static constexpr size_t MAX_NAME = 64;       // bytes of a user's or group's name

  Platform(PlatformOptions options, const Clock& clock);
  // Called after each change, on the thread that made it, with no lock held. Set before anything else is called.
  void onChange(std::function<void()> listener) { _listener = std::move(listener); }

  const PlatformOptions& options() const { return _options; }
  const line::SignatureVerifier& signer() const { return _signer; }
  bool acceptsBearer(std::string_view authorization) const;

  // The webhooks to send, in order; ids of the events through ids.
  Result<std::vector<Webhook>> write(const NewMessages& messages, std::vector<std::string>& ids);
  // The same event again, with isRedelivery.
  Result<Webhook> redeliver(const std::string& webhookEventId);
  // The events of webhook that no try brought to the bot yet, as a redelivery; nothing when there are none.
  std::optional<Webhook> redeliverRest(const Webhook& webhook);
  // A try begins: the life of its reply tokens begins, or begins again (line-api.md section 4).
  void beginAttempt(const Webhook& webhook);
  void recordAttempt(const Webhook& webhook, const WebhookAttempt& attempt);

  BotAnswer reply(const BotCall& call);
  BotAnswer push(const BotCall& call);
  BotAnswer startLoading(const BotCall& call);
  BotAnswer profile(const std::string& userId);
  BotAnswer botInfo();
  BotAnswer quota();
  BotAnswer quotaConsumption();

  void setQuota(std::optional<uint64_t> limit);
  bool addFaults(const Fault& fault, size_t count);
  void setFaultRate(const Fault& fault, unsigned percent, uint64_t seed);
  void clearFaults();

  // For the control interface: JSON text.
  std::string summaryJson() const;
  std::string eventJson(const std::string& webhookEventId) const;  // empty when there is none
  bool isWaiting(const std::string& webhookEventId) const;         // there is such an event, and it has no reply yet
  std::string ledgerJson(size_t since, size_t limit) const;
  size_t ledgerSize() const;

 private:
  struct RetryKey {
    std::string requestId;
    std::string sentMessages;
    int64_t firstMs;
  };
  void changed() const;
  BotAnswer begin();
  BotAnswer deliver(ReceivedMessages messages, BotAnswer answer, const std::optional<Fault>& fault);
  void spoil(BotAnswer& answer, const Fault& fault) const;
  std::string nextMessageId();
  void dropOldRetryKeys(int64_t nowMs);
  Webhook makeRedelivery(std::vector<size_t> events);
  std::shared_ptr<const std::string> makeBody(const std::vector<size_t>& events, bool redelivery);

  const PlatformOptions _options;
  const Clock& _clock;
  const line::SignatureVerifier _signer;
  std::function<void()> _listener;

  mutable std::mutex _mutex;
  Ledger _ledger;
  ReplyTokens _tokens;
  Faults _faults;
  std::unordered_map<std::string, std::string> _users;  // id -> name
  std::map<std::string, RetryKey> _retryKeys;
  std::optional<uint64_t> _quota;
  uint64_t _pushed = 0;
  uint64_t _deadTokenCalls = 0;
  uint64_t _messageIds;
};

}  // namespace tsunagi::linesim
