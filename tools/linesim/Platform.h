#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/Clock.h"
#include "base/Result.h"
#include "base/SecretString.h"
#include "line/Signature.h"
#include "tools/linesim/AccessTokens.h"
#include "tools/linesim/CallRates.h"
#include "tools/linesim/ChatLog.h"
#include "tools/linesim/Contents.h"
#include "tools/linesim/Faults.h"
#include "tools/linesim/Ledger.h"
#include "tools/linesim/People.h"
#include "tools/linesim/ReplyTokens.h"
#include "tools/linesim/RetryKeys.h"

namespace tsunagi::linesim {

struct EventRequest;
struct RuleViolation;

struct PlatformOptions {
  std::string botUserId;
  std::string botName = "Tsunagi";
  SecretString channelSecret;
  SecretString accessToken;
  int64_t tokenLifeMs = 60'000;
  std::string channelId = "2000000000";
};

// A person writes text to the bot.
struct NewMessages {
  std::string user;
  std::string group;  // empty = 1:1
  std::string text;
  size_t count = 1;    // more than one: " 1", " 2", … are added to the text
  bool batch = false;  // all in one webhook instead of one each
  size_t copies = 1;   // times each webhook is sent
};

// What is to change of a person or chat; what is not set stays.
struct PersonChange {
  std::string user;
  std::optional<std::string> displayName = {}, pictureUrl = {}, statusMessage = {}, language = {};
  std::optional<bool> isFriend = {}, hasBlocked = {}, isIdentified = {};
  bool quiet = false;  // without follow or unfollow events
};
struct ChatChange {
  ChatName chat;
  std::optional<std::string> title = {}, pictureUrl = {};
  std::vector<std::string> add = {}, remove = {};  // members by name
  std::optional<bool> hasBot = {};
  bool quiet = false;  // without join, leave, memberJoined and memberLeft events
};

// One webhook to be sent.
struct Webhook {
  std::string conversation;  // first deliveries of one conversation go in order; empty = in no order
  std::shared_ptr<const std::string> body;
  std::string signature;
  std::vector<size_t> events;  // those it carries; none for a raw one
  bool redelivery = false;
  std::string url = {};  // where to; empty = the webhook URL
};

// What came of a control request.
struct Happened {
  std::vector<Webhook> webhooks;  // to be sent, in order
  std::vector<std::string> eventIds;
  std::vector<std::string> messageIds;  // of messages among them
};

// A call of the Messaging API, and what to answer.
struct BotCall {
  bool hasRetryKey = false;
  std::string retryKey;
  std::string body;
  std::vector<std::string> parameters = {};  // of the path
  std::string query = {};
};
struct BotAnswer {
  int status = 200;
  std::string body;
  std::string requestId;
  std::string acceptedRequestId;  // with 409
  std::string contentType;        // of content; empty = JSON
  std::shared_ptr<const std::string> content;
  std::optional<Fault> spoiled;  // other than Status: the answer must not go out as it is
  bool effect = false;           // the call did what it is for
};

// The state of the simulated platform: people, chats, events, tokens, ledger, faults. Thread-safe; no I/O.
class Platform {
 public:
  static constexpr size_t MAX_COUNT = 10'000;  // messages written at once
  static constexpr size_t MAX_BATCH = 100;     // events in one webhook
  static constexpr size_t MAX_COPIES = 10;

  Platform(PlatformOptions options, const Clock& clock);
  // Called after each change, on the thread that made it, with no lock held. Set before anything else is called.
  void onChange(std::function<void()> listener) { _listener = std::move(listener); }

  const PlatformOptions& options() const { return _options; }
  std::string sign(std::string_view body) const;
  bool acceptsBearer(std::string_view authorization) const;

  // What people do. Each gives the webhooks to send; an Error names what the request should be.
  Result<Happened> write(const NewMessages& messages);
  // batch: all in one webhook.
  Result<Happened> happen(const std::vector<EventRequest>& requests, bool batch, size_t copies);
  Result<Happened> changePerson(const PersonChange& change);
  Result<Happened> changeChat(const ChatChange& change);
  Result<Happened> unsend(const std::string& messageId);
  // The message's text anew, by the request's payload and mentions; groups only, as LINE does.
  Result<Happened> edit(const std::string& messageId, const EventRequest& request);
  // user taps what the JSON pointer names in a message of the bot: "/template/actions/0"; params of a date picker.
  Result<Happened> tap(const std::string& user, const std::string& messageId, const std::string& pointer,
                       const nlohmann::json& params);

  // The same event again, with isRedelivery.
  Result<Webhook> redeliver(const std::string& webhookEventId);
  // The events of webhook that no try brought to the bot yet, as a redelivery; nothing when there are none.
  std::optional<Webhook> redeliverRest(const Webhook& webhook);
  // A try begins: the life of its reply tokens begins, or begins again (line-api.md section 4).
  void beginAttempt(const Webhook& webhook);
  void recordAttempt(const Webhook& webhook, const WebhookAttempt& attempt);
  void markShuffled(const Webhook& webhook);

  // The Messaging API. Path parameters stand in the call.
  BotAnswer reply(const BotCall& call);
  BotAnswer push(const BotCall& call);
  BotAnswer multicast(const BotCall& call);
  BotAnswer validate(const BotCall& call);
  BotAnswer startLoading(const BotCall& call);
  BotAnswer markAsRead(const BotCall& call);
  // {chatId}; happened gets what LINE tells the bot of it, where it is wanted.
  BotAnswer leave(const BotCall& call, Happened* happened = nullptr);
  BotAnswer profile(const BotCall& call);        // {userId}
  BotAnswer memberProfile(const BotCall& call);  // {chatId, userId}
  BotAnswer groupSummary(const BotCall& call);   // {groupId}
  BotAnswer memberCount(const BotCall& call);    // {chatId}
  BotAnswer memberIds(const BotCall& call);      // {chatId}, start=
  BotAnswer followerIds(const BotCall& call);
  BotAnswer botInfo(const BotCall& call);
  BotAnswer quota(const BotCall& call);
  BotAnswer quotaConsumption(const BotCall& call);
  BotAnswer issueToken(const BotCall& call);      // form-encoded
  BotAnswer content(const BotCall& call);         // {messageId}
  BotAnswer contentPreview(const BotCall& call);  // {messageId}
  BotAnswer transcoding(const BotCall& call);     // {messageId}
  // The start of an answer of an endpoint that is no method here; a refusal, or spoiled when a fault is due.
  BotAnswer begin(const std::string& endpoint);

  // used: this month's recipients so far; without it they stay.
  void setQuota(std::optional<uint64_t> limit, std::optional<uint64_t> used = std::nullopt);
  bool addFaults(const std::string& endpoint, const Fault& fault, size_t count);
  void setFaultRate(const std::string& endpoint, const Fault& fault, unsigned percent, uint64_t seed);
  void clearFaults();
  // Another limit than LINE's of how often an endpoint may be called; nothing = LINE's.
  void setRate(const std::string& endpoint, std::optional<CallRates::Limit> limit);
  // The bot's account: chat mode as the console sets it, and whether it is verified.
  void setAccount(std::optional<std::string> chatMode, std::optional<bool> verified);
  void setSecret(SecretString channelSecret);  // signs webhooks and gets tokens from now on
  // Life of stateless tokens from now on, those issued withdrawn, the fixed one accepted or not; what is not set stays.
  void setTokens(std::optional<int64_t> lifeMs, bool withdraw, std::optional<bool> acceptFixed);

  // For the control interface: JSON text.
  std::string summaryJson() const;
  std::string eventJson(const std::string& webhookEventId) const;  // empty when there is none
  bool isWaiting(const std::string& webhookEventId) const;         // there is such an event, and it has no answer yet
  std::string ledgerJson(size_t since, size_t limit) const;
  std::string peopleJson() const;
  size_t ledgerSize() const;
  std::optional<Content> contentOf(const std::string& messageId) const;

 private:
  // An event that is about to be recorded.
  struct Draft {
    std::string type;
    nlohmann::ordered_json* payload = nullptr;
    const Person* person = nullptr;
    const Chat* chat = nullptr;
    std::string messageId = {};
    std::string text = {};
    const EventRequest* request = nullptr;  // for what it asks beyond LINE's ways
  };
  void changed() const;
  std::string nextMessageId();
  // Recording events; each with the lock held.
  Result<size_t> addRequested(const EventRequest& request, Happened& happened);
  Result<Chat*> enterChat(const ChatName& name, Person* person);
  Status completeMessage(const EventRequest& request, const Person& person, const Chat* chat,
                         nlohmann::ordered_json& payload, std::string& readToken);
  Status addMentions(const EventRequest& request, nlohmann::ordered_json& message) const;
  size_t record(const Draft& draft);
  void recordAlone(const Draft& draft, Happened& happened);
  void addWebhook(const std::vector<size_t>& events, size_t copies, Happened& happened);
  Webhook makeRedelivery(std::vector<size_t> events);
  std::shared_ptr<const std::string> makeBody(const std::vector<size_t>& events, bool redelivery);
  // Answering the bot; each with the lock held.
  // A new answer, or a refusal when the endpoint is called too often or with a retry key it does not take.
  BotAnswer start(const std::string& endpoint, const BotCall& call);
  std::vector<RuleViolation> checkForChat(const nlohmann::json& messages, const std::string& conversation) const;
  BotAnswer deliver(ReceivedMessages messages, const nlohmann::json& content, BotAnswer answer,
                    const std::optional<Fault>& fault);
  template <typename Look>
  BotAnswer lookUp(const std::string& endpoint, const BotCall& call, Look look);
  BotAnswer contentOrFault(const std::string& endpoint, const BotCall& call, bool preview);
  const Chat* joinedChat(const BotCall& call) const;

  const PlatformOptions _options;
  const Clock& _clock;
  std::function<void()> _listener;

  mutable std::mutex _mutex;
  SecretString _secret;
  line::SignatureVerifier _signer;
  Ledger _ledger;
  People _people;
  ChatLog _chatLog;
  Contents _contents;
  ReplyTokens _replyTokens;
  AccessTokens _accessTokens;
  RetryKeys _retryKeys;
  CallRates _rates;
  FaultPlans _faults;
  std::optional<uint64_t> _quota;
  uint64_t _pushed = 0;  // recipients
  uint64_t _deadTokenCalls = 0;
  uint64_t _messageIds;
  std::string _chatMode = "bot";
  bool _verified = false;
};

}  // namespace tsunagi::linesim
