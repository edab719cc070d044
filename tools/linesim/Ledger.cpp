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
  _entries.push_back({Kind::Messages, index, 0, messages.conversation});
  _messages.push_back(std::move(messages));
}

void Ledger::addLoading(const std::string& conversation, size_t seconds) {
  _entries.push_back({Kind::Loading, 0, seconds, conversation});
}

std::optional<size_t> Ledger::find(const std::string& webhookEventId) const {
  const auto found = _byId.find(webhookEventId);
  return found == _byId.end() ? std::nullopt : std::optional<size_t>(found->second);
}

uint64_t Ledger::countTwice() const {
  // Answers by what they say, so that a push repeating one is charged to its event, each push at most once.
  std::map<std::pair<std::string, std::vector<std::string>>, std::vector<size_t>> byText;
  std::set<size_t> twice;
  for (size_t i = 0; i < _events.size(); ++i) {
    const SentEvent& event = _events[i];
    if (event.answers.size() > 1) twice.insert(i);
    if (!event.answers.empty()) byText[{event.conversation, _messages[event.answers.front()].texts}].push_back(i);
  }
  for (const ReceivedMessages& messages : _messages) {
    if (messages.via != ReceivedMessages::Via::Push) continue;
    const auto found = byText.find({messages.conversation, messages.texts});
    if (found == byText.end() || found->second.empty()) continue;
    twice.insert(found->second.back());
    found->second.pop_back();
  }
  return twice.size();
}

uint64_t Ledger::countReordered() const {
  std::unordered_map<std::string, uint64_t> highest;
  uint64_t count = 0;
  for (const ReceivedMessages& messages : _messages) {
    if (!messages.event) continue;
    const SentEvent& event = _events[*messages.event];
    if (event.attempts.empty() || !event.attempts.front().accepted()) continue;
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
    result.unanswered += answered ? 0 : 1;
    result.lost += accepted && !answered ? 1 : 0;
    for (const WebhookAttempt& attempt : event.attempts) result.redeliveries += attempt.redelivery ? 1 : 0;
  }
  for (const ReceivedMessages& messages : _messages)
    ++(messages.via == ReceivedMessages::Via::Push ? result.pushes : result.replies);
  result.twice = countTwice();
  result.reordered = countReordered();
  return result;
}

}  // namespace tsunagi::linesim
