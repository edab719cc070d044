#include "tests/support/RawSocket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>
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

// The socket does not block while TLS is on, so that sending and reading can share the session under one lock.
struct RawSocket::Tls {
  std::mutex mutex;
  std::shared_ptr<SSL> session;

  // Until call() has moved bytes, or the session is over: then 0 at its proper end, -1 otherwise.
  template <typename Call>
  int run(int fd, const Call& call, const char* what) {
    while (true) {
      int result = 0, kind = 0;
      {
        const std::lock_guard lock(mutex);
        ERR_clear_error();
        result = call(session.get());
        if (result > 0) return result;
        kind = SSL_get_error(session.get(), result);
        ERR_clear_error();
      }
      if (kind == SSL_ERROR_ZERO_RETURN) return 0;
      if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) return -1;
      waitFor(fd, kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, what);
    }
  }
};

void RawSocket::startTls(SSL_CTX* context, bool asServer) {
  _tls = std::make_shared<Tls>();
  _tls->session.reset(SSL_new(context), SSL_free);
  ::fcntl(_fd.get(), F_SETFL, ::fcntl(_fd.get(), F_GETFL) | O_NONBLOCK);
  SSL_set_fd(_tls->session.get(), _fd.get());
  const auto shake = [asServer](SSL* session) { return asServer ? SSL_accept(session) : SSL_connect(session); };
  if (_tls->run(_fd.get(), shake, "shaking hands") <= 0) fail("the TLS handshake failed");
}

void RawSocket::close() {
  _tls.reset();
  _fd.reset();
}

ssize_t RawSocket::receive(char* buffer, size_t size) {
  if (!_tls) {
    waitFor(_fd.get(), POLLIN, "reading");
    return ::recv(_fd.get(), buffer, size, 0);
  }
  const auto read = [&](SSL* session) { return SSL_read(session, buffer, static_cast<int>(size)); };
  return _tls->run(_fd.get(), read, "reading");
}

ssize_t RawSocket::transmit(std::string_view bytes) {
  if (!_tls) {
    waitFor(_fd.get(), POLLOUT, "sending");
    return ::send(_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  const int size = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 20));
  const auto write = [&](SSL* session) { return SSL_write(session, bytes.data(), size); };
  const ssize_t sent = _tls->run(_fd.get(), write, "sending");
  return sent == 0 ? -1 : sent;
}

bool RawSocket::trySend(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = transmit(bytes);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawSocket::send(std::string_view bytes) {
  if (!trySend(bytes)) fail(std::string("sending failed: ") + std::strerror(errno));
}

void RawSocket::shutdownWrite() {
  if (_tls) {
    const std::lock_guard lock(_tls->mutex);
    SSL_shutdown(_tls->session.get());
    ERR_clear_error();
  }
  ::shutdown(_fd.get(), SHUT_WR);
}

bool RawSocket::peerHasRead() const {
  sockaddr_in own{}, peer{};
  socklen_t length = sizeof own;
  ::getsockname(_fd.get(), reinterpret_cast<sockaddr*>(&own), &length);
  ::getpeername(_fd.get(), reinterpret_cast<sockaddr*>(&peer), &length);
  // A line of the table: number, local and remote "address:port" in hex, state, "unsent:unread", …
  const auto place = [](const sockaddr_in& address) {
    char text[16];
    std::snprintf(text, sizeof text, "%08X:%04X", address.sin_addr.s_addr, ntohs(address.sin_port));
    return std::string(text);
  };
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues;
    fields >> number >> local >> remote >> state >> queues;
    // Bytes may also still be on their way, unsent at our end.
    if (local == place(own) && remote == place(peer) && queues.compare(0, 8, "00000000") != 0) return false;
    if (local == place(peer) && remote == place(own) && queues.substr(9) != "00000000") return false;
  }
  return true;
}

void RawSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(_fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool RawSocket::fill() {
  char buffer[65536];
  const ssize_t got = receive(buffer, sizeof buffer);
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
