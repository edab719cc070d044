#include "net/HttpShard.h"

#include <algorithm>

#include "net/HttpConnection.h"
#include "net/WebSocketSession.h"

namespace tsunagi::net {

HttpShard::Deadlines::Deadlines(EventLoop& loop, const HttpServerOptions& options)
    : head(loop, options.headDeadlineMs),
      body(loop, options.bodyDeadlineMs),
      idle(loop, options.keepAliveMs),
      answer(loop, options.answerDeadlineMs),
      stall(loop, STALL_MS),
      linger(loop, LINGER_MS) {}

HttpShard::HttpShard(std::shared_ptr<HttpServerCore> core, EventLoop& loop)
    : _core(std::move(core)),
      _streams(LoopStreams::of(loop)),
      _answers(std::make_shared<HttpAnswers>(loop, *this)),
      _deadlines(loop, _core->options),
      _table(_streams, [this](const Stream& stream) {
        if (dynamic_cast<const WebSocketSession*>(&stream)) --_core->openWebSockets;
        _core->connectionGone();
      }) {}

HttpShard::~HttpShard() { _answers->close(); }

void HttpShard::adopt(UniqueFd fd, const std::shared_ptr<const TlsContext>& tls) {
  if (_draining) {
    fd.reset();
    _core->connectionGone();
    return;
  }
  std::unique_ptr<TlsSession> session;
  if (tls) session = TlsSession::accept(*tls, fd.get());
  if (!_table.insert(std::make_unique<HttpConnection>(*this, _table, std::move(fd), std::move(session)))) {
    _core->connectionGone();
  }
}

void HttpShard::deliver(HttpAnswer answer) {
  // A slot may have another connection by now, or the same one as a WebSocket.
  auto* const connection = dynamic_cast<HttpConnection*>(_table.at(answer.slot));
  if (connection && connection->serial() == answer.serial) connection->answer(std::move(answer));
}

void HttpShard::drain() {
  _draining = true;
  _table.forEach([](Stream& stream) {
    if (auto* const connection = dynamic_cast<HttpConnection*>(&stream)) connection->drain();
  });
}

void HttpShard::endAll() {
  _draining = true;
  _table.forEach([](Stream& stream) {
    if (auto* const socket = dynamic_cast<WebSocketSession*>(&stream)) {
      socket->endNow("server stopped");
    } else {
      stream.end();
    }
  });
  _streams.settle();
}

}  // namespace tsunagi::net
