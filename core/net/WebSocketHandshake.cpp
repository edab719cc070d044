#include "net/WebSocketHandshake.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <utility>

#include "base/Clock.h"
#include "base/LogEscape.h"
#include "net/LoopStreams.h"
#include "net/WebSocketCodec.h"
#include "net/WebSocketSession.h"

namespace tsunagi::net {

namespace {

constexpr int64_t MAX_RETRY_AFTER_MS = 24LL * 3600 * 1000;

// RFC 9110 section 10.2.3: seconds or a date. 0 when there is none or it cannot be read.
int64_t retryAfterMs(const HttpHeaders& headers) {
  const auto value = headers.find("Retry-After");
  if (!value || value->empty()) return 0;
  if (value->size() <= 9 && std::all_of(value->begin(), value->end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::min<int64_t>(std::stoll(std::string(*value)) * 1000, MAX_RETRY_AFTER_MS);
  }
  Poco::DateTime date;
  int zone = 0;
  if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, std::string(*value), date, zone)) return 0;
  const int64_t ms = date.timestamp().epochMicroseconds() / 1000 - Clock::system().wallMs();
  return std::clamp<int64_t>(ms, 0, MAX_RETRY_AFTER_MS);
}

}  // namespace

WebSocketHandshake::WebSocketHandshake(StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls,
                                       const std::string& request, const std::string& key,
                                       const WebSocketConnect& options, std::shared_ptr<WebSocketHandler> handler,
                                       Outcome outcome)
    : Stream(table, std::move(fd), std::move(tls)),
      _accept(websocketAccept(key)),
      _server(options.url.authority()),
      _subprotocols(options.subprotocols),
      _maxMessage(options.maxMessage),
      _handler(std::move(handler)),
      _outcome(std::move(outcome)),
      _secured(!encrypted()) {
  write(request);
}

void WebSocketHandshake::begin() {
  if (encrypted()) runAgain();
}

void WebSocketHandshake::forget() {
  _outcome = {};
  end();
}

void WebSocketHandshake::refuse(WebSocketRefusal::Kind kind, std::string message) {
  WebSocketRefusal refusal;
  refusal.kind = kind;
  refusal.message = std::move(message);
  end();
  if (const Outcome outcome = std::exchange(_outcome, {})) outcome(&refusal);
}

void WebSocketHandshake::refuseAnswer() {
  WebSocketRefusal refusal;
  refusal.kind = WebSocketRefusal::Kind::Http;
  refusal.httpStatus = _parser.status();
  refusal.retryAfterMs = retryAfterMs(_parser.headers());
  refusal.message = _server + " answered the WebSocket request with " + std::to_string(_parser.status());
  end();
  if (const Outcome outcome = std::exchange(_outcome, {})) outcome(&refusal);
}

std::string WebSocketHandshake::wrongAnswer(std::string& subprotocol) const {
  const HttpHeaders& headers = _parser.headers();
  if (!headers.hasToken("Upgrade", "websocket")) return "its 101 does not say Upgrade: websocket";
  if (!headers.hasToken("Connection", "Upgrade")) return "its 101 does not say Connection: Upgrade";
  if (headers.count("Sec-WebSocket-Accept") != 1 || *headers.find("Sec-WebSocket-Accept") != _accept) {
    return "its Sec-WebSocket-Accept does not fit our key (a cache or a proxy in between?)";
  }
  if (headers.count("Sec-WebSocket-Extensions") > 0) return "it selected an extension that was not offered";
  if (headers.count("Sec-WebSocket-Protocol") > 1) return "it selected more than one subprotocol";
  if (const auto selected = headers.find("Sec-WebSocket-Protocol")) {
    subprotocol = *selected;
    if (std::find(_subprotocols.begin(), _subprotocols.end(), subprotocol) == _subprotocols.end()) {
      return "it selected a subprotocol that was not offered: " + logEscape(subprotocol, 64);
    }
  }
  return {};
}

void WebSocketHandshake::onData(std::span<char> data) {
  std::string_view bytes(data.data(), data.size());
  using Stage = HttpResponseParser::Stage;
  while (_parser.stage() == Stage::Head && !bytes.empty()) bytes.remove_prefix(_parser.feed(bytes, {}));
  if (_parser.stage() == Stage::Head) return;
  if (_parser.stage() == Stage::Failed) {
    refuse(WebSocketRefusal::Kind::Protocol, _server + " gave no proper HTTP answer: " + _parser.failure().reason);
    return;
  }
  if (_parser.status() != 101) {
    refuseAnswer();
    return;
  }
  std::string subprotocol;
  if (const std::string wrong = wrongAnswer(subprotocol); !wrong.empty()) {
    refuse(WebSocketRefusal::Kind::Protocol, _server + " is no proper WebSocket server: " + wrong);
    return;
  }
  const auto profile = streams().acquireProfile(subprotocol, _maxMessage);
  if (!profile) {
    refuse(WebSocketRefusal::Kind::Protocol, "too many kinds of WebSockets on one loop");
    return;
  }
  if (const Outcome outcome = std::exchange(_outcome, {})) outcome(nullptr);
  streams().releaseProfile(*profile);
  WebSocketSession::begin(*this, std::move(_handler), WsRole::Client, subprotocol, _maxMessage, std::string(bytes));
}

void WebSocketHandshake::onEndOfInput() {
  refuse(WebSocketRefusal::Kind::Connect, _server + " closed the connection without an answer");
}

void WebSocketHandshake::onBroken(const std::string& reason) {
  refuse(_secured ? WebSocketRefusal::Kind::Connect : WebSocketRefusal::Kind::Tls, _server + ": " + reason);
}

}  // namespace tsunagi::net
