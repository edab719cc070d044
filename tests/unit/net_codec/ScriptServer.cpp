#include "ScriptServer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace tsunagi::net::test {

namespace {

constexpr int GUARD_MS = 60'000;

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("script server: ") + what + ": " + std::strerror(errno));
}

sockaddr_in addressOf(const std::string& text, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  must(inet_pton(AF_INET, text.c_str(), &address.sin_addr) == 1, "address");
  return address;
}

}  // namespace

Peer::Peer(UniqueFd fd) : _fd(std::move(fd)) {
  timeval guard{GUARD_MS / 1000, 0};
  ::setsockopt(_fd.get(), SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
  ::setsockopt(_fd.get(), SOL_SOCKET, SO_SNDTIMEO, &guard, sizeof guard);
}

Peer::~Peer() = default;

bool Peer::startTls(const TlsContext& context) {
  _tls = TlsSession::accept(context, _fd.get());
  return _tls->handshake() == TlsStatus::Done;
}

std::string Peer::read() {
  std::array<char, 16 * 1024> buffer;
  if (_tls) {
    size_t done = 0;
    return _tls->read(buffer.data(), buffer.size(), done) == TlsStatus::Done ? std::string(buffer.data(), done) : "";
  }
  const ssize_t count = ::recv(_fd.get(), buffer.data(), buffer.size(), 0);
  return count > 0 ? std::string(buffer.data(), static_cast<size_t>(count)) : "";
}

std::string Peer::readRequest() {
  std::string all;
  size_t end = std::string::npos;
  while ((end = all.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = read();
    if (more.empty()) return all;
    all += more;
  }
  size_t length = 0;
  const size_t at = all.find("Content-Length: ");
  if (at < end) length = std::stoul(all.substr(at + 16));
  while (all.size() < end + 4 + length) {
    const std::string more = read();
    if (more.empty()) return all;
    all += more;
  }
  return all;
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t done = 0;
    if (_tls) {
      if (_tls->write(bytes.data(), bytes.size(), done) != TlsStatus::Done) return false;
    } else {
      const ssize_t count = ::send(_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      done = static_cast<size_t>(count);
    }
    bytes.remove_prefix(done);
  }
  return true;
}

bool Peer::waitClosed() { return closedWithin(GUARD_MS); }

bool Peer::closedWithin(int ms) {
  pollfd entry{_fd.get(), POLLRDHUP, 0};
  return ::poll(&entry, 1, ms) > 0;
}

void Peer::closeTls() { _tls->shutdown(); }

void Peer::reset() {
  const linger now{1, 0};
  ::setsockopt(_fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  _fd.reset();
}

UniqueFd boundSocket(const std::string& address, uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(static_cast<bool>(fd), "socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in name = addressOf(address, port);
  must(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, "bind");
  return fd;
}

uint16_t portOf(int fd) {
  sockaddr_in name{};
  socklen_t length = sizeof name;
  must(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0, "name");
  return ntohs(name.sin_port);
}

UniqueFd fullListener(const std::string& address, uint16_t port, std::vector<UniqueFd>& fillers) {
  UniqueFd listener = boundSocket(address, port);
  must(::listen(listener.get(), 0) == 0, "listen");
  const sockaddr_in name = addressOf(address, portOf(listener.get()));
  // The first ones fill the queue; the last one is left waiting for its turn.
  for (int i = 0; i < 4; ++i) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    must(static_cast<bool>(fd), "socket");
    [[maybe_unused]] const int rc = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    fillers.push_back(std::move(fd));
  }
  return listener;
}

int connectingTo(uint16_t port) {
  constexpr const char* SYN_SENT = "02";
  std::ifstream table("/proc/net/tcp");
  std::string line;
  int count = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state;
    words >> slot >> local >> remote >> state;
    const size_t colon = remote.find(':');
    if (colon == std::string::npos || state != SYN_SENT) continue;
    count += std::stoul(remote.substr(colon + 1), nullptr, 16) == port;
  }
  return count;
}

ScriptServer::ScriptServer(std::function<void(Peer&)> script, const std::string& address, uint16_t port)
    : _listener(boundSocket(address, port)), _port(portOf(_listener.get())) {
  start(std::move(script));
}

ScriptServer::ScriptServer(std::function<void(Peer&)> script, const std::string& unixPath, std::nullptr_t)
    : _listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  must(unixPath.size() < sizeof name.sun_path, "path");
  unixPath.copy(name.sun_path, unixPath.size());
  must(::bind(_listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0, "bind");
  start(std::move(script));
}

void ScriptServer::start(std::function<void(Peer&)> script) {
  // Connections inherit it: a client that is not read from is soon held up.
  const int bytes = 64 * 1024;
  ::setsockopt(_listener.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  must(::listen(_listener.get(), 16) == 0, "listen");
  _stop.reset(::eventfd(0, EFD_CLOEXEC));
  _thread = std::thread([this, script = std::move(script)] {
    while (true) {
      std::array<pollfd, 2> entries{pollfd{_stop.get(), POLLIN, 0}, pollfd{_listener.get(), POLLIN, 0}};
      ::poll(entries.data(), entries.size(), -1);
      if (entries[0].revents) return;
      UniqueFd fd(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      Peer peer(std::move(fd));
      script(peer);
    }
  });
}

ScriptServer::~ScriptServer() {
  ::eventfd_write(_stop.get(), 1);
  _thread.join();
}

std::string ScriptServer::url(const std::string& target, const std::string& scheme, const std::string& host) const {
  return scheme + "://" + host + ":" + std::to_string(_port) + target;
}

}  // namespace tsunagi::net::test
