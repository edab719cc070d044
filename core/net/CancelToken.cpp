#include "net/CancelToken.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "base/ErrnoText.h"

namespace tsunagi::net {

CancelToken::CancelToken() : _eventFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!_eventFd) throw std::runtime_error(std::string("cannot make a cancel token: ") + errnoText(errno));
}

void CancelToken::cancel() {
  // Fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const int done = ::eventfd_write(_eventFd.get(), 1);
}

bool CancelToken::isCancelled() const {
  pollfd entry{_eventFd.get(), POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&entry, 1, 0);
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace tsunagi::net
