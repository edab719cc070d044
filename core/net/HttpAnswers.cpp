#include "net/HttpAnswers.h"

#include <utility>

#include "net/HttpReplyTarget.h"
#include "net/HttpShard.h"

namespace tsunagi::net {

void HttpAnswers::push(HttpAnswer answer) {
  {
    const std::lock_guard lock(_mutex);
    if (!_shard) return;
    if (EventLoop::current() != &_loop) {
      const bool first = _waiting.empty();
      _waiting.push_back(std::move(answer));
      if (first) {
        _loop.post([self = shared_from_this()] { self->drain(); });
      }
      return;
    }
  }
  _shard->deliver(std::move(answer));
}

void HttpAnswers::drain() {
  std::vector<HttpAnswer> batch;
  {
    const std::lock_guard lock(_mutex);
    batch.swap(_waiting);
  }
  for (HttpAnswer& answer : batch) {
    if (!_shard) return;
    _shard->deliver(std::move(answer));
  }
}

void HttpAnswers::close() {
  std::vector<HttpAnswer> dropped;
  const std::lock_guard lock(_mutex);
  _shard = nullptr;
  dropped.swap(_waiting);
}

HttpReply::Target::~Target() {
  if (done.exchange(true)) return;
  if (const auto way = answers.lock()) {
    HttpAnswer answer{slot, serial, number, true, HttpResponse::text(500, "The server gave no answer.\n")};
    way->push(std::move(answer));
  }
}

void HttpReply::send(HttpResponse response) const {
  if (_target->done.exchange(true)) return;
  if (const auto way = _target->answers.lock()) {
    way->push({_target->slot, _target->serial, _target->number, false, std::move(response)});
  }
}

}  // namespace tsunagi::net
