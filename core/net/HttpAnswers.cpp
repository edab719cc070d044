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
  if (!done.exchange(true)) {
    put(HttpAnswer::Kind::None, HttpResponse::text(500, "The server gave no answer.\n"));
  } else if (missing > 0) {
    put(HttpAnswer::Kind::Reset, {});
  }
}

void HttpReply::Target::put(HttpAnswer::Kind kind, HttpResponse response, uint64_t length) const {
  if (const auto way = answers.lock()) way->push({slot, serial, number, kind, std::move(response), length});
}

void HttpReply::send(HttpResponse response) const {
  if (!_target->done.exchange(true)) _target->put(HttpAnswer::Kind::Whole, std::move(response));
}

void HttpReply::begin(HttpResponse head, uint64_t bodyLength) const {
  if (_target->done.exchange(true)) return;
  _target->missing = bodyLength;
  _target->put(HttpAnswer::Kind::Head, std::move(head), bodyLength);
}

void HttpReply::more(std::string bytes) const {
  const uint64_t missing = _target->missing;
  if (bytes.size() > missing) bytes.resize(missing);
  if (bytes.empty()) return;
  _target->missing = missing - bytes.size();
  HttpResponse part;
  part.body = std::move(bytes);
  _target->put(HttpAnswer::Kind::Part, std::move(part));
}

void HttpReply::reset() const {
  const bool answered = _target->done.exchange(true);
  if (answered && _target->missing.exchange(0) == 0) return;
  _target->put(HttpAnswer::Kind::Reset, {});
}

}  // namespace tsunagi::net
