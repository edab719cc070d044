#include "net/EventLoop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "base/ErrnoText.h"
#include "base/NamedThread.h"
#include "base/UniqueFd.h"
#include "net/TimerWheel.h"

namespace tsunagi::net {

namespace {
constexpr int64_t TICK_MS = 10;
constexpr size_t EVENTS_PER_TURN = 256;
constexpr size_t TASKS_PER_TURN = 1024;
constexpr int DRAIN_ROUNDS = 64;  // at stop(): tasks that keep posting new ones end here

thread_local EventLoop* currentLoop = nullptr;

uint64_t tickOf(int64_t ms) { return static_cast<uint64_t>(ms / TICK_MS); }
}  // namespace

struct EventLoop::State {
  std::string name;
  UniqueFd epoll;
  UniqueFd wake;
  int64_t nowMs = Clock::system().steadyMs();
  uint64_t turn = 0;
  TimerWheel wheel{tickOf(nowMs)};
  std::unique_ptr<char[]> buffer{new char[READ_BUFFER]};
  std::array<epoll_event, EVENTS_PER_TURN> events;
  size_t eventCount = 0;
  size_t eventNext = 0;
  std::deque<std::function<void()>> running;  // taken from posted, not yet run
  std::vector<std::function<void()>> turnEnd;

  std::mutex mutex;  // of the fields below
  std::vector<std::function<void()>> posted;
  bool stopping = false;
  bool ended = false;
  std::atomic<std::thread::id> owner{};  // the loop's thread while it runs

  std::shared_ptr<void> attachment;
  NamedThread thread;

  void readTime() { nowMs = std::max(nowMs, Clock::system().steadyMs()); }

  void signal() const {
    const uint64_t one = 1;
    // Fails only when the counter is full: then the loop is awake already.
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  }

  int waitMs() {
    if (!running.empty() || !turnEnd.empty()) return 0;
    const auto next = wheel.nextTick();
    if (!next) return -1;
    const int64_t due = static_cast<int64_t>(*next) * TICK_MS;
    return static_cast<int>(std::clamp<int64_t>(due - Clock::system().steadyMs(), 0, 3'600'000));
  }

  void poll(int timeoutMs) {
    const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), timeoutMs);
    if (count < 0 && errno != EINTR) {
      throw std::runtime_error("epoll_wait of loop " + name + " failed: " + errnoText(errno));
    }
    ++turn;
    readTime();
    eventCount = count < 0 ? 0 : static_cast<size_t>(count);
    for (eventNext = 0; eventNext < eventCount;) {
      const epoll_event& event = events[eventNext++];
      if (event.data.ptr == this) {
        uint64_t ignored;
        [[maybe_unused]] const ssize_t got = ::read(wake.get(), &ignored, sizeof ignored);
      } else if (event.data.ptr) {
        static_cast<FdHandler*>(event.data.ptr)->onReady(event.events);
      }
    }
    eventCount = eventNext = 0;
  }

  void fireTimers() {
    wheel.advance(tickOf(nowMs));
    while (auto task = wheel.popDue()) task();
  }

  void takePosted() {
    const std::lock_guard lock(mutex);
    for (auto& task : posted) running.push_back(std::move(task));
    posted.clear();
  }

  void runTasks(size_t most) {
    for (; most > 0 && !running.empty(); --most) {
      const auto task = std::move(running.front());
      running.pop_front();
      task();
    }
  }

  void runTurnEnd() {
    for (size_t i = 0; i < turnEnd.size(); ++i) {
      const auto task = std::move(turnEnd[i]);
      task();
    }
    turnEnd.clear();
  }
};

EventLoop::EventLoop(std::string threadName) : _state(std::make_unique<State>()) {
  _state->name = std::move(threadName);
  _state->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
  _state->wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = _state.get();
  if (!_state->epoll || !_state->wake ||
      ::epoll_ctl(_state->epoll.get(), EPOLL_CTL_ADD, _state->wake.get(), &event) != 0) {
    throw std::runtime_error("cannot make event loop " + _state->name + ": " + errnoText(errno) +
                             "; raise the limit of open files (ulimit -n)");
  }
}

EventLoop::~EventLoop() {
  stop();
  // What is left may own descriptors and timers of this loop, so it goes while the loop still works.
  const auto running = std::exchange(_state->running, {});
  const auto turnEnd = std::exchange(_state->turnEnd, {});
  const auto posted = std::exchange(_state->posted, {});
  const auto timers = std::exchange(_state->wheel, TimerWheel(tickOf(_state->nowMs)));
  const auto attachment = std::exchange(_state->attachment, {});
}

void EventLoop::start() {
  if (_state->thread.joinable()) return;
  std::promise<void> running;
  _state->thread = NamedThread(_state->name, [this, &running] {
    _state->owner.store(std::this_thread::get_id(), std::memory_order_release);
    running.set_value();
    run();
  });
  running.get_future().wait();
}

void EventLoop::stop() {
  {
    const std::lock_guard lock(_state->mutex);
    _state->stopping = true;
    if (!_state->thread.joinable()) _state->ended = true;
  }
  _state->signal();
  _state->thread.join();
}

bool EventLoop::isCurrent() const {
  const auto owner = _state->owner.load(std::memory_order_acquire);
  return owner == std::thread::id() || owner == std::this_thread::get_id();
}

EventLoop* EventLoop::current() { return currentLoop; }

bool EventLoop::post(std::function<void()> task) {
  bool first;
  {
    const std::lock_guard lock(_state->mutex);
    if (_state->ended) return false;
    first = _state->posted.empty();
    _state->posted.push_back(std::move(task));
  }
  if (first) _state->signal();
  return true;
}

void EventLoop::runSync(const std::function<void()>& task) {
  if (isCurrent()) {
    task();
    return;
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  const bool accepted = post([&] {
    task();
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  if (!accepted) {
    task();
    return;
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
}

TimerId EventLoop::callAfter(int64_t ms, std::function<void()> task) {
  const int64_t due = _state->nowMs + std::max<int64_t>(ms, 0);
  return _state->wheel.insert(tickOf(due + TICK_MS - 1), std::move(task));
}

void EventLoop::cancel(TimerId timer) { _state->wheel.cancel(timer); }
int64_t EventLoop::nowMs() const { return _state->nowMs; }
uint64_t EventLoop::turn() const { return _state->turn; }
void EventLoop::atTurnEnd(std::function<void()> task) { _state->turnEnd.push_back(std::move(task)); }
char* EventLoop::readBuffer() { return _state->buffer.get(); }
std::shared_ptr<void>& EventLoop::attachment() { return _state->attachment; }

bool EventLoop::add(int fd, uint32_t events, FdHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  return ::epoll_ctl(_state->epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::modify(int fd, uint32_t events, FdHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  ::epoll_ctl(_state->epoll.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::remove(int fd, FdHandler* handler) {
  epoll_event unused{};
  ::epoll_ctl(_state->epoll.get(), EPOLL_CTL_DEL, fd, &unused);
  for (size_t i = _state->eventNext; i < _state->eventCount; ++i) {
    if (_state->events[i].data.ptr == handler) _state->events[i].data.ptr = nullptr;
  }
}

void EventLoop::run() {
  State& s = *_state;
  currentLoop = this;
  for (bool stopping = false; !stopping;) {
    s.poll(s.waitMs());
    s.fireTimers();
    s.takePosted();
    s.runTasks(TASKS_PER_TURN);
    s.runTurnEnd();
    const std::lock_guard lock(s.mutex);
    stopping = s.stopping;
  }
  for (int round = 0; round < DRAIN_ROUNDS; ++round) {
    s.takePosted();
    if (s.running.empty()) break;
    s.runTasks(s.running.size());
    s.runTurnEnd();
  }
  std::vector<std::function<void()>> dropped;
  {
    const std::lock_guard lock(s.mutex);
    s.ended = true;
    dropped.swap(s.posted);
  }
  currentLoop = nullptr;
  s.owner.store(std::thread::id(), std::memory_order_release);
}

}  // namespace tsunagi::net
