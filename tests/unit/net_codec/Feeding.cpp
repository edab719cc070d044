#include "Feeding.h"

#include <span>

namespace tsunagi::net::test {

namespace {

std::string flat(const HttpRequest& request) {
  std::string out = request.method + '|' + request.target + '|' + request.path + '|' + request.query + '|' +
                    std::to_string(request.minorVersion) + '|' + request.host + '|' + request.body;
  for (const HttpHeader& field : request.headers.all()) out += '|' + field.name + ':' + field.value;
  return out;
}

class Recorder : public WsSink {
 public:
  explicit Recorder(std::vector<std::string>& words) : _words(words) {}
  void onMessage(WsOpcode kind, std::string_view payload) override {
    _words.push_back((kind == WsOpcode::Text ? "text:" : "binary:") + std::string(payload));
  }
  void onPing(std::string_view payload) override { _words.push_back("ping:" + std::string(payload)); }
  void onPong(std::string_view payload) override { _words.push_back("pong:" + std::string(payload)); }
  void onClose(uint16_t code, std::string_view reason) override {
    _words.push_back("close:" + std::to_string(code) + ":" + std::string(reason));
  }

 private:
  std::vector<std::string>& _words;
};

}  // namespace

bool RequestRun::operator==(const RequestRun& other) const {
  return last == other.last && failure == other.failure && reason == other.reason && started == other.started &&
         keepAlive == other.keepAlive &&
         std::equal(requests.begin(), requests.end(), other.requests.begin(), other.requests.end(),
                    [](const HttpRequest& a, const HttpRequest& b) { return flat(a) == flat(b); });
}

RequestRun runRequests(std::string_view bytes, size_t step, HttpLimits limits) {
  RequestRun run;
  HttpRequestParser parser(limits);
  while (!bytes.empty() && parser.stage() != HttpRequestParser::Stage::Failed) {
    std::string_view piece = bytes.substr(0, step == 0 ? bytes.size() : step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && parser.stage() != HttpRequestParser::Stage::Failed) {
      piece.remove_prefix(parser.feed(piece));
      if (parser.stage() != HttpRequestParser::Stage::Complete) continue;
      run.keepAlive.push_back(parser.keepAlive());
      run.requests.push_back(parser.takeRequest());
      parser.reset();
    }
  }
  run.last = parser.stage();
  run.failure = parser.failure().status;
  run.reason = parser.failure().reason;
  run.started = parser.started();
  return run;
}

ResponseRun runResponse(std::string_view bytes, size_t step, bool close, bool isHead, HttpLimits limits) {
  using Stage = HttpResponseParser::Stage;
  ResponseRun run;
  HttpResponseParser parser(limits, isHead);
  const auto onBody = [&](std::string_view data) {
    run.body += data;
    return true;
  };
  const auto open = [&] { return parser.stage() == Stage::Head || parser.stage() == Stage::Body; };
  while (!bytes.empty() && open()) {
    std::string_view piece = bytes.substr(0, step == 0 ? bytes.size() : step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && open()) {
      const size_t used = parser.feed(piece, onBody);
      piece.remove_prefix(used);
      run.used += used;
    }
  }
  if (close) parser.finish();
  run.stage = parser.stage();
  run.status = parser.status();
  run.reason = parser.failure().reason;
  run.keepAlive = parser.keepAlive();
  for (const HttpHeader& field : parser.headers().all()) run.headers.push_back(field.name + ": " + field.value);
  return run;
}

std::vector<std::string> runFrames(std::string bytes, size_t step, WsRole role, size_t maxMessage) {
  std::vector<std::string> words;
  Recorder sink(words);
  WebSocketDecoder decoder(role, maxMessage);
  std::span<char> rest(bytes);
  while (!rest.empty()) {
    const std::span<char> piece = rest.first(step == 0 ? rest.size() : std::min(step, rest.size()));
    rest = rest.subspan(piece.size());
    if (const std::optional<WsFailure> failure = decoder.feed(piece, sink)) {
      words.push_back("fail:" + std::to_string(failure->closeCode));
      break;
    }
  }
  if (!decoder.closed() && !decoder.idle()) words.push_back("open");
  return words;
}

}  // namespace tsunagi::net::test
