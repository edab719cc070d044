#pragma once
#include <functional>
#include <string>
#include <thread>

namespace tsunagi {

// A std::thread with a name (15 bytes are shown by the kernel) that is joined by whoever owns it: the destructor joins,
// so the owner must have told the body to end before. An exception that leaves the body ends the process with its text.
class NamedThread {
 public:
  NamedThread() = default;
  NamedThread(std::string name, std::function<void()> body);
  NamedThread(NamedThread&&) noexcept = default;
  NamedThread& operator=(NamedThread&&) noexcept;
  ~NamedThread() { join(); }
  void join();
  bool joinable() const { return _thread.joinable(); }

 private:
  std::thread _thread;
};

}  // namespace tsunagi
