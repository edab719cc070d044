#include "tools/linesim/Ledger.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tsunagi::linesim {

bool SentEvent::accepted() const {
  return std::any_of(attempts.begin(), attempts.end(), [](const WebhookAttempt& a) { return a.accepted(); });
}

bool Ledger::full(size_t moreEvents) const {
  return _events.size() + moreEvents > MAX_EVENTS || _entries.size() + moreEvents > MAX_ENTRIES;
}

size_t Ledger::addEvent(SentEvent event) {
  const size_t index = _events.size();
  event.seq = ++_seqs[event.conversation];
  _byId.emplace(event.content.webhookEventId, index);
  _entries.push_back({Kind::Event, index, 0, event.conversation});
  _events.push_back(std::move(event));
  return index;
}

void Ledger::addAttempt(size_t event, WebhookAttempt attempt) {
  SentEvent& sent = _events[event];
  sent.attempts.push_back(std::move(attempt));
  _entries.push_back({Kind::Webhook, event, sent.attempts.size() - 1, sent.conversation});
}

void Ledger::addMessages(ReceivedMessages messages) {
  const size_t index = _messages.size();
  if (messages.event) _events[*messages.event].answers.push_back(index);
  for (const size_t event : messages.quotes) _events[event].answers.push_back(index);
  _entries.push_back({Kind::Messages, index, 0, messages.conversation});
  _messages.push_back(std::move(messages));
}

void Ledger::addLoading(const std::string& conversation, size_t seconds) {
  _entries.push_back({Kind::Loading, 0, seconds, conversation});
}

void Ledger::addRead(const std::string& conversation, const std::string& messageId) {
  _entries.push_back({Kind::Read, 0, 0, conversation, messageId});
}

void Ledger::addPeople() { _entries.push_back({Kind::People, 0, 0, {}}); }

std::optional<size_t> Ledger::find(const std::string& webhookEventId) const {
  const auto found = _byId.find(webhookEventId);
  return found == _byId.end() ? std::nullopt : std::optional<size_t>(found->second);
}

bool Ledger::saysTheSameTwice(const SentEvent& event) const {
  std::set<std::string> said;
  for (const size_t answer : event.answers) {
    const auto& texts = _messages[answer].texts;
    for (const std::string& text : std::set<std::string>(texts.begin(), texts.end()))
      if (!said.insert(text).second) return true;
  }
  return false;
}

uint64_t Ledger::countTwice() const {
  // Answers by what they say, so that a push repeating one is charged to its event, each push at most once.
  std::map<std::pair<std::string, std::string>, std::vector<size_t>> byText;
  std::set<size_t> twice;
  for (size_t i = 0; i < _events.size(); ++i) {
    const SentEvent& event = _events[i];
    if (saysTheSameTwice(event)) twice.insert(i);
    size_t ownReplies = 0;
    for (const size_t answer : event.answers) {
      const ReceivedMessages& messages = _messages[answer];
      if (messages.event == i) ++ownReplies;
      if (messages.via != ReceivedMessages::Via::Reply) continue;
      for (const std::string& text : std::set<std::string>(messages.texts.begin(), messages.texts.end()))
        byText[{event.conversation, text}].push_back(i);
    }
    if (ownReplies > 1) twice.insert(i);
  }
  for (const ReceivedMessages& messages : _messages) {
    if (messages.via != ReceivedMessages::Via::Push) continue;
    for (const std::string& text : messages.texts) {
      const auto found = byText.find({messages.conversation, text});
      if (found == byText.end() || found->second.empty()) continue;
      twice.insert(found->second.back());
      found->second.pop_back();
      break;
    }
  }
  return twice.size();
}

uint64_t Ledger::countReordered() const {
  std::unordered_map<std::string, uint64_t> highest;
  uint64_t count = 0;
  for (const ReceivedMessages& messages : _messages) {
    if (!messages.event) continue;
    const SentEvent& event = _events[*messages.event];
    if (event.isShuffled || event.attempts.empty() || !event.attempts.front().accepted()) continue;
    uint64_t& seen = highest[event.conversation];
    if (event.seq < seen) ++count;
    seen = std::max(seen, event.seq);
  }
  return count;
}

Summary Ledger::summary() const {
  Summary result;
  result.events = _events.size();
  result.conversations = _seqs.size();
  for (const SentEvent& event : _events) {
    const bool accepted = event.accepted();
    const bool answered = !event.answers.empty();
    result.accepted += accepted ? 1 : 0;
    result.answered += answered ? 1 : 0;
    result.unanswered += event.expectsAnswer && !answered ? 1 : 0;
    result.lost += event.expectsAnswer && accepted && !answered ? 1 : 0;
    for (const WebhookAttempt& attempt : event.attempts) result.redeliveries += attempt.redelivery ? 1 : 0;
  }
  for (const ReceivedMessages& messages : _messages) {
    const bool isPush = messages.via == ReceivedMessages::Via::Push;
    ++(isPush ? result.pushes : result.replies);
    if (isPush) result.pushRecipients += messages.recipients;
  }
  result.contentRequests = _contentRequests;
  result.twice = countTwice();
  result.reordered = countReordered();
  return result;
}

}  // namespace tsunagi::linesim
