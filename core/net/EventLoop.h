#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tsunagi::net {

// What a descriptor registered with a loop reports to. Called on the loop's thread.
class FdHandler {
 public:
  virtual ~FdHandler() = default;
  virtual void onReady(uint32_t epollEvents) = 0;
};

using TimerId = uint64_t;  // 0 = none

// One epoll instance and the one thread that runs it. Everything registered with a loop is touched on its thread only;
// other threads post(). Timers live on a wheel with a resolution of 10 ms. Between turns the loop holds one read
// buffer for all its connections. An exception that leaves a task or handler ends the process with its text.
//
// A turn: wait, read the time, report events, fire timers, run a batch of posted tasks, run the turn-end tasks.
// A loop that is not running (before start(), after stop()) may be used from any one thread, which then counts as its
// own.
class EventLoop {
 public:
  explicit EventLoop(std::string threadName);  // throws std::runtime_error when the system has no descriptors left
  ~EventLoop();                                // stops and joins
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void start();            // spawns the thread; once
  void stop();             // [any thread but the loop's] runs what was posted before, ends the thread, joins it
  bool isCurrent() const;  // am I on the loop's thread?
  // The loop whose thread this is, or nullptr. Unlike isCurrent() it never counts a loop that does not run.
  static EventLoop* current();

  // [any thread] Runs later on the loop, in the order of posting, never inline. Before start() the task waits for it;
  // after stop() it is dropped and false returned.
  bool post(std::function<void()> task);
  // Runs and waits. [any other thread, or the loop itself: then inline] A loop that does not run: inline as well.
  void runSync(const std::function<void()>& task);
  TimerId callAfter(int64_t ms,
                    std::function<void()> task);  // [loop] counted from nowMs(); never early, up to 10 ms late
  void cancel(TimerId timer);                     // [loop] unknown or spent ids are a no-op
  int64_t nowMs() const;                          // [loop] Clock::system().steadyMs(), read once per turn
  uint64_t turn() const;                          // [loop] counts turns
  // [loop] Runs at the end of the current turn, for output corking. Tasks added meanwhile run in the same turn too.
  void atTurnEnd(std::function<void()> task);

  bool add(int fd, uint32_t events, FdHandler* handler);     // [loop] false when the kernel refuses (errno tells)
  void modify(int fd, uint32_t events, FdHandler* handler);  // [loop] may name another handler than before
  // [loop] No event is reported for this handler afterwards, not even one already fetched in this turn.
  void remove(int fd, FdHandler* handler);

  char* readBuffer();  // [loop] shared; valid within one onReady
  static constexpr size_t READ_BUFFER = 64 * 1024;

  // [loop] A place for one object that the connections of this loop share; destroyed with the loop, after its thread
  // ended.
  std::shared_ptr<void>& attachment();

 private:
  struct State;
  void run();
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::net
