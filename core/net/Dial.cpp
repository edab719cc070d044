#include "net/Dial.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/ErrnoText.h"

namespace tsunagi::net {

namespace {

constexpr int64_t STAGGER_MS = 250;
constexpr size_t MAX_AT_ONCE = 8;
constexpr int64_t UNIX_RETRY_MS = 10;

struct Attempt {
  std::unique_ptr<Poco::Net::StreamSocket> socket;
  std::string name;
  int fd() const { return socket->impl()->sockfd(); }
};

std::string nameOf(const std::string& address, uint16_t port) {
  return (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" + std::to_string(port);
}

// Begins to connect. The text says why that failed at once.
std::optional<std::string> begin(Attempt& attempt, const Poco::Net::SocketAddress& address) {
  try {
    attempt.socket = std::make_unique<Poco::Net::StreamSocket>();
    attempt.socket->connectNB(address);
    ::fcntl(attempt.fd(), F_SETFD, FD_CLOEXEC);
    return std::nullopt;
  } catch (const Poco::Exception& e) {
    return e.code() > 0 ? errnoText(e.code()) : e.displayText();
  }
}

// Why a socket that became writable is not connected; 0 when it is.
int connectError(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (error != 0) return error;
  sockaddr_storage peer{};
  socklen_t peerLength = sizeof peer;
  return ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peerLength) == 0 ? 0 : errno;
}

void addProblem(std::string& all, const std::string& name, const std::string& why) {
  if (!all.empty()) all += "; ";
  all += name + ": " + why;
}

DialOutcome interrupted(WaitStatus status, const std::string& problems) {
  DialOutcome outcome;
  outcome.status = status;
  outcome.error = status == WaitStatus::Cancelled ? "cancelled while connecting" : "cannot connect in time";
  if (!problems.empty()) outcome.error += " (" + problems + ")";
  return outcome;
}

}  // namespace

DialOutcome::DialOutcome() = default;
DialOutcome::DialOutcome(DialOutcome&&) noexcept = default;
DialOutcome::~DialOutcome() = default;

DialOutcome dialTcp(const std::vector<std::string>& addresses, uint16_t port, int64_t untilMs,
                    const CancelToken* cancel) {
  std::vector<Attempt> attempts;
  std::string problems;
  size_t next = 0;
  int64_t nextAtMs = waitNowMs();
  while (next < addresses.size() || !attempts.empty()) {
    const int64_t nowMs = waitNowMs();
    if (nowMs >= untilMs) return interrupted(WaitStatus::TimedOut, problems);
    if (cancel && cancel->isCancelled()) return interrupted(WaitStatus::Cancelled, problems);
    if (next < addresses.size() && attempts.size() < MAX_AT_ONCE && (attempts.empty() || nowMs >= nextAtMs)) {
      Attempt attempt;
      const std::string& text = addresses[next++];
      attempt.name = nameOf(text, port);
      nextAtMs = nowMs + STAGGER_MS;
      Poco::Net::IPAddress address;
      std::optional<std::string> why = "not an IP address";
      if (Poco::Net::IPAddress::tryParse(text, address)) why = begin(attempt, Poco::Net::SocketAddress(address, port));
      if (why)
        addProblem(problems, attempt.name, *why);
      else
        attempts.push_back(std::move(attempt));
      continue;
    }
    std::vector<pollfd> entries;
    entries.reserve(attempts.size());
    for (const Attempt& attempt : attempts) entries.push_back({attempt.fd(), POLLOUT, 0});
    const bool more = next < addresses.size() && attempts.size() < MAX_AT_ONCE;
    const WaitStatus status = waitFor(entries, more ? std::min(untilMs, nextAtMs) : untilMs, cancel);
    if (status == WaitStatus::Cancelled) return interrupted(status, problems);
    if (status == WaitStatus::TimedOut) continue;
    for (size_t i = entries.size(); i-- > 0;) {
      if (!entries[i].revents) continue;
      const int error = connectError(attempts[i].fd());
      if (error == 0) {
        DialOutcome outcome;
        outcome.socket = std::move(attempts[i].socket);
        const int on = 1;
        ::setsockopt(outcome.socket->impl()->sockfd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return outcome;
      }
      addProblem(problems, attempts[i].name, errnoText(error));
      attempts.erase(attempts.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  DialOutcome outcome;
  outcome.error = "cannot connect to " + problems;
  return outcome;
}

DialOutcome dialUnix(const std::string& path, int64_t untilMs, const CancelToken* cancel) {
  DialOutcome outcome;
  while (true) {
    Attempt attempt;
    std::optional<std::string> why;
    try {
      why = begin(attempt, Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path));
    } catch (const Poco::Exception& e) {
      why = e.displayText();
    }
    const int error = why ? 0 : connectError(attempt.fd());
    if (why || (error != 0 && error != ENOTCONN)) {
      outcome.error = "cannot connect to " + path + ": " + (why ? *why : errnoText(error));
      return outcome;
    }
    if (error == 0) {
      outcome.socket = std::move(attempt.socket);
      return outcome;
    }
    // The listener's queue is full: Linux says so at once instead of waiting.
    const int64_t nowMs = waitNowMs();
    if (nowMs >= untilMs) return interrupted(WaitStatus::TimedOut, path + ": its queue is full");
    const WaitStatus status = waitFor({}, std::min(untilMs, nowMs + UNIX_RETRY_MS), cancel);
    if (status == WaitStatus::Cancelled) return interrupted(status, path);
  }
}

}  // namespace tsunagi::net
