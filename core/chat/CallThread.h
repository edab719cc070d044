#pragma once
#include <cstdint>
#include <future>
#include <memory>

#include "base/NamedThread.h"
#include "chat/AnswerSource.h"
#include "chat/RunningCalls.h"

namespace tsunagi::chat {

// One call to a responder on a thread of its own, so that its lane can meanwhile keep the chat's animation alive or
// spend the reply token on a button. Entered in RunningCalls for as long as it runs. The destructor waits for its end.
class CallThread {
 public:
  CallThread(std::unique_ptr<AnswerCall> call, responder::ChatRequest request, RunningCalls& running,
             RunningCalls::Key key);
  ~CallThread();
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;

  bool waitMs(int64_t ms);           // true: it ended
  responder::ChatOutcome outcome();  // once, after it ended; waits otherwise

 private:
  std::unique_ptr<AnswerCall> _call;
  const responder::ChatRequest _request;
  RunningCalls& _running;
  const RunningCalls::Key _key;
  std::promise<responder::ChatOutcome> _promise;
  std::future<responder::ChatOutcome> _result;
  NamedThread _thread;  // last
};

}  // namespace tsunagi::chat
