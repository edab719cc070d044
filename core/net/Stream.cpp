#include "net/Stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/LoopStreams.h"
#include "net/SocketAddress.h"
#include "net/StreamTable.h"
#include "net/WebSocketCodec.h"

namespace tsunagi::net {

namespace {
constexpr int64_t RECEIVED_STEP_MS = 100;
constexpr size_t TLS_WRITE = 16 * 1024;  // one record
constexpr size_t DROP_SENT = 64 * 1024;
constexpr uint32_t FAILED_EVENTS = EPOLLERR | EPOLLHUP;
}  // namespace

StreamExtra::StreamExtra() = default;
StreamExtra::~StreamExtra() = default;

void StreamExtra::onDeadline(Deadline&) { stream->onCloseDeadline(); }

bool StreamExtra::needed() const {
  return !output.empty() || tls || deadline.armed() || decoder || pong || endCode != 0 || dropped != 0;
}

void StreamExtra::clear() {
  output.clear();
  sent = locked = border = 0;
  tls.reset();
  deadline.cancel();
  decoder.reset();
  pong.reset();
  endCode = 0;
  endReason.clear();
  dropped = 0;
  stream = nullptr;
}

Stream::Stream(StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls) : _table(&table), _fd(fd.release()) {
  set(READING);
  if (tls) {
    extra().tls = std::move(tls);
    set(HANDSHAKING);
  }
}

Stream::Stream(Stream& predecessor)
    : _table(predecessor._table),
      _extra(std::move(predecessor._extra)),
      _fd(std::exchange(predecessor._fd, -1)),
      _received(predecessor._received) {
  set(static_cast<uint16_t>((predecessor._flags & (BLOCKED | INPUT_ENDED | WRITE_WANTS_READ)) | READING));
  if (predecessor._flags & REGISTERED) eventLoop().remove(_fd, &predecessor);
  predecessor.unset(REGISTERED);
  predecessor.set(ENDED | REPLACED);
  if (!_extra) return;
  _extra->stream = this;
  _extra->deadline.cancel();
  if (unsent() > 0 && !blocked()) output();
}

Stream::~Stream() {
  if (_flags & (DIRTY | AGAIN)) streams().forget(*this);
  if (_flags & REGISTERED) eventLoop().remove(_fd, this);
  if (_fd >= 0) ::close(_fd);
}

EventLoop& Stream::eventLoop() const { return _table->streams().loop(); }
LoopStreams& Stream::streams() const { return _table->streams(); }
std::string Stream::peerText() const { return _fd < 0 ? std::string() : peerAddress(_fd); }

int64_t Stream::receivedMs() const {
  const int64_t step = eventLoop().nowMs() / RECEIVED_STEP_MS;
  const uint32_t ago = static_cast<uint32_t>(step) - _received;
  return (step - ago) * RECEIVED_STEP_MS;
}

bool Stream::enter() {
  _received = static_cast<uint32_t>(eventLoop().nowMs() / RECEIVED_STEP_MS);
  updateInterest();
  return _flags & REGISTERED;
}

void Stream::updateInterest() {
  if (ended()) return;
  uint16_t wanted = 0;
  if ((_flags & (READING | WRITE_WANTS_READ | HANDSHAKING)) && !(_flags & INPUT_ENDED)) wanted |= ARMED_IN;
  if (_flags & (BLOCKED | READ_WANTS_WRITE)) wanted |= ARMED_OUT;
  if ((_flags & BLOCKED) && (_flags & WRITE_WANTS_READ)) wanted &= static_cast<uint16_t>(~ARMED_OUT);
  const uint32_t events = (wanted & ARMED_IN ? EPOLLIN : 0u) | (wanted & ARMED_OUT ? EPOLLOUT : 0u);
  if (!(_flags & REGISTERED)) {
    if (!eventLoop().add(_fd, events, this)) return;
    set(REGISTERED);
  } else if ((_flags & (ARMED_IN | ARMED_OUT)) != wanted) {
    eventLoop().modify(_fd, events, this);
  }
  unset(ARMED_IN | ARMED_OUT);
  set(wanted);
}

void Stream::onReady(uint32_t events) {
  if (_flags & HANDSHAKING) {
    handshake();
    return;
  }
  if ((events & FAILED_EVENTS) && !(_flags & ARMED_IN)) {
    // Nobody reads here any more, so the kernel would report it for ever.
    onBroken("connection reset");
    return;
  }
  const bool failed = events & FAILED_EVENTS;
  if (((events & EPOLLOUT) || failed || (_flags & WRITE_WANTS_READ)) && (_flags & BLOCKED)) {
    unset(BLOCKED | WRITE_WANTS_READ);
    onUnblocked();
    writeMore();
  }
  if (ended()) return;
  if ((events & EPOLLIN) || failed || ((events & EPOLLOUT) && (_flags & READ_WANTS_WRITE))) {
    unset(READ_WANTS_WRITE);
    if (_flags & READING) readMore();
  }
  if (!ended()) updateInterest();
}

void Stream::handshake() {
  if (!streams().takeHandshake()) {
    runAgain();
    return;
  }
  switch (_extra->tls->handshake()) {
    case TlsStatus::Done:
      unset(HANDSHAKING | READ_WANTS_WRITE);
      onHandshakeDone();
      if (ended()) return;
      if (unsent() > 0) writeMore();
      // Data may have come with the last message of the handshake, where the kernel does not show it.
      if (!ended()) runAgain();
      break;
    case TlsStatus::WantRead:
      unset(READ_WANTS_WRITE);
      break;
    case TlsStatus::WantWrite:
      set(READ_WANTS_WRITE);
      break;
    case TlsStatus::Closed:
    case TlsStatus::Failed:
      onBroken(_extra->tls->error());
      return;
  }
  if (!ended()) updateInterest();
}

Stream::Got Stream::readSome(char* buffer, size_t& size, std::string& reason) {
  if (encrypted() && !(_flags & OUTPUT_SHUT)) {
    size_t done = 0;
    switch (_extra->tls->read(buffer, size, done)) {
      case TlsStatus::Done:
        size = done;
        return Got::Data;
      case TlsStatus::WantRead:
        return Got::Nothing;
      case TlsStatus::WantWrite:
        set(READ_WANTS_WRITE);
        return Got::Nothing;
      case TlsStatus::Closed:
        return Got::End;
      case TlsStatus::Failed:
        reason = _extra->tls->error();
        return Got::Broken;
    }
  }
  const ssize_t got = ::recv(_fd, buffer, size, 0);
  if (got > 0) {
    size = static_cast<size_t>(got);
    return Got::Data;
  }
  if (got == 0) return Got::End;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Got::Nothing;
  reason = errno == ECONNRESET || errno == EPIPE ? "connection reset" : "reading failed: " + systemError(errno);
  return Got::Broken;
}

void Stream::readMore() {
  if (_flags & HANDSHAKING) {
    handshake();
    return;
  }
  char* const buffer = eventLoop().readBuffer();
  size_t budget = READ_BUDGET;
  std::string reason;
  while (budget > 0 && !ended() && (_flags & READING) && !(_flags & INPUT_ENDED)) {
    size_t size = EventLoop::READ_BUFFER;
    const Got got = readSome(buffer, size, reason);
    if (got == Got::Nothing) break;
    if (got == Got::Broken) {
      onBroken(reason);
      return;
    }
    if (got == Got::End) {
      set(INPUT_ENDED);
      if (!(_flags & DISCARDING)) {
        onEndOfInput();
      } else if (_flags & OUTPUT_SHUT) {
        end();
      }
      break;
    }
    _received = static_cast<uint32_t>(eventLoop().nowMs() / RECEIVED_STEP_MS);
    budget -= std::min(budget, size);
    if (_flags & DISCARDING) {
      drop(size);
    } else {
      onData({buffer, size});
    }
    // A short read emptied the socket; what comes later is reported.
    if (!encrypted() && size < EventLoop::READ_BUFFER) break;
  }
  if (ended()) return;
  if (encrypted() && budget == 0 && (_flags & READING)) runAgain();
  updateInterest();
}

StreamExtra& Stream::extra() {
  if (!_extra) _extra = streams().takeExtra(*this);
  return *_extra;
}

void Stream::trim() {
  if (_extra && !_extra->needed()) streams().giveExtra(std::move(_extra));
}

std::string& Stream::output() {
  std::string& out = extra().output;
  if (!(_flags & DIRTY) && !ended()) {
    set(DIRTY);
    streams()._dirty.push_back(this);
    streams().schedule();
  }
  return out;
}

void Stream::flush() {
  unset(DIRTY);
  if (ended()) return;
  if (!(_flags & (BLOCKED | HANDSHAKING)) && _extra) writeMore();
  if (!ended()) trim();
}

void Stream::writeNow() {
  if (!ended() && !(_flags & (BLOCKED | HANDSHAKING))) writeMore();
}

void Stream::writeMore() {
  if (_flags & OUTPUT_SHUT || !_extra) return;
  bool progressed = false;
  while (_extra->sent < _extra->output.size()) {
    const char* const data = _extra->output.data() + _extra->sent;
    const size_t left = _extra->output.size() - _extra->sent;
    size_t done = 0;
    if (_extra->tls) {
      const size_t piece = _extra->locked > 0 ? _extra->locked : std::min(left, TLS_WRITE);
      const TlsStatus status = _extra->tls->write(data, piece, done);
      if (status == TlsStatus::WantRead || status == TlsStatus::WantWrite) {
        _extra->locked = piece;
        set(BLOCKED);
        if (status == TlsStatus::WantRead) set(WRITE_WANTS_READ);
        break;
      }
      if (status != TlsStatus::Done) {
        onBroken(_extra->tls->error());
        return;
      }
      _extra->locked = 0;
    } else {
      const ssize_t sent = ::send(_fd, data, left, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
          set(BLOCKED);
          break;
        }
        onBroken(errno == EPIPE || errno == ECONNRESET ? "connection reset" : "writing failed: " + systemError(errno));
        return;
      }
      done = static_cast<size_t>(sent);
    }
    _extra->sent += done;
    progressed = progressed || done > 0;
  }
  if (_flags & BLOCKED) {
    updateInterest();
    onBlocked(progressed);
    return;
  }
  if (_extra->output.capacity() > DROP_SENT) std::string().swap(_extra->output);
  _extra->output.clear();
  _extra->sent = _extra->border = 0;
  updateInterest();
  if (progressed) onFlushed();
}

void Stream::dropSent(size_t upTo) {
  upTo = std::min(upTo, _extra->sent);
  if (upTo < DROP_SENT || upTo < _extra->output.size() / 2) return;
  _extra->output.erase(0, upTo);
  _extra->sent -= upTo;
  _extra->border -= std::min(_extra->border, upTo);
}

void Stream::setReading(bool on) {
  if (on == reading() || ended()) return;
  if (on) {
    set(READING);
    if (encrypted()) runAgain();
  } else {
    unset(READING);
  }
  updateInterest();
}

void Stream::runAgain() {
  if ((_flags & (AGAIN | ENDED))) return;
  set(AGAIN);
  LoopStreams& shared = streams();
  shared._again.push_back(this);
  if (shared._againPosted) return;
  shared._againPosted = eventLoop().post([&shared] { shared.runAgain(); });
}

void Stream::shutdownOutput() {
  if (ended() || (_flags & OUTPUT_SHUT)) return;
  if (encrypted() && !(_flags & HANDSHAKING)) _extra->tls->shutdown();
  set(OUTPUT_SHUT);
  ::shutdown(_fd, SHUT_WR);
  endWhenSilent();
}

void Stream::discardInput() {
  if (ended()) return;
  set(DISCARDING);
  setReading(true);
  endWhenSilent();
}

void Stream::drop(size_t size) {
  extra().dropped += static_cast<uint32_t>(size);
  if (_extra->dropped > DROP_LIMIT) setReading(false);
  endWhenSilent();
}

void Stream::endWhenSilent() {
  const bool inputOver = (_flags & INPUT_ENDED) || (_extra && _extra->dropped > DROP_LIMIT);
  if ((_flags & DISCARDING) && (_flags & OUTPUT_SHUT) && inputOver) end();
}

void Stream::end() {
  if (ended()) return;
  set(ENDED);
  if (_extra) _extra->deadline.cancel();
  if (encrypted() && !(_flags & (HANDSHAKING | OUTPUT_SHUT))) _extra->tls->shutdown();
  if (_flags & REGISTERED) eventLoop().remove(_fd, this);
  unset(REGISTERED);
  if (_extra) _extra->tls.reset();
  if (_fd >= 0) ::close(std::exchange(_fd, -1));
  _table->release(*this);
}

void Stream::endWithReset() {
  if (ended()) return;
  const linger reset{1, 0};
  ::setsockopt(_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  set(OUTPUT_SHUT);  // no close_notify
  end();
}

}  // namespace tsunagi::net
