#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/HttpParser.h"
#include "net/Stream.h"
#include "net/WebSocketClient.h"

namespace tsunagi::net {

// The client's side of an opening handshake on a connected stream: sends the request, checks the answer, and gives the
// stream to a WebSocketSession. On the loop; owned by its table of clients.
class WebSocketHandshake final : public Stream {
 public:
  // Said once: nothing when the socket is about to open, else why not. Not after forget().
  using Outcome = std::function<void(const WebSocketRefusal* refusal)>;

  // request is the whole HTTP request made with key.
  WebSocketHandshake(StreamTable& table, UniqueFd fd, std::unique_ptr<TlsSession> tls, const std::string& request,
                     const std::string& key, const WebSocketConnect& options, std::shared_ptr<WebSocketHandler> handler,
                     Outcome outcome);

  void begin();   // once it is in the table
  void forget();  // ends without an outcome
  bool secured() const { return _secured; }

 private:
  void onData(std::span<char> data) override;
  void onEndOfInput() override;
  void onBroken(const std::string& reason) override;
  void onHandshakeDone() override { _secured = true; }
  void refuse(WebSocketRefusal::Kind kind, std::string message);
  void refuseAnswer();
  // What is wrong with a 101, or nothing.
  std::string wrongAnswer(std::string& subprotocol) const;

  HttpResponseParser _parser;
  std::string _accept;
  std::string _server;  // for messages
  std::vector<std::string> _subprotocols;
  size_t _maxMessage;
  std::shared_ptr<WebSocketHandler> _handler;
  Outcome _outcome;
  bool _secured;  // TLS is there, or was never wanted
};

}  // namespace tsunagi::net
