#include "net/TcpDial.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/SocketAddress.h"

namespace tsunagi::net {

struct TcpDial::Try final : FdHandler {
  Try(TcpDial& owner, std::string to, UniqueFd descriptor)
      : dial(owner), address(std::move(to)), socket(std::move(descriptor)) {}
  ~Try() override {
    if (socket) dial._loop.remove(socket.get(), this);
  }
  void onReady(uint32_t) override { dial.concluded(*this); }

  TcpDial& dial;
  std::string address;
  UniqueFd socket;
};

TcpDial::TcpDial(EventLoop& loop, std::vector<std::string> addresses, uint16_t port, Done done)
    : _loop(loop), _addresses(std::move(addresses)), _port(port), _done(std::move(done)) {}

TcpDial::~TcpDial() { giveUp(); }

void TcpDial::giveUp() {
  _loop.cancel(std::exchange(_timer, 0));
  _done = {};
  _tries.clear();
}

void TcpDial::start() { next(); }

// Begins with the next address that can be begun with.
void TcpDial::next() {
  _loop.cancel(std::exchange(_timer, 0));
  while (_done && _next < _addresses.size() && _tries.size() < MAX_AT_ONCE) {
    if (!begin(_addresses[_next++])) continue;
    if (_next < _addresses.size()) {
      _timer = _loop.callAfter(STAGGER_MS, [this] {
        _timer = 0;
        next();
      });
    }
    return;
  }
  if (_done && _tries.empty() && _next == _addresses.size()) finish({});
}

bool TcpDial::begin(const std::string& address) {
  sockaddr_storage remote{};
  socklen_t length = 0;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&remote);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&remote);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(_port);
    length = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(_port);
    length = sizeof *v6;
  } else {
    problem(address, EINVAL);
    return false;
  }
  UniqueFd socket(::socket(remote.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    problem(address, errno);
    return false;
  }
  setNoDelay(socket.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&remote), length) != 0 && errno != EINPROGRESS) {
    problem(address, errno);
    return false;
  }
  auto attempt = std::make_unique<Try>(*this, address, std::move(socket));
  if (!_loop.add(attempt->socket.get(), EPOLLOUT, attempt.get())) {
    problem(address, errno);
    return false;
  }
  _tries.push_back(std::move(attempt));
  return true;
}

void TcpDial::concluded(Try& attempt) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  const auto place =
      std::find_if(_tries.begin(), _tries.end(), [&](const auto& other) { return other.get() == &attempt; });
  const std::unique_ptr<Try> over = std::move(*place);  // until the end of this call, which the attempt made
  _tries.erase(place);
  _loop.remove(over->socket.get(), over.get());
  UniqueFd socket = std::move(over->socket);
  if (error == 0) {
    finish(std::move(socket));
    return;
  }
  problem(over->address, error);
  next();
}

void TcpDial::problem(const std::string& address, int error) {
  if (!_problems.empty()) _problems += "; ";
  _problems += address + ": " + systemError(error);
}

void TcpDial::finish(UniqueFd socket) {
  _loop.cancel(std::exchange(_timer, 0));
  _tries.clear();
  const Done done = std::exchange(_done, {});
  done(std::move(socket), _problems);
}

}  // namespace tsunagi::net
