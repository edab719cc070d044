#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "abi/responder.h"
#include "responder/Chat.h"
#include "responder/Utf8Repair.h"

namespace tsunagi::responder {

// Receives what a plugin streams during one call and holds it against the ABI's rules. Belongs to the thread that made
// it; take() on another one is refused and reported.
class AnswerSink {
 public:
  struct Hooks {
    std::function<bool(std::string_view)> onText;      // false: stop
    std::function<bool()> mustStop;                    // the call was cancelled or is past its deadline
    std::function<void(std::string_view)> misbehaved;  // any thread
  };
  AnswerSink(Hooks hooks, size_t maxBytes);

  // The rsp_stream_fn of the host; ctx is a number of the SinkTable. Never throws.
  static int32_t callback(void* ctx, const rsp_event* event);

  // After the plugin has returned: puts text, usage and finish into the outcome and reports what was left open.
  void conclude(bool pluginSaysOk, ChatOutcome& outcome);
  bool stoppedByReader() const { return _stoppedByReader; }
  bool refusedText() const { return _refusedText; }  // some of the answer was thrown away, other than by the size limit
  bool full() const { return _full; }                // the size limit was reached
  bool saidStop() const { return _stoppedByReader || _full || _failure != nullptr || _calledFromElsewhere; }
  bool calledFromElsewhere() const { return _calledFromElsewhere; }
  std::exception_ptr failureOfReader() const { return _failure; }

 private:
  int32_t take(const rsp_event* event);
  int32_t takeText(const rsp_str& text);
  void finish(const rsp_event& event);
  void deliver(std::string text);

  const Hooks _hooks;
  const size_t _maxBytes;
  const std::thread::id _thread = std::this_thread::get_id();
  std::atomic<bool> _calledFromElsewhere{false};
  Utf8Repair _repair;
  ChatOutcome _answer;
  bool _finished = false;
  bool _stoppedByReader = false;
  bool _refusedText = false;
  bool _full = false;
  int _eventsAfterStop = 0;
  std::exception_ptr _failure;
};

}  // namespace tsunagi::responder
