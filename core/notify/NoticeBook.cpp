#include "notify/NoticeBook.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/Random.h"

namespace tsunagi::notify {
namespace {

using nlohmann::json;

std::string stringOf(const json& object, const char* name) {
  const auto value = object.find(name);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

int64_t numberOf(const json& object, const char* name) {
  const auto value = object.find(name);
  return value != object.end() && value->is_number_integer() ? value->get<int64_t>() : 0;
}

}  // namespace

NoticeEntry* NoticeBook::add(const Notice& notice, int64_t day, int64_t wallMs) {
  size_t ofCause = 0;
  for (const auto& entry : _entries) {
    if (entry.day != day || entry.notice.cause != notice.cause) continue;
    if (entry.notice.about == notice.about || ++ofCause == MOST_OF_ONE_CAUSE) return nullptr;
  }
  // A clock that went back leaves entries of days to come: they go by their number.
  _entries.erase(std::remove_if(_entries.begin(), _entries.end(),
                                [&](const NoticeEntry& entry) { return entry.day <= day - KEPT_DAYS; }),
                 _entries.end());
  if (_entries.size() == MOST) _entries.erase(_entries.begin());
  NoticeEntry& entry = _entries.emplace_back(NoticeEntry{notice, day, wallMs, randomUuid(), {}});
  if (ofCause + 1 == MOST_OF_ONE_CAUSE) entry.notice.text += " (Of this kind no more is told today.)";
  return &entry;
}

NoticeEntry* NoticeBook::find(const std::string& key) {
  const auto found =
      std::find_if(_entries.begin(), _entries.end(), [&](const NoticeEntry& entry) { return entry.key == key; });
  return found == _entries.end() ? nullptr : &*found;
}

std::string NoticeBook::text() const {
  json all = json::array();
  for (const auto& entry : _entries)
    all.push_back({{"cause", entry.notice.cause},
                   {"about", entry.notice.about},
                   {"text", entry.notice.text},
                   {"day", entry.day},
                   {"wall_ms", entry.wallMs},
                   {"key", entry.key},
                   {"done", entry.done}});
  return json{{"notices", all}}.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

NoticeBook NoticeBook::read(const std::string& text) {
  NoticeBook book;
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("notices") || !parsed["notices"].is_array()) return book;
  for (const json& item : parsed["notices"]) {
    if (!item.is_object() || book._entries.size() == MOST) continue;
    NoticeEntry entry;
    entry.notice = {stringOf(item, "cause"), stringOf(item, "about"), stringOf(item, "text")};
    entry.day = numberOf(item, "day");
    entry.wallMs = numberOf(item, "wall_ms");
    entry.key = stringOf(item, "key");
    if (entry.notice.cause.empty() || entry.key.empty()) continue;
    const auto done = item.find("done");
    if (done != item.end() && done->is_array())
      for (const json& name : *done)
        if (name.is_string()) entry.done.insert(name.get<std::string>());
    book._entries.push_back(std::move(entry));
  }
  return book;
}

}  // namespace tsunagi::notify
