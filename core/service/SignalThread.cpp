#include "service/SignalThread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "service/ProgramExit.h"

namespace tsunagi::service {

sigset_t SignalThread::signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&set, number);
  return set;
}

SignalThread::SignalThread(Actions actions, std::chrono::milliseconds stopTimeout)
    : _actions(std::move(actions)), _stopTimeout(stopTimeout) {
  const sigset_t set = signals();
  _signals.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  _wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!_signals || !_wake) throw std::runtime_error("no descriptor left for the signals");
  _thread = NamedThread("signals", [this] { run(); });
}

SignalThread::~SignalThread() {
  {
    const std::lock_guard lock(_mutex);
    _ending = true;
  }
  (void)!::eventfd_write(_wake.get(), 1);
  _thread.join();
}

void SignalThread::stopWasRequested() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
  }
  (void)!::eventfd_write(_wake.get(), 1);
}

void SignalThread::take(uint32_t number) {
  if (number == SIGHUP) return _actions.reload();
  if (number == SIGUSR1) return _actions.user();
  if (_signalled) ::_exit(128 + static_cast<int>(number));
  _signalled = true;
  const std::lock_guard lock(_mutex);
  _stopping = true;
}

void SignalThread::run() {
  for (;;) {
    bool stopping = false;
    {
      const std::lock_guard lock(_mutex);
      if (_ending) return;
      stopping = _stopping;
    }
    if (stopping && !_armed) {
      _armed = true;
      _deadline = std::chrono::steady_clock::now() + _stopTimeout;
      _actions.stop();
    }
    int wait = -1;
    if (_armed) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(_deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) {
        _actions.late();
        ::_exit(exitInternal);
      }
      wait = static_cast<int>(std::min<int64_t>(left.count(), 60'000));
    }
    pollfd wanted[] = {{_signals.get(), POLLIN, 0}, {_wake.get(), POLLIN, 0}};
    if (::poll(wanted, 2, wait) < 0 && errno != EINTR) ::_exit(exitInternal);
    eventfd_t ignored = 0;
    (void)!::eventfd_read(_wake.get(), &ignored);
    signalfd_siginfo info{};
    while (::read(_signals.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) take(info.ssi_signo);
  }
}

}  // namespace tsunagi::service
