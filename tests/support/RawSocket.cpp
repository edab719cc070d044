#include "tests/support/RawSocket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace tsunagi::test {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("raw socket: " + what); }

void waitFor(int fd, short events, const char* what) {
  pollfd entry{fd, events, 0};
  const auto guard = std::chrono::duration_cast<std::chrono::milliseconds>(HANG_GUARD).count();
  const int count = ::poll(&entry, 1, static_cast<int>(guard));
  if (count == 0) fail(std::string("nothing came in time while ") + what);
}

}  // namespace

RawSocket RawSocket::connect(uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return RawSocket(std::move(fd));
}

RawSocket RawSocket::connectUnix(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  return RawSocket(std::move(fd));
}

bool RawSocket::trySend(std::string_view bytes) {
  while (!bytes.empty()) {
    waitFor(_fd.get(), POLLOUT, "sending");
    const ssize_t sent = ::send(_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawSocket::send(std::string_view bytes) {
  if (!trySend(bytes)) fail(std::string("sending failed: ") + std::strerror(errno));
}

void RawSocket::shutdownWrite() { ::shutdown(_fd.get(), SHUT_WR); }

void RawSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(_fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  _fd.reset();
}

bool RawSocket::fill() {
  waitFor(_fd.get(), POLLIN, "reading");
  char buffer[65536];
  const ssize_t got = ::recv(_fd.get(), buffer, sizeof buffer, 0);
  if (got > 0) _buffer.append(buffer, static_cast<size_t>(got));
  if (got < 0) _reset = true;
  return got > 0;
}

std::string RawSocket::readExactly(size_t count) {
  while (_buffer.size() < count) {
    if (!fill())
      fail("the stream ended after " + std::to_string(_buffer.size()) + " of " + std::to_string(count) + " bytes");
  }
  std::string result = _buffer.substr(0, count);
  _buffer.erase(0, count);
  return result;
}

std::string RawSocket::readUntil(std::string_view border) {
  size_t at;
  while ((at = _buffer.find(border)) == std::string::npos) {
    if (!fill()) fail("the stream ended, and before that came: " + _buffer);
  }
  return readExactly(at + border.size());
}

RawAnswer RawSocket::readHeadAnswer() {
  const std::string head = readUntil("\r\n\r\n");
  RawAnswer answer;
  answer.status = std::stoi(head.substr(head.find(' ') + 1, 3));
  for (size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const size_t end = head.find("\r\n", at);
    const size_t colon = head.find(": ", at);
    if (colon == std::string::npos || colon > end) fail("a header line without a colon: " + head);
    std::string name = head.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  return answer;
}

RawAnswer RawSocket::readAnswer() {
  RawAnswer answer = readHeadAnswer();
  const auto length = answer.headers.find("content-length");
  if (length != answer.headers.end()) answer.body = readExactly(std::stoul(length->second));
  return answer;
}

std::string RawSocket::readToEnd() {
  while (fill()) {
  }
  return std::exchange(_buffer, {});
}

RawListener::RawListener(int backlog) : _fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (!_fd || ::bind(_fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(_fd.get(), backlog) != 0 ||
      ::getsockname(_fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    fail(std::string("cannot listen: ") + std::strerror(errno));
  }
  _port = ntohs(address.sin_port);
}

RawSocket RawListener::accept() {
  waitFor(_fd.get(), POLLIN, "waiting for a connection");
  UniqueFd fd(::accept4(_fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd) fail(std::string("cannot accept: ") + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return RawSocket(std::move(fd));
}

}  // namespace tsunagi::test
