#pragma once
#include <unistd.h>

#include <utility>

namespace tsunagi {

// Owns a file descriptor; -1 means none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : _fd(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : _fd(std::exchange(other._fd, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other._fd, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }
  int get() const { return _fd; }
  explicit operator bool() const { return _fd >= 0; }
  int release() { return std::exchange(_fd, -1); }
  void reset(int fd = -1) {
    if (_fd >= 0) ::close(_fd);
    _fd = fd;
  }

 private:
  int _fd = -1;
};

}  // namespace tsunagi
