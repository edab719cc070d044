#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "kit/Errors.hpp"
#include "kit/Request.hpp"

namespace responder {

// The host's services. Copy it freely; valid until the plugin's destructor has returned. All functions may be called on
// any thread and do not block.
class Host {
 public:
  explicit Host(const rsp_host& raw) : _raw(&raw) {}
  const rsp_host& raw() const { return *_raw; }

  // One line for the operator. No prompts or answers above debug; the host takes out secrets.
  void debug(std::string_view line, uint64_t callId = 0) const { log(RSP_LOG_DEBUG, line, callId); }
  void info(std::string_view line, uint64_t callId = 0) const { log(RSP_LOG_INFO, line, callId); }
  void warn(std::string_view line, uint64_t callId = 0) const { log(RSP_LOG_WARN, line, callId); }
  void error(std::string_view line, uint64_t callId = 0) const { log(RSP_LOG_ERROR, line, callId); }
  void log(int32_t level, std::string_view line, uint64_t callId) const { _raw->log(_raw, level, callId, str(line)); }

  int64_t nowMs() const { return _raw->monotonic_ms(_raw); }
  bool isCancelled(uint64_t callId) const { return _raw->is_cancelled(_raw, callId) != 0; }

  // A configuration value as the host checked it against the plugin's schema, defaults filled in; nothing when not set.
  std::optional<std::string_view> config(std::string_view key) const { return get(_raw->config_get, key); }
  std::optional<std::string_view> secret(std::string_view key) const { return get(_raw->secret_get, key); }
  std::string configText(std::string_view key, std::string_view otherwise = {}) const {
    return std::string(config(key).value_or(otherwise));
  }
  bool configFlag(std::string_view key, bool otherwise = false) const {
    const auto text = config(key);
    return text ? *text == "true" : otherwise;
  }
  int64_t configInt(std::string_view key, int64_t otherwise = 0) const {
    const auto text = config(key);
    if (!text) return otherwise;
    int64_t value = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failure != std::errc() || end != text->data() + text->size())
      throw Error(RSP_E_INVALID, std::string(key) + " is no whole number");
    return value;
  }

  // A table of host functions, for example extension<rsp_http>("rsp.http/1"); null when the host has it not.
  template <typename Table>
  const Table* extension(const char* id) const {
    return static_cast<const Table*>(_raw->get_extension(_raw, id));
  }

 private:
  using Getter = int32_t (*)(const rsp_host*, rsp_str, rsp_str*);
  std::optional<std::string_view> get(Getter getter, std::string_view key) const {
    rsp_str out{nullptr, 0};
    if (getter(_raw, str(key), &out) != RSP_OK) return std::nullopt;
    return view(out);
  }
  const rsp_host* _raw;
};

namespace detail {
// Wakes waiting calls of one instance when any of them is cancelled.
struct Wakeups {
  std::mutex mutex;
  std::condition_variable changed;
  void wakeAll() {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }
};
}  // namespace detail

// The call the plugin is serving: when it must end, and whether it must end now. For any thread while the call runs.
class Call {
 public:
  Call(Host host, const rsp_call& raw, detail::Wakeups& wakeups)
      : _host(host), _id(raw.call_id), _deadlineMs(raw.deadline_ms), _wakeups(wakeups) {}
  uint64_t id() const { return _id; }
  int64_t deadlineMs() const { return _deadlineMs; }  // on Host::nowMs(); 0: none
  bool deadlinePassed() const { return _deadlineMs != 0 && _host.nowMs() >= _deadlineMs; }
  bool cancelled() const { return _host.isCancelled(_id); }

  // Throws when the call must end: Error(RSP_E_DEADLINE) or Cancelled. Cheap: call it in loops.
  void check() const {
    if (deadlinePassed()) throw Error(RSP_E_DEADLINE, "the deadline has passed");
    if (cancelled()) throw Cancelled();
  }
  // Waits, and throws as check() does as soon as the call must end.
  void waitFor(int64_t ms) const {
    const int64_t until = _host.nowMs() + ms;
    std::unique_lock lock(_wakeups.mutex);
    for (;;) {
      check();
      const int64_t left = until - _host.nowMs();
      if (left <= 0) return;
      // In slices, since the host's clock may run on while this one stands still, as in a suspended machine.
      _wakeups.changed.wait_for(lock, std::chrono::milliseconds(std::min<int64_t>(left, 100)));
    }
  }

 private:
  Host _host;
  uint64_t _id;
  int64_t _deadlineMs;
  detail::Wakeups& _wakeups;
};

}  // namespace responder
