#pragma once
#include <memory>
#include <vector>

#include "base/UniqueFd.h"
#include "net/DeadlineQueue.h"
#include "net/HttpAnswers.h"
#include "net/HttpServerCore.h"
#include "net/LoopStreams.h"
#include "net/StreamTable.h"

namespace tsunagi::net {

// A server's part on one loop: its connections there and their deadlines. All on the loop.
class HttpShard {
 public:
  HttpShard(std::shared_ptr<HttpServerCore> core, EventLoop& loop);
  ~HttpShard();
  HttpShard(const HttpShard&) = delete;
  HttpShard& operator=(const HttpShard&) = delete;

  static constexpr int64_t STALL_MS = 30'000;        // an answer of which the peer takes nothing
  static constexpr int64_t LINGER_MS = 2'000;        // after the last answer, for the peer to read it
  static constexpr size_t MAX_UNSENT = 1024 * 1024;  // beyond it the connection is read no further

  void adopt(UniqueFd fd, const std::shared_ptr<const TlsContext>& tls);  // an accepted, non-blocking socket
  void deliver(HttpAnswer answer);
  void drain();   // new requests are refused their connection, idle connections close, the others when answered
  void endAll();  // every connection, now

  HttpServerCore& core() const { return *_core; }
  bool draining() const { return _draining; }
  uint64_t nextSerial() { return ++_serial; }
  const std::shared_ptr<HttpAnswers>& answers() const { return _answers; }

  struct Deadlines {
    Deadlines(EventLoop& loop, const HttpServerOptions& options);
    DeadlineQueue head, body, idle, answer, stall, linger;
  };
  Deadlines& deadlines() { return _deadlines; }

 private:
  std::shared_ptr<HttpServerCore> _core;
  LoopStreams& _streams;
  std::shared_ptr<HttpAnswers> _answers;
  Deadlines _deadlines;
  uint64_t _serial = 0;
  bool _draining = false;
  StreamTable _table;
};

}  // namespace tsunagi::net
