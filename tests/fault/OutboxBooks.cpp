#include "tests/fault/OutboxBooks.h"

#include <string_view>
#include <unordered_map>

#include "sql/Database.h"
#include "tests/support/History.h"

namespace tsunagi::test {
namespace {

enum class Fate { Sent, NotSent, Unknown };

// By webhookEventId. An event may have several answers (a button, then the text): the last one tells.
std::unordered_map<std::string, Fate> fates(const std::string& store) {
  sql::Database database(store);
  std::unordered_map<std::string, Fate> all;
  auto query = database.query(
      "SELECT i.event_key, o.state FROM inbox i LEFT JOIN outbox o ON o.inbox_id=i.id ORDER BY i.id, o.id");
  constexpr std::string_view KEY = "w:";
  while (query.step()) {
    const std::string key = query.text(0);
    if (key.compare(0, KEY.size(), KEY) != 0) continue;
    const std::string state = query.isNull(1) ? "" : query.text(1);
    all[key.substr(KEY.size(), key.rfind(':') - KEY.size())] = state == "sent"      ? Fate::Sent
                                                               : state == "unknown" ? Fate::Unknown
                                                                                    : Fate::NotSent;
  }
  return all;
}

}  // namespace

OutboxBooks OutboxBooks::compare(const std::string& store, const History& history) {
  const auto known = fates(store);
  OutboxBooks books;
  const auto complain = [&](size_t& figure, const History::Event& event, const char* what) {
    ++figure;
    if (books.first.empty()) books.first = event.id + " of " + event.conversation + ": " + what;
  };
  for (const History::Event& event : history.events()) {
    const bool answered = !event.answers.empty();
    const auto fate = known.find(event.id);
    if (fate == known.end()) {
      if (answered) complain(books.wrong, event, "answered, and the bridge has never heard of it");
      if (event.accepted && !answered) complain(books.lost, event, "accepted, and the bridge has never heard of it");
    } else if (fate->second == Fate::Unknown) {
      ++books.unknown;
      books.delivered += answered;
    } else if (fate->second == Fate::Sent) {
      if (!answered) complain(books.wrong, event, "said to be sent, and there is no answer");
    } else if (answered) {
      complain(books.wrong, event, "said not to be sent, and there is an answer");
    } else {
      ++books.notSent;
    }
  }
  return books;
}

}  // namespace tsunagi::test
