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
// other threads post(). Timers live on a wheel with a resolution of about 10 ms. Between turns the loop holds one read
// buffer for all its connections.
class EventLoop {
 public:
  explicit EventLoop(std::string threadName);
  ~EventLoop();  // stops and joins
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void start();           // spawns the thread
  void stop();            // [any thread but the loop's] runs what was posted before, ends the thread, joins it
  bool isCurrent() const; // am I on the loop's thread?

  void post(std::function<void()> task);                      // [any thread] runs later on the loop; never inline
  void runSync(const std::function<void()>& task);            // [any other thread, or the loop itself] runs and waits
  TimerId callAfter(int64_t ms, std::function<void()> task);  // [loop]
  void cancel(TimerId timer);                                 // [loop] unknown or spent ids are a no-op
  int64_t nowMs() const;                                      // [loop] steady, read once per turn
  // Runs at the end of the current turn, for output corking. [loop]
  void atTurnEnd(std::function<void()> task);

  bool add(int fd, uint32_t events, FdHandler* handler);     // [loop] false when the kernel refuses
  void modify(int fd, uint32_t events, FdHandler* handler);  // [loop]
  // [loop] No event is reported for this handler afterwards, not even one already fetched in this turn.
  void remove(int fd, FdHandler* handler);

  char* readBuffer();                          // [loop] shared; valid within one onReady
  static constexpr size_t READ_BUFFER = 64 * 1024;

 private:
  struct State;
  void run();
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::net
