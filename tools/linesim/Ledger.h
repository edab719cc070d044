#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/linesim/WebhookBody.h"

namespace tsunagi::linesim {

// One try to bring a webhook to the bot.
struct WebhookAttempt {
  int64_t startedMs = 0;
  int64_t latencyMs = 0;
  int status = 0;  // 0 = no answer within LINE's 2 s
  bool redelivery = false;
  bool connected = false;  // bytes were sent
  std::string error;       // why there was no answer
  bool accepted() const { return status >= 200 && status < 300; }
};

// An event the platform sent. Times are steady milliseconds.
struct SentEvent {
  EventContent content;
  std::string user;           // the name in the simulator; empty = nobody
  std::string group;          // of the group or room; empty in 1:1
  bool isRoom = false;        // group names a room
  std::string conversation;   // LINE's id of it; empty = none
  std::string messageId;      // the message it is about; empty = none
  std::string text;           // of a text message
  bool expectsAnswer = true;  // counts as lost without one
  bool isShuffled = false;    // its webhook was sent out of order
  uint64_t seq = 0;           // in its conversation, from 1
  int64_t sentMs = 0;
  std::vector<WebhookAttempt> attempts;
  std::vector<size_t> answers;              // indexes of messages: replies, and pushes that quote its message
  std::shared_ptr<const std::string> body;  // of the last webhook that carried it
  std::string signature;

  bool accepted() const;  // some webhook was answered 2xx
};

// Messages of the bot that LINE took for a conversation.
struct ReceivedMessages {
  enum class Via { Reply, Push } via = Via::Reply;
  std::optional<size_t> event;  // whose token was spent; nothing for a push
  std::vector<size_t> quotes;   // other events whose message is quoted
  size_t recipients = 1;        // whom they reached; 0 = the user has blocked the bot, or is no friend
  std::string conversation;
  int64_t atMs = 0;
  std::string messagesJson;  // the array as it came
  std::vector<std::string> texts;
  std::vector<std::string> messageIds;
  std::string requestId;
  bool answerSpoiled = false;  // a fault kept the bot from hearing of it
};

// Counts over everything so far; see Ledger::summary().
struct Summary {
  uint64_t events = 0;      // sent
  uint64_t accepted = 0;    // of these, some webhook was answered 2xx
  uint64_t answered = 0;    // of these, at least one reply had its effect, or a push that quotes their message
  uint64_t lost = 0;        // of those that expect an answer: accepted and not answered (yet)
  uint64_t twice = 0;       // answered more than once: by another call, or by a push that says the same again
  uint64_t reordered = 0;   // replies that came behind the reply to a later event of their conversation
  uint64_t unanswered = 0;  // of those that expect an answer: without one, accepted or not
  uint64_t replies = 0;     // calls that had an effect
  uint64_t pushes = 0;
  uint64_t pushRecipients = 0;  // people they reached: what LINE counts against the monthly limit
  uint64_t redeliveries = 0;
  uint64_t conversations = 0;
  uint64_t contentRequests = 0;  // for contents, previews and whether they are ready
};

// What happened, in order. Nothing is ever removed; both lists are capped. Not thread-safe.
class Ledger {
 public:
  enum class Kind { Event, Webhook, Messages, Loading, Read, People };
  struct Entry {
    Kind kind;
    size_t index;       // of the event (Event, Webhook) or of the messages
    size_t detail = 0;  // of the attempt; seconds of a loading animation
    std::string conversation;
    std::string messageId = {};  // up to which was read
  };
  static constexpr size_t MAX_EVENTS = 200'000;
  static constexpr size_t MAX_ENTRIES = 2'000'000;

  bool full(size_t moreEvents) const;
  size_t addEvent(SentEvent event);  // gives it its seq
  void addAttempt(size_t event, WebhookAttempt attempt);
  void addMessages(ReceivedMessages messages);
  void addLoading(const std::string& conversation, size_t seconds);
  void addRead(const std::string& conversation, const std::string& messageId);
  void addContentRequest() { ++_contentRequests; }
  void addPeople();  // somebody was made, or a group changed

  std::optional<size_t> find(const std::string& webhookEventId) const;
  SentEvent& event(size_t index) { return _events[index]; }
  const SentEvent& event(size_t index) const { return _events[index]; }
  const ReceivedMessages& messages(size_t index) const { return _messages[index]; }
  const std::vector<Entry>& entries() const { return _entries; }
  bool knowsConversation(const std::string& id) const { return _seqs.count(id) != 0; }
  size_t eventCount() const { return _events.size(); }

  // Order is judged among events whose first webhook was accepted and not shuffled: LINE promises none for others.
  Summary summary() const;

 private:
  uint64_t countTwice() const;
  bool saysTheSameTwice(const SentEvent& event) const;
  uint64_t countReordered() const;
  std::vector<SentEvent> _events;
  std::vector<ReceivedMessages> _messages;
  std::vector<Entry> _entries;
  std::unordered_map<std::string, size_t> _byId;
  std::unordered_map<std::string, uint64_t> _seqs;
  uint64_t _contentRequests = 0;
};

}  // namespace tsunagi::linesim
