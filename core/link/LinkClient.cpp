#include "link/LinkClient.h"

#include "link/LinkCore.h"

namespace tsunagi::link {

LinkClient::LinkClient(net::EventLoop& loop, LinkSink& sink, const Clock& clock)
    : _loop(loop), _core(std::make_shared<Core>(loop, sink, clock)) {}

LinkClient::~LinkClient() { stop(0); }

void LinkClient::configure(std::optional<LinkOptions> options) {
  _loop.post([core = _core, options = std::move(options)]() mutable { core->configure(std::move(options)); });
}

void LinkClient::start() {
  _started = true;
  _loop.post([core = _core] { core->start(); });
}

void LinkClient::stop(int64_t graceMs) {
  if (!_started.exchange(false)) return;
  if (graceMs > 0) {
    _loop.post([core = _core] { core->beginStop(); });
    _core->waitClosed(graceMs);
  }
  _loop.runSync([core = _core] { core->endStop(); });
}

void LinkClient::committed(const std::string& epoch, uint64_t seq, const std::string&) {
  _loop.post([core = _core, epoch, seq] { core->committed(epoch, seq); });
}

void LinkClient::refuse(const std::string& epoch, uint64_t seq, const std::string& code, const std::string& reason) {
  const NackCode known = code == nameOf(NackCode::TooBig) ? NackCode::TooBig : NackCode::Unparsable;
  _loop.post([core = _core, epoch, seq, known, reason] { core->refuse(epoch, seq, known, reason); });
}

void LinkClient::sendStatus(std::string json) {
  _loop.post([core = _core, json = std::move(json)]() mutable { core->sendStatus(std::move(json)); });
}

LinkState LinkClient::state() const { return _core->state(); }

}  // namespace tsunagi::link
