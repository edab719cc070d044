#include "chat/CallThread.h"

#include <chrono>
#include <exception>
#include <utility>

namespace tsunagi::chat {

CallThread::CallThread(std::unique_ptr<AnswerCall> call, responder::ChatRequest request, RunningCalls& running,
                       RunningCalls::Key key)
    : _call(std::move(call)),
      _request(std::move(request)),
      _running(running),
      _key(std::move(key)),
      _result(_promise.get_future()),
      _thread("answer", [this] {
        try {
          const RunningCalls::Entry entry(_running, *_call, _key);
          _promise.set_value(_call->run(_request));
        } catch (...) {
          _promise.set_exception(std::current_exception());
        }
      }) {}

CallThread::~CallThread() { _thread.join(); }

bool CallThread::waitMs(int64_t ms) {
  return _result.wait_for(std::chrono::milliseconds(ms)) == std::future_status::ready;
}

responder::ChatOutcome CallThread::outcome() { return _result.get(); }

}  // namespace tsunagi::chat
