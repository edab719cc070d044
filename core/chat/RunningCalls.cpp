#include "chat/RunningCalls.h"

namespace tsunagi::chat {

// cancel() is called under the mutex: an entry cannot leave, and its call cannot end, in between.
RunningCalls::Entry::Entry(RunningCalls& owner, AnswerCall& call) : _owner(owner), _call(call) {
  const std::lock_guard lock(_owner._mutex);
  _owner._calls.insert(&_call);
  if (_owner._cancelled) _call.cancel();
}

RunningCalls::Entry::~Entry() {
  const std::lock_guard lock(_owner._mutex);
  _owner._calls.erase(&_call);
}

void RunningCalls::cancelAll() {
  const std::lock_guard lock(_mutex);
  _cancelled = true;
  for (AnswerCall* call : _calls) call->cancel();
}

bool RunningCalls::cancelled() const {
  const std::lock_guard lock(_mutex);
  return _cancelled;
}

size_t RunningCalls::count() const {
  const std::lock_guard lock(_mutex);
  return _calls.size();
}

}  // namespace tsunagi::chat
