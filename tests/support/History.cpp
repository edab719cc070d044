#include "tests/support/History.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "tests/support/Chain.h"

namespace tsunagi::test {

namespace {

using nlohmann::json;

constexpr int PAGE = 2'000;

bool isLost(const History::Event& event) { return event.accepted && event.answers.empty(); }
bool isTwice(const History::Event& event) { return event.answers.size() > 1; }
bool isAltered(const History::Event& event) {
  return std::any_of(event.answers.begin(), event.answers.end(),
                     [&](const auto& texts) { return texts != std::vector<std::string>{event.text}; });
}

size_t count(const std::vector<History::Event>& events, bool (*is)(const History::Event&)) {
  return static_cast<size_t>(std::count_if(events.begin(), events.end(), is));
}

}  // namespace

History::History(Chain& chain) {
  std::unordered_map<std::string, size_t> byId;
  std::vector<size_t> repliedTo;
  const auto answer = [&](size_t index, const json& texts) {
    repliedTo.push_back(index);
    _events[index].answers.push_back(texts);
  };
  uint64_t next = 0, total = 1;
  while (next < total) {
    const json page = chain.control(
        "GET", "/control/ledger?since=" + std::to_string(next) + "&limit=" + std::to_string(PAGE) + "&wait=0s");
    for (const json& entry : page.at("entries")) {
      const std::string kind = entry.at("kind");
      if (kind == "event") {
        byId.emplace(entry.at("webhookEventId"), _events.size());
        Event& event = _events.emplace_back();
        event.id = entry.at("webhookEventId");
        event.conversation = entry.at("conversation");
        event.text = entry.at("text");
        event.seq = entry.at("seq");
      } else if (kind == "webhook") {
        Event& event = _events[byId.at(entry.at("webhookEventId"))];
        const bool accepted = entry.at("accepted");
        event.acceptedAtOnce = event.acceptedAtOnce || (accepted && !entry.at("redelivery").get<bool>());
        event.accepted = event.accepted || accepted;
      } else if (kind == "messages" && entry.contains("webhookEventId")) {
        ++_replies;
        answer(byId.at(entry.at("webhookEventId")), entry.at("texts"));
      } else if (kind == "messages") {
        ++_pushes;
        for (const json& quoted : entry.value("quotes", json::array())) answer(byId.at(quoted), entry.at("texts"));
      }
    }
    next = page.at("next");
    total = page.at("total");
  }
  std::map<std::string, uint64_t> highest;
  for (const size_t index : repliedTo) {
    const Event& event = _events[index];
    if (!event.acceptedAtOnce) continue;  // a redelivery may come behind a later event
    uint64_t& seen = highest[event.conversation];
    if (event.seq < seen) ++_reordered;
    seen = std::max(seen, event.seq);
  }
}

size_t History::accepted() const {
  return count(_events, [](const Event& event) { return event.accepted; });
}
size_t History::answered() const {
  return count(_events, [](const Event& event) { return !event.answers.empty(); });
}
size_t History::lost() const { return count(_events, isLost); }
size_t History::twice() const { return count(_events, isTwice); }
size_t History::altered() const { return count(_events, isAltered); }
size_t History::reordered() const { return _reordered; }

std::string History::firstFault() const {
  for (const Event& event : _events) {
    if (!isLost(event) && !isTwice(event) && !isAltered(event)) continue;
    return "event " + event.id + " \"" + event.text + "\" of " + event.conversation + ": " +
           (event.answers.empty() ? "no answer" : json(event.answers).dump());
  }
  return {};
}

bool History::oneEchoEach(std::string& why) const {
  if (lost() + twice() + altered() + reordered() + pushes() == 0) return true;
  why = "lost " + std::to_string(lost()) + " twice " + std::to_string(twice()) + " altered " +
        std::to_string(altered()) + " reordered " + std::to_string(reordered()) + " pushes " +
        std::to_string(pushes()) + "; " + firstFault();
  return false;
}

}  // namespace tsunagi::test
