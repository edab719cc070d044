#pragma once
#include <functional>

#include "line/Events.h"
#include "store/Rows.h"
#include "store/Tables.h"

namespace tsunagi::chat {

// What an event changes in what the bridge knows of people, groups and messages (docs/events.md). The same event twice
// changes nothing more. Thread-safe; throws sql::SqlError.
class EventChanges {
 public:
  // filesChanged: a file is to be removed. tables outlives this.
  EventChanges(store::Tables& tables, std::function<void()> filesChanged);
  // words: what may be kept of the text of the event's message. An edit without takes the old ones away and puts no new
  // ones.
  void apply(const store::InboxRow& row, const line::Event& event, const std::string& words);

 private:
  store::Tables& _tables;
  const std::function<void()> _filesChanged;
};

}  // namespace tsunagi::chat
