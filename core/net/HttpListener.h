#pragma once
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/Result.h"
#include "base/UniqueFd.h"
#include "net/EventLoop.h"
#include "net/HttpServerCore.h"
#include "net/Tls.h"
#include "net/Url.h"

namespace tsunagi::net {

class HttpShard;

struct HttpShardPlace {
  EventLoop* loop;
  HttpShard* shard;
};

// One listening socket on loop 0: accepts in budgeted batches and hands the connections round-robin to the loops, with
// one post per loop and batch. At the cap, or when the system has no descriptors left, it is disarmed until a
// connection ends. All on loop 0.
class HttpListener final : public FdHandler {
 public:
  HttpListener(std::shared_ptr<HttpServerCore> core, std::vector<HttpShardPlace> shards, UniqueFd socket,
               ListenAddress address, std::shared_ptr<const TlsContext> tls, bool removePath);
  ~HttpListener() override;  // a Unix socket's path goes with it, when it is still this socket's

  // Binds and listens, any thread. Errors say what to do.
  static Result<UniqueFd> open(const ListenAddress& address);

  bool start();  // false: the kernel refuses
  void resume();
  const ListenAddress& address() const { return _address; }
  bool encrypted() const { return _tls != nullptr; }
  void replaceTls(std::shared_ptr<const TlsContext> tls) { _tls = std::move(tls); }
  void onReady(uint32_t epollEvents) override;

 private:
  void pause(bool atCap);
  bool trusted(int fd) const;

  static constexpr int BATCH = 64;
  static constexpr int64_t RETRY_MS = 500;  // after a shortage that no end of ours may cure

  std::shared_ptr<HttpServerCore> _core;
  std::vector<HttpShardPlace> _shards;
  UniqueFd _socket;
  ListenAddress _address;
  std::shared_ptr<const TlsContext> _tls;
  size_t _next = 0;
  bool _paused = false;
  TimerId _retry = 0;
  bool _removePath;
  dev_t _device = 0;
  ino_t _inode = 0;
};

}  // namespace tsunagi::net
