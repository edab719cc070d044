#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/HttpAnswers.h"
#include "net/HttpParser.h"
#include "net/HttpRouter.h"
#include "net/HttpShard.h"
#include "net/Stream.h"

namespace tsunagi::net {

// One HTTP connection of a server: reads requests, keeps the order of the answers, and becomes a WebSocket when asked.
// All on its loop.
class HttpConnection final : public Stream, private DeadlineOwner {
 public:
  HttpConnection(HttpShard& shard, StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls);
  ~HttpConnection() override { count(0); }

  uint64_t serial() const { return _serial; }
  void answer(HttpAnswer answer);  // unknown numbers and second answers are ignored
  void drain();                    // the server stops: end when idle, else after the answers under way

 private:
  // A request given to its handler, or refused, whose answer has not gone out.
  struct Exchange {
    const HttpRoute* route = nullptr;
    int64_t sinceMs = 0;
    bool answered = false;
    bool keepAlive = true;
    bool isHead = false;
    std::string wire = {};  // the answer while earlier ones are missing
    bool begun = false;     // an answer in parts
    uint64_t missing = 0;   // bytes of it
  };
  enum class Phase : uint8_t {
    Open,     // requests are read
    LastOne,  // no further request is read; the connection ends after the answers
    Closing   // all answers are in the output
  };

  void onData(std::span<char> data) override;
  void onEndOfInput() override;
  void onBroken(const std::string& reason) override;
  void onHandshakeDone() override;
  void onFlushed() override;
  void onBlocked(bool progressed) override;
  void onAgain() override;
  void onDeadline(Deadline& due) override;

  void process(std::string_view bytes);
  bool takeHead(std::string_view rest);
  bool upgrade(std::string_view rest);
  void dispatch();
  void refuse(HttpResponse response, bool closeAfter);
  void refuse(const HttpFailure& failure);
  // False when it could not be encoded and 500 took its place.
  bool put(Exchange& exchange, HttpResponse response, std::optional<uint64_t> bodyLength = {});
  void putPart(Exchange& exchange, HttpAnswer answer);
  void pump();
  void lastOne();
  bool hasRoom() const;
  void count(size_t bodyBytes);
  bool bodyFits();
  void waitForInput();
  bool hostAllowed(const std::string& host) const;

  HttpShard& _shard;
  const uint64_t _serial;
  HttpRequestParser _parser;
  const HttpRoute* _route = nullptr;         // of the request being read
  const HttpRoute* _upgradeRoute = nullptr;  // its upgrade waits for the answers before it
  uint32_t _firstNumber = 0;                 // of _exchanges.front()
  Phase _phase = Phase::Open;
  bool _headTaken = false;     // of the request being read
  bool _owesContinue = false;  // 100 when the earlier answers are out
  bool _inProcess = false;
  std::vector<Exchange> _exchanges;
  size_t _counted = 0;    // bytes of the unfinished body, as the server's sum knows them
  std::string _unparsed;  // input that waits for room, or for the answers before an upgrade
  std::string _peer;
  Deadline _inputDeadline{*this};  // head, body, idle or linger
  Deadline _answerDeadline{*this};
  Deadline _stallDeadline{*this};
};

}  // namespace tsunagi::net
