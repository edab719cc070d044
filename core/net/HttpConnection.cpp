#include "net/HttpConnection.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

#include "base/LogEscape.h"
#include "net/HttpReplyTarget.h"
#include "net/HttpUpgrade.h"
#include "net/WebSocketSession.h"

namespace tsunagi::net {

namespace {

using Stage = HttpRequestParser::Stage;

constexpr size_t ORDINARY_BODY = 16 * 1024;

Poco::Logger& log() {
  static Poco::Logger& logger = Poco::Logger::get("net.http");
  return logger;
}

// Runs a handler; false and a log line when it threw. The pattern is told, not the path, which may hold a secret.
template <typename Call>
bool guarded(const HttpRoute& route, Call call) {
  std::string what;
  try {
    call();
    return true;
  } catch (const Poco::Exception& e) {
    what = e.displayText();
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
    what = "an exception of an unknown kind";
  }
  log().error("The handler of " + route.method + " " + route.pattern + " threw: " + logEscape(what));
  return false;
}

HttpResponse failureResponse() { return HttpResponse::text(500, "The server failed on this request.\n"); }

}  // namespace

HttpConnection::HttpConnection(HttpShard& shard, StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls)
    : Stream(table, std::move(fd), std::move(tls)),
      _shard(shard),
      _serial(shard.nextSerial()),
      _parser(shard.core().options.limits) {
  _shard.deadlines().head.arm(_inputDeadline);
}

void HttpConnection::onData(std::span<char> data) {
  const std::string_view bytes(data.data(), data.size());
  if (!_unparsed.empty()) {
    _unparsed.append(bytes);
  } else {
    process(bytes);
  }
}

void HttpConnection::onAgain() {
  if (!_unparsed.empty() && hasRoom()) process(std::exchange(_unparsed, {}));
  if (!ended() && reading()) readMore();
}

bool HttpConnection::hasRoom() const {
  return !_upgradeRoute && _exchanges.size() < _shard.core().options.maxPipelined && unsent() <= HttpShard::MAX_UNSENT;
}

void HttpConnection::process(std::string_view bytes) {
  _inProcess = true;
  while (_phase == Phase::Open && !ended()) {
    if (!hasRoom()) {
      _unparsed.assign(bytes);
      break;
    }
    const bool started = _parser.started();
    bytes.remove_prefix(_parser.feed(bytes));
    if (!started && _parser.started() && (_firstNumber > 0 || !_exchanges.empty())) {
      _shard.deadlines().head.arm(_inputDeadline);  // of the first request: since accept
    }
    if (!_headTaken && (_parser.stage() == Stage::Body || _parser.stage() == Stage::Complete)) {
      _headTaken = true;
      if (!takeHead(bytes)) break;
    }
    if (_parser.stage() == Stage::Failed) {
      refuse(_parser.failure());
    } else if (_parser.stage() == Stage::Body && !bodyFits()) {
      refuse({503, "too much is being received"});
    } else if (_parser.stage() == Stage::Complete) {
      dispatch();
    } else if (bytes.empty()) {
      break;
    }
  }
  _inProcess = false;
  if (!ended()) waitForInput();
}

void HttpConnection::count(size_t bodyBytes) {
  if (bodyBytes == _counted) return;
  _shard.core().bodyBytes += bodyBytes - _counted;  // wraps as it should when it falls
  _counted = bodyBytes;
}

// Keeps the sum of unfinished bodies; false when this one goes beyond what is allowed.
bool HttpConnection::bodyFits() {
  const size_t size = _parser.request().body.size();
  count(size);
  return size <= ORDINARY_BODY || _shard.core().bodyBytes <= _shard.core().options.maxBodyBytes;
}

void HttpConnection::waitForInput() {
  if (_phase != Phase::Open) return;
  const bool full = !_unparsed.empty() || !hasRoom();
  setReading(!full);
  if (full) {
    _inputDeadline.cancel();  // it is us who make the peer wait
    return;
  }
  if (_headTaken || _parser.started()) {
    if (!_inputDeadline.armed()) (_headTaken ? _shard.deadlines().body : _shard.deadlines().head).arm(_inputDeadline);
    return;
  }
  if (_shard.draining() && _exchanges.empty()) {
    lastOne();
  } else if (!_exchanges.empty() || unsent() > 0) {
    _inputDeadline.cancel();
  } else if (!_inputDeadline.armed()) {
    _shard.deadlines().idle.arm(_inputDeadline);
  }
}

bool HttpConnection::hostAllowed(const std::string& host) const {
  const auto& allowed = _shard.core().options.allowedHosts;
  if (allowed.empty()) return true;
  const bool bracketed = host.size() > 2 && host.front() == '[';
  const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& name) {
    return equalsIgnoreCase(name, host) || equalsIgnoreCase(name, bare);
  });
}

// The head is there. False when nothing more may be parsed for now.
bool HttpConnection::takeHead(std::string_view rest) {
  if (_peer.empty()) _peer = peerText();
  _parser.setPeer(_peer);
  const HttpRequest& head = _parser.request();
  const bool bodyAnnounced = _parser.stage() == Stage::Body;
  if (!hostAllowed(head.host)) {
    refuse(HttpResponse::text(421, "This host name is not served here.\n"), true);
    return false;
  }
  const HttpRouter::Match match = _shard.core().router.find(head.method, head.path);
  if (match.upgrade && (asksForUpgrade(head) || !match.route)) {
    _upgradeRoute = match.upgrade;
    if (_exchanges.empty()) return upgrade(rest);
    _unparsed.assign(rest);
    return false;
  }
  if (!match.route) {
    HttpResponse response = HttpResponse::text(match.allow.empty() ? 404 : 405,
                                               match.allow.empty() ? "There is nothing here.\n" : "Not that method.\n");
    if (!match.allow.empty()) response.headers.set("Allow", match.allow);
    refuse(std::move(response), bodyAnnounced);
    return !bodyAnnounced;
  }
  _route = match.route;
  if (_route->check) {
    std::optional<HttpResponse> refusal;
    const PathParameters parameters = HttpRouter::parameters(*_route, head.path);
    if (!guarded(*_route, [&] { refusal = _route->check(head, parameters); })) {
      ++_shard.core().handlerFailures;
      refusal = failureResponse();
    }
    if (refusal) {
      refuse(std::move(*refusal), bodyAnnounced);
      return !bodyAnnounced;
    }
  }
  if (!bodyAnnounced) return true;
  _parser.setMaxBody(_route->maxBody > 0 ? _route->maxBody : _shard.core().options.limits.maxBody);
  if (_parser.stage() == Stage::Failed) return true;
  _shard.deadlines().body.arm(_inputDeadline);
  if (_parser.expectsContinue() && rest.empty()) {
    _owesContinue = true;
    pump();
  }
  return true;
}

// Answers the handshake and hands the connection on. False when it is a WebSocket now or will not be one.
bool HttpConnection::upgrade(std::string_view rest) {
  const HttpRoute& route = *std::exchange(_upgradeRoute, nullptr);
  const HttpRequest& head = _parser.request();
  if (auto refusal = checkUpgrade(head, _parser.stage() == Stage::Body)) {
    refuse(std::move(*refusal), true);
    return false;
  }
  std::variant<HttpResponse, UpgradeAccept> decision;
  const PathParameters parameters = HttpRouter::parameters(route, head.path);
  if (!guarded(route, [&] { decision = route.upgradeHandler(head, parameters); })) {
    ++_shard.core().handlerFailures;
    decision = failureResponse();
  }
  auto* const accept = std::get_if<UpgradeAccept>(&decision);
  if (!accept || !accept->handler || _shard.draining()) {
    refuse(accept ? HttpResponse::text(503, "The server is stopping.\n") : std::move(std::get<HttpResponse>(decision)),
           true);
    return false;
  }
  HttpResponse response = acceptUpgrade(head, accept->subprotocol);
  if (!_shard.core().options.serverName.empty()) response.headers.add("Server", _shard.core().options.serverName);
  const bool encoded = guarded(route, [&] { write(encodeResponse(response, true)); });
  if (!encoded) {
    refuse(failureResponse(), true);
    return false;
  }
  _inputDeadline.cancel();
  _answerDeadline.cancel();
  _stallDeadline.cancel();
  _phase = Phase::Closing;
  _shard.core().countAnswer(response.status);
  ++_shard.core().webSockets;
  ++_shard.core().openWebSockets;
  if (!WebSocketSession::begin(*this, std::move(accept->handler), WsRole::Server, accept->subprotocol,
                               accept->maxMessage, std::string(rest))) {
    --_shard.core().openWebSockets;
    log().error("Too many kinds of WebSockets (subprotocol and size limit) on one loop; the connection is closed");
    end();
  }
  return false;
}

void HttpConnection::dispatch() {
  const HttpRoute* const route = std::exchange(_route, nullptr);
  const bool keepAlive = _parser.keepAlive();
  count(0);
  HttpRequest request = _parser.takeRequest();
  _parser.reset();
  _headTaken = false;
  _owesContinue = false;
  _inputDeadline.cancel();
  if (!route) return;  // refused with the head
  const auto number = static_cast<uint32_t>(_firstNumber + _exchanges.size());
  _exchanges.push_back({route, eventLoop().nowMs(), false, keepAlive, request.method == "HEAD"});
  if (!_answerDeadline.armed()) _shard.deadlines().answer.arm(_answerDeadline);
  if (!keepAlive) lastOne();
  ++_shard.core().requests;
  const std::string path = request.path;  // the parameters stay good when the handler moves the request on
  const PathParameters parameters = HttpRouter::parameters(*route, path);
  const HttpReply reply(std::make_shared<HttpReply::Target>(_shard.answers(), slot(), _serial, number));
  if (!guarded(*route, [&] { route->handler(std::move(request), parameters, reply); })) {
    ++_shard.core().handlerFailures;
    reply.send(failureResponse());
  }
}

void HttpConnection::refuse(const HttpFailure& failure) {
  log().debug("Refused a request: " + std::to_string(failure.status) + " " + failure.reason);
  refuse(HttpResponse::text(failure.status, failure.reason + "\n"), true);
}

// The answer goes out in its order; with closeAfter nothing behind the request is looked at.
void HttpConnection::refuse(HttpResponse response, bool closeAfter) {
  ++_shard.core().refused;
  _route = nullptr;
  _owesContinue = false;
  const bool isHead = _headTaken && _parser.request().method == "HEAD";
  const bool keepAlive = !closeAfter && _parser.keepAlive();
  _exchanges.push_back({nullptr, eventLoop().nowMs(), false, keepAlive, isHead});
  if (!keepAlive) lastOne();
  put(_exchanges.back(), std::move(response));
  pump();
}

bool HttpConnection::put(Exchange& exchange, HttpResponse response, std::optional<uint64_t> bodyLength) {
  const bool last = _shard.draining() && &exchange == &_exchanges.back() && !_parser.started();
  const bool keepAlive = exchange.keepAlive && !last;
  const std::string& name = _shard.core().options.serverName;
  if (!name.empty() && response.headers.count("Server") == 0) response.headers.add("Server", name);
  exchange.answered = true;
  try {
    exchange.wire = bodyLength ? encodeResponseHead(response, keepAlive, *bodyLength)
                               : encodeResponse(response, keepAlive, exchange.isHead);
  } catch (const std::exception& e) {
    log().error("The handler of " +
                (exchange.route ? exchange.route->method + " " + exchange.route->pattern : "a refusal") +
                " gave an answer that cannot be sent: " + logEscape(e.what()));
    ++_shard.core().handlerFailures;
    exchange.wire = encodeResponse(failureResponse(), keepAlive, exchange.isHead);
    _shard.core().countAnswer(500);
    return false;
  }
  _shard.core().countAnswer(response.status);
  return true;
}

void HttpConnection::answer(HttpAnswer answer) {
  const uint32_t index = answer.number - _firstNumber;
  if (index >= _exchanges.size() || _exchanges[index].answered || ended()) return;
  if (answer.kind == HttpAnswer::Kind::Reset) return endWithReset();
  Exchange& exchange = _exchanges[index];
  if (answer.kind == HttpAnswer::Kind::None) {
    ++_shard.core().handlerFailures;
    log().error("The handler of " + exchange.route->method + " " + exchange.route->pattern +
                " ended without an answer; the client got 500");
  }
  if (answer.kind == HttpAnswer::Kind::Head || exchange.begun) {
    putPart(exchange, std::move(answer));
  } else {
    put(exchange, std::move(answer.response));
  }
  pump();
}

void HttpConnection::putPart(Exchange& exchange, HttpAnswer answer) {
  if (!exchange.begun) {
    if (!put(exchange, std::move(answer.response), answer.length)) return;
    exchange.begun = true;
    exchange.missing = exchange.isHead ? 0 : answer.length;
  } else {
    exchange.wire += answer.response.body;
    exchange.missing -= answer.response.body.size();
  }
  exchange.answered = exchange.missing == 0;
}

// Puts out what is answered in order, then whatever waited for that.
void HttpConnection::pump() {
  size_t count = 0;
  bool more = true;
  while (more && count < _exchanges.size() && _exchanges[count].answered) {
    Exchange& exchange = _exchanges[count++];
    write(exchange.wire);
    more = exchange.keepAlive;
  }
  if (more && count < _exchanges.size() && _exchanges[count].begun) write(std::exchange(_exchanges[count].wire, {}));
  _exchanges.erase(_exchanges.begin(), more ? _exchanges.begin() + static_cast<ptrdiff_t>(count) : _exchanges.end());
  _firstNumber += static_cast<uint32_t>(count);
  if (_exchanges.empty()) _answerDeadline.cancel();
  if (!_exchanges.empty()) return _inProcess ? void() : waitForInput();
  if (_phase == Phase::LastOne) {
    _phase = Phase::Closing;
    _inputDeadline.cancel();
    if (unsent() == 0) onFlushed();
    return;
  }
  if (_owesContinue) {
    _owesContinue = false;
    write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (_inProcess || _phase != Phase::Open) return;
  if (_upgradeRoute) {
    upgrade(std::exchange(_unparsed, {}));
  } else if (!_unparsed.empty()) {
    runAgain();
  } else {
    waitForInput();
  }
}

// No request after this one: what else comes is dropped unread.
void HttpConnection::lastOne() {
  if (_phase != Phase::Open) return;
  _phase = Phase::LastOne;
  count(0);
  _inputDeadline.cancel();
  std::string().swap(_unparsed);
  discardInput();
  if (_exchanges.empty()) pump();
}

void HttpConnection::onFlushed() {
  _stallDeadline.cancel();
  if (_phase == Phase::Closing) {
    shutdownOutput();
    if (!ended()) _shard.deadlines().linger.arm(_inputDeadline);
    return;
  }
  if (_phase != Phase::Open) return;
  if (!_unparsed.empty() && hasRoom()) {
    runAgain();
  } else {
    waitForInput();
  }
}

void HttpConnection::onBlocked(bool progressed) {
  dropSent(extra().sent);
  if (progressed || !_stallDeadline.armed()) _shard.deadlines().stall.arm(_stallDeadline);
  if (_phase == Phase::Open && !hasRoom()) setReading(false);
}

void HttpConnection::onEndOfInput() {
  // A request cut short is dropped; those before it are answered.
  lastOne();
}

void HttpConnection::onBroken(const std::string& reason) {
  if (handshaking()) ++_shard.core().tlsFailures;
  log().debug("Connection ended: " + logEscape(reason));
  end();
}

void HttpConnection::onHandshakeDone() { ++_shard.core().tlsHandshakes; }

void HttpConnection::drain() {
  if (_phase == Phase::Open && _exchanges.empty() && !_headTaken && !_parser.started() && _unparsed.empty() &&
      unsent() == 0) {
    end();
  }
}

void HttpConnection::onDeadline(Deadline& due) {
  HttpShard::Deadlines& deadlines = _shard.deadlines();
  if (&due == &_stallDeadline) {
    ++_shard.core().timedOut;
    endWithReset();
  } else if (&due == &_answerDeadline) {
    const int64_t oldest = eventLoop().nowMs() - deadlines.answer.lengthMs();
    for (Exchange& exchange : _exchanges) {
      if (exchange.answered || exchange.sinceMs > oldest) continue;
      ++_shard.core().handlerFailures;
      if (exchange.begun) return endWithReset();
      log().error("The handler of " + exchange.route->method + " " + exchange.route->pattern +
                  " gave no answer in time; the client got 503");
      put(exchange, HttpResponse::text(503, "No answer in time.\n"));
    }
    deadlines.answer.arm(_answerDeadline);
    pump();
  } else if (_phase == Phase::Open && (_headTaken || _parser.started())) {
    ++_shard.core().timedOut;
    refuse({408, "the request did not come in time"});
  } else {
    if (handshaking()) ++_shard.core().tlsFailures;
    end();  // idle, lingering, or never said anything
  }
}

}  // namespace tsunagi::net
