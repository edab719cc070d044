#include "tests/support/NotifySocket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tsunagi::test {

NotifySocket::NotifySocket(bool abstractAddress) : _socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  _address = abstractAddress ? "@" + _folder.path() : _folder.file("notify");
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, _address.data(), std::min(_address.size(), sizeof to.sun_path - 1));
  if (abstractAddress) to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + _address.size());
  if (!_socket || ::bind(_socket.get(), reinterpret_cast<const sockaddr*>(&to), length) != 0)
    throw std::runtime_error("cannot bind " + _address + ": " + std::strerror(errno));
}

std::string NotifySocket::waitFor(const std::string& line, std::chrono::milliseconds guard) {
  const auto end = std::chrono::steady_clock::now() + guard;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd wanted{_socket.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) == 0)
      throw std::runtime_error("the service manager was not told " + line);
    char buffer[4096];
    const ssize_t got = ::recv(_socket.get(), buffer, sizeof buffer, 0);
    if (got <= 0) continue;
    const std::string text(buffer, static_cast<size_t>(got));
    if (("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos) return text;
  }
}

}  // namespace tsunagi::test
