#include "net/HttpClient.h"

#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocket.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/ErrnoText.h"
#include "base/LogEscape.h"
#include "net/BlockingWait.h"
#include "net/Dial.h"
#include "net/HttpParser.h"

namespace tsunagi::net {

namespace {

constexpr size_t READ_SIZE = 16 * 1024;
constexpr size_t MAX_HEAD = 64 * 1024;

int64_t later(int64_t nowMs, int64_t ms) { return ms > NO_DEADLINE - nowMs ? NO_DEADLINE : nowMs + ms; }

HttpLimits limitsOf(const HttpCall& call) {
  HttpLimits limits;
  limits.maxHead = MAX_HEAD;
  limits.maxBody = call.maxBody;
  return limits;
}

// One call from name look-up to the last byte. Each step returns false when the result is settled.
class Exchange {
 public:
  Exchange(const HttpCall& call, const TlsContext* tls, const NameLookup::Resolver& resolver)
      : _call(call),
        _tls(tls),
        _resolver(resolver),
        _startMs(waitNowMs()),
        _totalByMs(call.totalMs > 0 ? later(_startMs, call.totalMs) : NO_DEADLINE),
        _connectByMs(std::min(_totalByMs, later(_startMs, std::max<int64_t>(call.connectMs, 1)))),
        _parser(limitsOf(call), call.method == "HEAD") {}

  HttpResult run() {
    if (prepare() && connect() && secure()) transfer();
    if (!_result.ok()) _result.body = std::string();
    if (_result.sent && _written < _request.size()) dropUnsent();
    _result.elapsedMs = waitNowMs() - _startMs;
    return std::move(_result);
  }

 private:
  enum class Io : uint8_t { Moved, WantRead, WantWrite, End, Failed };

  // The rest of the request will never come: nothing of it stays behind in the kernel.
  void dropUnsent() const {
    const linger now{1, 0};
    ::setsockopt(_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

  bool unixSocket() const { return !_call.unixPath.empty(); }
  bool encrypted() const { return _call.url.tls() && !unixSocket(); }

  // For the operator. The target may carry a secret, so only the host is named.
  std::string where() const { return unixSocket() ? _call.unixPath : logEscape(_call.url.authority()); }

  bool settle(HttpResult::Outcome outcome, std::string error) {
    _result.outcome = outcome;
    _result.error = _call.method + " to " + where() + ": " + std::move(error);
    return false;
  }
  bool fail(std::string error) {
    return settle(_result.sent ? HttpResult::Outcome::Ambiguous : HttpResult::Outcome::NotSent, std::move(error));
  }
  bool cancelled() { return settle(HttpResult::Outcome::Cancelled, "cancelled"); }
  bool late(const char* doing, int64_t byMs) {
    const bool total = byMs == _totalByMs;
    return fail(std::string("timed out ") + doing + (total ? " (total limit of " : " (limit of ") +
                std::to_string(total                  ? _call.totalMs
                               : byMs == _connectByMs ? _call.connectMs
                                                      : _call.idleMs) +
                " ms)");
  }

  bool prepare() {
    if (_call.cancel && _call.cancel->isCancelled()) return cancelled();
    if (encrypted() && !_tls) return fail("https needs a TLS context, and none was set up");
    HttpHeaders headers;
    if (_call.headers.count("Host") == 0)
      headers.add("Host", _call.url.host.empty() ? "localhost" : _call.url.authority());
    for (const HttpHeader& field : _call.headers.all()) headers.add(field.name, field.value);
    headers.set("Accept-Encoding", "identity");
    headers.set("Connection", "close");
    try {
      _request = encodeRequest(_call.method, _call.url.target.empty() ? "/" : _call.url.target, headers, _call.body);
    } catch (const std::invalid_argument& e) {
      return fail(std::string("the request cannot be sent: ") + e.what());
    }
    return true;
  }

  bool connect() {
    std::vector<std::string> addresses;
    if (!unixSocket()) {
      Result<std::unique_ptr<NameLookup>> lookup = NameLookup::start(_call.url.host, _resolver);
      if (!lookup) return fail(lookup.error());
      pollfd entry{(*lookup)->readyFd(), POLLIN, 0};
      switch (waitFor({&entry, 1}, _connectByMs, _call.cancel)) {
        case WaitStatus::Cancelled:
          return cancelled();
        case WaitStatus::TimedOut:
          return late("looking up the host's address", _connectByMs);
        case WaitStatus::Ready:
          break;
      }
      Result<std::vector<std::string>> found = (*lookup)->take();
      if (!found) return fail(found.error());
      addresses = std::move(*found);
    }
    DialOutcome dialled = unixSocket() ? dialUnix(_call.unixPath, _connectByMs, _call.cancel)
                                       : dialTcp(addresses, _call.url.port, _connectByMs, _call.cancel);
    if (dialled.status == WaitStatus::Cancelled) return cancelled();
    if (!dialled.socket) return fail(dialled.error);
    _socket = std::move(dialled.socket);
    _fd = _socket->impl()->sockfd();
    return true;
  }

  bool secure() {
    if (!encrypted()) return true;
    _session = TlsSession::connect(*_tls, _fd, _call.url.host);
    while (true) {
      if (_call.cancel && _call.cancel->isCancelled()) return cancelled();
      const TlsStatus status = _session->handshake();
      if (status == TlsStatus::Done) return true;
      if (status != TlsStatus::WantRead && status != TlsStatus::WantWrite) return fail(_session->error());
      pollfd entry{_fd, static_cast<short>(status == TlsStatus::WantRead ? POLLIN : POLLOUT), 0};
      switch (waitFor({&entry, 1}, _connectByMs, _call.cancel)) {
        case WaitStatus::Cancelled:
          return cancelled();
        case WaitStatus::TimedOut:
          return late("in the TLS handshake", _connectByMs);
        case WaitStatus::Ready:
          break;
      }
    }
  }

  Io fromTls(TlsStatus status) {
    switch (status) {
      case TlsStatus::Done:
        return Io::Moved;
      case TlsStatus::WantRead:
        return Io::WantRead;
      case TlsStatus::WantWrite:
        return Io::WantWrite;
      case TlsStatus::Closed:
        return Io::End;
      case TlsStatus::Failed:
        break;
    }
    _ioError = _session->error();
    return Io::Failed;
  }

  Io fromErrno(Io blocked) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return blocked;
    _ioError = errnoText(errno);
    return Io::Failed;
  }

  Io read(size_t& done) {
    if (_session) return fromTls(_session->read(_buffer.data(), _buffer.size(), done));
    const ssize_t count = ::recv(_fd, _buffer.data(), _buffer.size(), 0);
    if (count < 0) return fromErrno(Io::WantRead);
    done = static_cast<size_t>(count);
    return count > 0 ? Io::Moved : Io::End;
  }

  Io write(size_t& done) {
    const char* from = _request.data() + _written;
    const size_t size = _request.size() - _written;
    if (_session) {
      _result.sent = true;
      return fromTls(_session->write(from, size, done));
    }
    const ssize_t count = ::send(_fd, from, size, MSG_NOSIGNAL);
    if (count < 0) return fromErrno(Io::WantWrite);
    done = static_cast<size_t>(count);
    if (count > 0) _result.sent = true;
    return Io::Moved;
  }

  // Reads and writes as either becomes possible, so that an answer that comes early (413) is heard.
  void transfer() {
    int64_t idleFromMs = waitNowMs();
    while (true) {
      if (_call.cancel && _call.cancel->isCancelled()) return void(cancelled());
      const int64_t nowMs = waitNowMs();
      const int64_t idleByMs = _call.idleMs > 0 ? later(idleFromMs, _call.idleMs) : NO_DEADLINE;
      const int64_t byMs = std::min(idleByMs, _totalByMs);
      if (nowMs >= _totalByMs) return void(late("waiting for the whole answer", _totalByMs));

      size_t done = 0;
      const Io readIo = read(done);
      if (readIo == Io::Moved) {
        if (!take(std::string_view(_buffer.data(), done))) return;
        idleFromMs = waitNowMs();
        continue;
      }
      if (readIo == Io::End || readIo == Io::Failed) return ended(readIo == Io::Failed);

      Io writeIo = Io::WantRead;
      if (_written < _request.size() && !_writeBroken) {
        writeIo = write(done);
        if (writeIo == Io::Moved) {
          _written += done;
          idleFromMs = waitNowMs();
          continue;
        }
        // The other side may have answered before it stopped listening: read on, the end comes by itself.
        if (writeIo == Io::End || writeIo == Io::Failed) {
          _writeBroken = true;
          _writeError = _ioError;
          if (_session) return void(fail("the connection broke while sending: " + _session->error()));
          continue;
        }
      }
      short events = POLLIN;
      if (readIo == Io::WantWrite || writeIo == Io::WantWrite) events |= POLLOUT;
      pollfd entry{_fd, events, 0};
      switch (waitFor({&entry, 1}, byMs, _call.cancel)) {
        case WaitStatus::Cancelled:
          return void(cancelled());
        case WaitStatus::TimedOut:
          return void(late(_written < _request.size() ? "sending" : "waiting for an answer", byMs));
        case WaitStatus::Ready:
          break;
      }
    }
  }

  bool onBytes(std::string_view bytes) {
    if (_call.onBody) return _call.onBody(bytes);
    _result.body.append(bytes);
    return true;
  }

  // false when the result is settled.
  bool take(std::string_view bytes) {
    using Stage = HttpResponseParser::Stage;
    while (!bytes.empty() && _parser.stage() != Stage::Complete) {
      const bool inHead = _parser.stage() == Stage::Head;
      bytes.remove_prefix(_parser.feed(bytes, [this](std::string_view data) { return onBytes(data); }));
      if (_parser.stage() == Stage::Failed) {
        if (_parser.failure().reason == "stopped") return settle(HttpResult::Outcome::Stopped, "stopped by the caller");
        return fail(_parser.failure().reason);
      }
      if (inHead && _parser.stage() != Stage::Head && !takeHead()) return false;
    }
    return _parser.stage() != Stage::Complete || complete();
  }

  bool takeHead() {
    _result.status = _parser.status();
    _result.headers = _parser.headers();
    if (_result.status == 101) return fail("the server switched to another protocol, which nobody asked for");
    if (_call.onHead && !_call.onHead(_result.status, _result.headers))
      return settle(HttpResult::Outcome::Stopped, "stopped by the caller");
    return true;
  }

  bool complete() {
    _result.outcome = HttpResult::Outcome::Answered;
    _result.error.clear();
    if (_session) _session->shutdown();
    return false;
  }

  void ended(bool broken) {
    const bool torn = broken || (_session && !_session->cleanEnd());
    if (!torn) {
      _parser.finish();
      if (_parser.stage() == HttpResponseParser::Stage::Complete) return void(complete());
      return void(fail(_parser.failure().reason));
    }
    std::string why =
        _parser.started() ? "the connection broke within the answer" : "the connection broke without an answer";
    const std::string& detail = _session ? _session->error() : _writeBroken && !broken ? _writeError : _ioError;
    if (!detail.empty()) why += ": " + detail;
    fail(std::move(why));
  }

  const HttpCall& _call;
  const TlsContext* _tls;
  const NameLookup::Resolver& _resolver;
  const int64_t _startMs;
  const int64_t _totalByMs;
  const int64_t _connectByMs;
  HttpResponseParser _parser;
  HttpResult _result;
  std::string _request;
  size_t _written = 0;
  bool _writeBroken = false;
  std::string _writeError;
  std::string _ioError;
  // The session is destroyed before the socket it uses.
  std::unique_ptr<Poco::Net::StreamSocket> _socket;
  int _fd = -1;
  std::unique_ptr<TlsSession> _session;
  std::array<char, READ_SIZE> _buffer;
};

}  // namespace

HttpClient::HttpClient(std::shared_ptr<const TlsContext> tls, NameLookup::Resolver resolver)
    : _tls(std::move(tls)), _resolver(std::move(resolver)) {}

HttpResult HttpClient::perform(const HttpCall& call) const {
  Exchange exchange(call, _tls.get(), _resolver);
  return exchange.run();
}

}  // namespace tsunagi::net
