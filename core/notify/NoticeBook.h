#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "notify/Notice.h"

namespace tsunagi::notify {

// A notice that was raised, and who has it by now.
struct NoticeEntry {
  Notice notice;
  int64_t day = 0;  // by the owner's calendar
  int64_t wallMs = 0;
  std::string key;             // a UUID: names this notice to whoever must not take it twice
  std::set<std::string> done;  // names of those that have it, or that nothing more is tried for
};

// The notices of the last days, and which day each cause was told on. As text it outlives the process. Not thread-safe.
class NoticeBook {
 public:
  static constexpr int64_t KEPT_DAYS = 3;
  static constexpr size_t MOST = 200;
  static constexpr size_t MOST_OF_ONE_CAUSE = 10;  // in a day, about different things

  // A new entry; null when that cause was told of the same thing on that day, or of too many things.
  NoticeEntry* add(const Notice& notice, int64_t day, int64_t wallMs);
  std::vector<NoticeEntry>& entries() { return _entries; }  // oldest first
  const std::vector<NoticeEntry>& entries() const { return _entries; }
  NoticeEntry* find(const std::string& key);

  std::string text() const;
  static NoticeBook read(const std::string& text);  // what cannot be read is left out

 private:
  std::vector<NoticeEntry> _entries;
};

}  // namespace tsunagi::notify
