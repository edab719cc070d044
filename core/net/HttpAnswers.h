#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpMessage.h"

namespace tsunagi::net {

class HttpShard;

struct HttpAnswer {
  enum class Kind : uint8_t {
    Whole,
    None,   // the handler ended without one
    Head,   // length bytes follow
    Part,   // response.body alone
    Reset,  // the connection ends
  };
  uint32_t slot = 0;    // of the connection in its table
  uint64_t serial = 0;  // tells it from others that had the slot
  uint32_t number = 0;  // of the request on the connection
  Kind kind = Kind::Whole;
  HttpResponse response;
  uint64_t length = 0;
};

// The way of answers from any thread to the loop of their connections. A batch of answers costs one wake-up: only the
// first of them posts. Outlives the shard as long as requests are unanswered.
class HttpAnswers : public std::enable_shared_from_this<HttpAnswers> {
 public:
  HttpAnswers(EventLoop& loop, HttpShard& shard) : _loop(loop), _shard(&shard) {}
  void push(HttpAnswer answer);  // [any thread] from the loop itself it is delivered at once
  void close();                  // [loop] what comes later is dropped

 private:
  void drain();
  EventLoop& _loop;  // not touched after close()
  std::mutex _mutex;
  HttpShard* _shard;  // changed under the mutex, on the loop
  std::vector<HttpAnswer> _waiting;
};

}  // namespace tsunagi::net
