#include "tests/support/FaultGate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace tsunagi::test {

namespace {

using Steady = std::chrono::steady_clock;

constexpr size_t MAX_HELD = 256 * 1024;  // of one way; more waits in the sender's socket
constexpr size_t PIECE = 16 * 1024;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* asAddress(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

void prepare(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void closeWithReset(UniqueFd& fd) {
  const linger now{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd.reset();
}

}  // namespace

FaultGate::FaultGate(const std::string& target)
    : _listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      _wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      _target(loopback(static_cast<uint16_t>(std::stoul(target.substr(target.rfind(':') + 1))))) {
  sockaddr_in own = loopback(0);
  socklen_t length = sizeof own;
  if (!_wake || !_listener || ::bind(_listener.get(), asAddress(own), sizeof own) != 0 ||
      ::listen(_listener.get(), 128) != 0 ||
      ::getsockname(_listener.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0)
    throw std::runtime_error("fault gate: cannot listen");
  _address = "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
  _thread = NamedThread("fault-gate", [this] { run(); });
}

FaultGate::~FaultGate() {
  {
    const std::lock_guard lock(_mutex);
    _stop = true;
  }
  wake();
  _thread.join();
  reset();
}

void FaultGate::wake() {
  const uint64_t one = 1;
  if (::write(_wake.get(), &one, sizeof one) < 0) return;  // already awake
}

void FaultGate::delay(std::chrono::milliseconds time) {
  const std::lock_guard lock(_mutex);
  _delay = time;
}

void FaultGate::cutAfter(Way way, uint64_t bytes) {
  const std::lock_guard lock(_mutex);
  _cut[way] = bytes;
  for (Connection& connection : _connections) connection.flows[way].left = bytes;
}

void FaultGate::cutNoMore() {
  cutAfter(ToTarget, UINT64_MAX);
  cutAfter(ToCaller, UINT64_MAX);
}

void FaultGate::stall(Way way) {
  {
    const std::lock_guard lock(_mutex);
    for (Connection& connection : _connections) connection.flows[way].stalled = true;
  }
  wake();
}

void FaultGate::reset() {
  {
    const std::lock_guard lock(_mutex);
    for (Connection& connection : _connections) abort(connection);
    _connections.clear();
    ++_resets;
  }
  wake();
}

void FaultGate::abort(Connection& connection) {
  for (UniqueFd& end : connection.ends) closeWithReset(end);
}

size_t FaultGate::opened() const {
  const std::lock_guard lock(_mutex);
  return _opened;
}

size_t FaultGate::open() const {
  const std::lock_guard lock(_mutex);
  return _connections.size();
}

uint64_t FaultGate::carried(Way way) const {
  const std::lock_guard lock(_mutex);
  return _carried[way];
}

void FaultGate::accept() {
  UniqueFd caller(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!caller) return;
  ++_opened;
  UniqueFd target(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!target || ::connect(target.get(), asAddress(_target), sizeof _target) != 0) return closeWithReset(caller);
  prepare(caller.get());
  prepare(target.get());
  Connection& connection = _connections.emplace_back();
  connection.ends[ToTarget] = std::move(target);
  connection.ends[ToCaller] = std::move(caller);
  for (const Way way : {ToTarget, ToCaller}) connection.flows[way].left = _cut[way];
}

bool FaultGate::take(Connection& connection, Way way) {
  Flow& flow = connection.flows[way];
  char buffer[PIECE];
  const ssize_t got = ::recv(connection.ends[1 - way].get(), buffer, sizeof buffer, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  const size_t kept = static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(got), flow.left));
  if (flow.left != UINT64_MAX) flow.left -= kept;
  if (kept > 0) {
    flow.held.push_back({Steady::now() + _delay, std::string(buffer, kept)});
    flow.heldBytes += kept;
  }
  if (flow.left == 0) {
    for (Flow& each : connection.flows) each.ended = true;
  }
  if (got == 0) flow.ended = true;
  return true;
}

bool FaultGate::give(Connection& connection, Way way) {
  Flow& flow = connection.flows[way];
  while (!flow.held.empty() && flow.held.front().due <= Steady::now()) {
    std::string& bytes = flow.held.front().bytes;
    const ssize_t sent = ::send(connection.ends[way].get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    flow.heldBytes -= static_cast<size_t>(sent);
    _carried[way] += static_cast<uint64_t>(sent);
    bytes.erase(0, static_cast<size_t>(sent));
    if (!bytes.empty()) return true;
    flow.held.pop_front();
  }
  if (flow.ended && flow.held.empty() && !flow.closed) {
    ::shutdown(connection.ends[way].get(), SHUT_WR);
    flow.closed = true;
  }
  return true;
}

void FaultGate::run() {
  std::unique_lock lock(_mutex);
  while (!_stop) {
    std::vector<pollfd> entries{{_wake.get(), POLLIN, 0}, {_listener.get(), POLLIN, 0}};
    Steady::time_point next = Steady::now() + std::chrono::seconds(1);
    for (auto at = _connections.begin(); at != _connections.end();) {
      short wanted[2] = {0, 0};  // by end
      bool good = true;
      for (const Way way : {ToTarget, ToCaller}) {
        Flow& flow = at->flows[way];
        if (flow.stalled) continue;
        good = good && give(*at, way);
        if (!flow.held.empty() && flow.held.front().due > Steady::now())
          next = std::min(next, flow.held.front().due);
        else if (!flow.held.empty())
          wanted[way] |= POLLOUT;
        if (!flow.ended && flow.heldBytes < MAX_HELD) wanted[1 - way] |= POLLIN;
      }
      const bool over = at->flows[ToTarget].closed && at->flows[ToCaller].closed;
      if (!good) abort(*at);
      if (over || !good) {
        at = _connections.erase(at);
        continue;
      }
      // An end of which nothing is wanted is left out: poll() would report its hang-up again and again.
      for (const Way way : {ToTarget, ToCaller})
        entries.push_back({wanted[way] != 0 ? at->ends[way].get() : -1, wanted[way], 0});
      ++at;
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - Steady::now()).count();
    const uint64_t resets = _resets;
    lock.unlock();
    ::poll(entries.data(), entries.size(), static_cast<int>(std::max<int64_t>(0, wait)));
    lock.lock();
    uint64_t count = 0;
    if (entries[0].revents != 0 && ::read(_wake.get(), &count, sizeof count) < 0) continue;
    if (resets != _resets) continue;  // the connections that were waited for are gone
    size_t entry = 2;
    for (auto at = _connections.begin(); at != _connections.end(); ++at, entry += 2) {
      bool good = true;
      for (const Way way : {ToTarget, ToCaller})
        if ((entries[entry + 1 - way].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !at->flows[way].stalled &&
            !at->flows[way].ended)
          good = good && take(*at, way);
      if (!good) {
        abort(*at);
        at->flows[ToTarget].closed = at->flows[ToCaller].closed = true;
      }
    }
    if (entries[1].revents != 0) accept();
  }
}

}  // namespace tsunagi::test
