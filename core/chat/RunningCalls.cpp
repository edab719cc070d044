#include "chat/RunningCalls.h"

namespace tsunagi::chat {

// cancel() is called under the mutex: an entry cannot leave, and its call cannot end, in between.
RunningCalls::Entry::Entry(RunningCalls& owner, AnswerCall& call, Key key)
    : _owner(owner), _call(call), _key(std::move(key)) {
  const std::lock_guard lock(_owner._mutex);
  _owner._calls[_key] = &_call;
  if (_owner._cancelled) _call.cancel();
}

RunningCalls::Entry::~Entry() {
  const std::lock_guard lock(_owner._mutex);
  _owner._calls.erase(_key);
}

void RunningCalls::cancelAll() {
  const std::lock_guard lock(_mutex);
  _cancelled = true;
  for (const auto& [key, call] : _calls) call->cancel();
}

bool RunningCalls::cancelled() const {
  const std::lock_guard lock(_mutex);
  return _cancelled;
}

bool RunningCalls::cancel(const Key& key) {
  const std::lock_guard lock(_mutex);
  const auto running = _calls.find(key);
  if (running == _calls.end()) return false;
  _stopped.insert(key);
  running->second->cancel();
  return true;
}

bool RunningCalls::takeStopped(const Key& key) {
  const std::lock_guard lock(_mutex);
  return _stopped.erase(key) > 0;
}

size_t RunningCalls::count() const {
  const std::lock_guard lock(_mutex);
  return _calls.size();
}

}  // namespace tsunagi::chat
