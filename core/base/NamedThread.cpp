#include "base/NamedThread.h"

#include <pthread.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace tsunagi {

NamedThread::NamedThread(std::string name, std::function<void()> body)
    : _thread([name = std::move(name), body = std::move(body)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        try {
          body();
        } catch (const std::exception& e) {
          std::fprintf(stderr, "fatal: thread %s ended by an exception: %s\n", name.c_str(), e.what());
          std::abort();
        }
      }) {}

NamedThread& NamedThread::operator=(NamedThread&& other) noexcept {
  join();
  _thread = std::move(other._thread);
  return *this;
}

void NamedThread::join() {
  if (_thread.joinable()) _thread.join();
}

}  // namespace tsunagi
