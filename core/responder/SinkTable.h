#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace tsunagi::responder {

// Turns the ctx of a callback into the object it is meant for. What a plugin is given is a number, never a pointer, so
// that a callback after the call has returned finds nothing instead of freed memory. Process-wide per Sink;
// thread-safe.
template <typename Sink>
class SinkTable {
 public:
  using Late = std::function<void()>;

  static SinkTable& instance() {
    static auto* const table = new SinkTable;  // a plugin's stray thread may call until the process ends
    return *table;
  }

  // onLate is called for callbacks that come after remove(), as long as the last 256 removals remember the number.
  void* add(std::shared_ptr<Sink> sink, Late onLate) {
    const std::lock_guard lock(_mutex);
    const uintptr_t number = ++_last;
    _entries.emplace(number, Entry{std::move(sink), std::move(onLate)});
    return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr): never followed
  }
  void remove(void* ctx) {
    const std::lock_guard lock(_mutex);
    const auto number = reinterpret_cast<uintptr_t>(ctx);
    _entries[number].sink = nullptr;
    _ended.push_back(number);
    if (_ended.size() <= kRemembered) return;
    _entries.erase(_ended.front());
    _ended.pop_front();
  }
  // Null when the call has ended; that has been reported then.
  std::shared_ptr<Sink> find(void* ctx) {
    Late onLate;
    {
      const std::lock_guard lock(_mutex);
      const auto entry = _entries.find(reinterpret_cast<uintptr_t>(ctx));
      if (entry == _entries.end()) return nullptr;
      if (entry->second.sink != nullptr) return entry->second.sink;
      onLate = entry->second.onLate;
    }
    onLate();
    return nullptr;
  }

 private:
  static constexpr size_t kRemembered = 256;
  struct Entry {
    std::shared_ptr<Sink> sink;
    Late onLate;
  };
  std::mutex _mutex;
  uintptr_t _last = 0;
  std::map<uintptr_t, Entry> _entries;
  std::deque<uintptr_t> _ended;
};

}  // namespace tsunagi::responder
