#include "net/HttpListener.h"

#include <Poco/Logger.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/HttpShard.h"
#include "net/SocketAddress.h"

namespace tsunagi::net {

namespace {

constexpr int BACKLOG = 4096;  // the kernel cuts it to net.core.somaxconn

// Accepted connections on their way to another loop. Those that never arrive count as gone.
struct Handover {
  std::shared_ptr<HttpServerCore> core;
  std::vector<UniqueFd> sockets;
  ~Handover() {
    for (UniqueFd& socket : sockets) {
      if (!socket) continue;
      socket.reset();
      core->connectionGone();
    }
  }
};

std::string hint(int error, const ListenAddress& address) {
  switch (error) {
    case EADDRINUSE:
      return "; another program listens there: stop it, or choose another port";
    case EACCES:
      return address.isUnix() ? "; give this user write permission on the folder"
                              : "; ports below 1024 need CAP_NET_BIND_SERVICE, or choose a higher port";
    case EADDRNOTAVAIL:
      return "; the address is not one of this machine's";
    case ENOENT:
      return "; make the folder first";
    default:
      return {};
  }
}

Error listenError(const ListenAddress& address, int error) {
  return Error{"cannot listen on " + address.text() + ": " + systemError(error) + hint(error, address)};
}

Result<UniqueFd> openUnix(const ListenAddress& address) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (address.unixPath.size() >= sizeof local.sun_path) {
    return Error{"cannot listen on " + address.text() + ": the path is longer than " +
                 std::to_string(sizeof local.sun_path - 1) + " bytes; choose a shorter one"};
  }
  std::memcpy(local.sun_path, address.unixPath.c_str(), address.unixPath.size());
  const auto* const where = reinterpret_cast<const sockaddr*>(&local);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return listenError(address, errno);
  if (::bind(socket.get(), where, sizeof local) != 0) {
    if (errno != EADDRINUSE) return listenError(address, errno);
    struct stat found {};
    if (::lstat(local.sun_path, &found) != 0 || !S_ISSOCK(found.st_mode)) {
      return Error{"cannot listen on " + address.text() + ": something that is no socket has that name; move it away"};
    }
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool stale = probe && ::connect(probe.get(), where, sizeof local) != 0 && errno == ECONNREFUSED;
    if (!stale) return listenError(address, EADDRINUSE);
    ::unlink(local.sun_path);
    if (::bind(socket.get(), where, sizeof local) != 0) return listenError(address, errno);
  }
  // Nobody can connect before listen(), so the mode is right from the first connection on.
  if (::chmod(local.sun_path, S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), BACKLOG) != 0) {
    const int error = errno;
    ::unlink(local.sun_path);
    return listenError(address, error);
  }
  return socket;
}

}  // namespace

Result<UniqueFd> HttpListener::open(const ListenAddress& address) {
  if (address.isUnix()) return openUnix(address);
  sockaddr_storage local{};
  socklen_t length = 0;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&local);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&local);
  if (::inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    length = sizeof *v4;
  } else if (::inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    length = sizeof *v6;
  } else {
    return Error{"cannot listen on " + address.text() + ": that is no IP address; write one of this machine's"};
  }
  UniqueFd socket(::socket(local.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return listenError(address, errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&local), length) != 0 ||
      ::listen(socket.get(), BACKLOG) != 0) {
    return listenError(address, errno);
  }
  return socket;
}

HttpListener::HttpListener(std::shared_ptr<HttpServerCore> core, std::vector<HttpShardPlace> shards, UniqueFd socket,
                           ListenAddress address, std::shared_ptr<const TlsContext> tls, bool removePath)
    : _core(std::move(core)),
      _shards(std::move(shards)),
      _socket(std::move(socket)),
      _address(std::move(address)),
      _tls(std::move(tls)),
      _removePath(removePath && _address.isUnix()) {
  struct stat found {};
  if (_removePath && ::lstat(_address.unixPath.c_str(), &found) == 0) {
    _device = found.st_dev;
    _inode = found.st_ino;
  }
}

HttpListener::~HttpListener() {
  EventLoop& loop = *_shards.front().loop;
  loop.cancel(_retry);
  loop.remove(_socket.get(), this);
  struct stat found {};
  if (_removePath && ::lstat(_address.unixPath.c_str(), &found) == 0 && found.st_dev == _device &&
      found.st_ino == _inode) {
    ::unlink(_address.unixPath.c_str());
  }
}

bool HttpListener::start() { return _shards.front().loop->add(_socket.get(), EPOLLIN, this); }

void HttpListener::pause(bool atCap) {
  if (_paused) return;
  _paused = true;
  ++_core->acceptPauses;
  _core->acceptPaused = true;
  EventLoop& loop = *_shards.front().loop;
  loop.modify(_socket.get(), 0, this);
  loop.cancel(_retry);
  _retry = loop.callAfter(RETRY_MS, [this] {
    _retry = 0;
    resume();
  });
  // A connection may have ended between the look at the count and the mark above.
  if (atCap && _core->open < _core->options.maxConnections && _core->acceptPaused.exchange(false)) {
    _core->resumeAccepting();
  }
}

void HttpListener::resume() {
  if (!_paused) return;
  _paused = false;
  _shards.front().loop->modify(_socket.get(), EPOLLIN, this);
}

bool HttpListener::trusted(int fd) const {
  if (!_address.isUnix()) return true;
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

void HttpListener::onReady(uint32_t) {
  std::vector<std::shared_ptr<Handover>> batches(_shards.size());
  for (int i = 0; i < BATCH; ++i) {
    if (_core->open >= _core->options.maxConnections) {
      pause(true);
      break;
    }
    UniqueFd socket(::accept4(_socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        Poco::Logger::get("net.http")
            .warning("No new connection on " + _address.text() + ": " + systemError(errno) +
                     "; raise the limit of open files");
        pause(false);
        break;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      continue;  // that one connection failed before we took it
    }
    if (!trusted(socket.get())) continue;
    if (!_address.isUnix()) setNoDelay(socket.get());
    ++_core->accepted;
    {
      const std::lock_guard lock(_core->mutex);
      ++_core->open;
    }
    auto& batch = batches[_next];
    if (!batch) {
      batch = std::make_shared<Handover>();
      batch->core = _core;
    }
    batch->sockets.push_back(std::move(socket));
    _next = (_next + 1) % _shards.size();
  }
  for (size_t i = 0; i < batches.size(); ++i) {
    if (!batches[i]) continue;
    const auto adopt = [shard = _shards[i].shard, batch = std::move(batches[i]), tls = _tls] {
      for (UniqueFd& socket : batch->sockets) shard->adopt(std::move(socket), tls);
    };
    if (i == 0) {
      adopt();
    } else {
      _shards[i].loop->post(adopt);
    }
  }
}

}  // namespace tsunagi::net
