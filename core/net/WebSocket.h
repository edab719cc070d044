#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/WebSocketCodec.h"

namespace tsunagi::net {

class EventLoop;
class WebSocket;

// The owner's side of one WebSocket. All calls come on the socket's loop. The handler lives until onClosed returned.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void onOpen(WebSocket& socket) = 0;  // first call; socket stays valid until onClosed returns
  virtual void onMessage(WebSocket& socket, WsOpcode kind, std::string_view payload) = 0;
  virtual void onPing(WebSocket&, std::string_view) {}  // the pong was already queued
  virtual void onPong(WebSocket&, std::string_view) {}
  // The output queue fell to nothing after sends: more may be sent.
  virtual void onDrained(WebSocket&) {}
  // Last call. code: the peer's close code, ours when we closed first, 1006 when the connection ended without one;
  // reason is text from the peer (escape it before logging) or says what happened ("connection reset", "timed out").
  virtual void onClosed(uint16_t code, std::string_view reason) = 0;
};

// An open WebSocket on a loop. All calls on the loop's thread. Owned by the net layer.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  virtual EventLoop& loop() = 0;
  virtual void sendText(std::string_view payload) = 0;
  virtual void sendBinary(std::string_view head, std::string_view body = {}) = 0;  // one message of both pieces
  virtual void sendPing(std::string_view payload = {}) = 0;  // goes ahead of queued data where the protocol allows
  // Starts the closing handshake; the socket ends when the peer's close came or after 5 s.
  virtual void close(uint16_t code, std::string_view reason) = 0;
  virtual void abort() = 0;                // resets the connection now; onClosed follows with 1006
  virtual size_t unsentBytes() const = 0;  // queued here, not yet taken by the kernel
  virtual int64_t lastReceivedMs()
      const = 0;  // loop time of the last byte from the peer (liveness); about 100 ms exact
  virtual const std::string& subprotocol() const = 0;
  virtual std::string peer() const = 0;  // address without port
};

}  // namespace tsunagi::net
