#pragma once
#include <memory>
#include <optional>
#include <string>

#include "link/BridgeSession.h"
#include "net/EventLoop.h"
#include "net/WebSocket.h"

namespace tsunagi::link {

class LinkConnection;

// Whoever owns connections: told everything, on the loop's thread.
class LinkConnectionOwner {
 public:
  virtual ~LinkConnectionOwner() = default;
  // The socket is open and speaks our subprotocol: the position for hello.
  virtual LinkPosition positionForHello() = 0;
  // Called before each message until the welcome came; see BridgeSession::noteHandedOver.
  virtual LinkPosition handedOver(LinkConnection& connection) = 0;
  // One of Deliver, Welcomed, QueueReset, EventsGone, DialAnew.
  virtual void onOutput(LinkConnection& connection, BridgeSession::Output output) = 0;
  // Last call. ours: this end decided it (a broken protocol, silence), else code is the relay's.
  virtual void onEnded(LinkConnection& connection, uint16_t code, const std::string& reason, bool ours) = 0;
};

// One WebSocket with its BridgeSession: carries bytes and time between them. On one loop.
class LinkConnection : public net::WebSocketHandler, public std::enable_shared_from_this<LinkConnection> {
 public:
  LinkConnection(net::EventLoop& loop, const Clock& clock, BridgeSessionOptions options,
                 std::weak_ptr<LinkConnectionOwner> owner);

  // Applies one input to the session and does what comes of it. A no-op without an open socket.
  void apply(const std::function<void(BridgeSession&, int64_t nowMs, BridgeSession::Outputs&)>& input);
  void close(uint16_t code, const std::string& reason);
  void abort();
  void detach() { _owner.reset(); }  // the owner hears nothing more

  bool open() const { return _socket != nullptr; }
  bool welcomed() const { return _welcomed; }
  const BridgeSession* session() const { return _session ? &*_session : nullptr; }
  int64_t welcomedMs() const { return _welcomedMs; }  // Clock::steadyMs()

 private:
  void onOpen(net::WebSocket& socket) override;
  void onMessage(net::WebSocket& socket, net::WsOpcode kind, std::string_view payload) override;
  void onPing(net::WebSocket& socket, std::string_view payload) override;
  void onPong(net::WebSocket& socket, std::string_view payload) override;
  void onClosed(uint16_t code, std::string_view reason) override;

  void perform(BridgeSession::Outputs& outputs);
  void schedule();
  void onTimer();

  net::EventLoop& _loop;
  const Clock& _clock;
  BridgeSessionOptions _options;
  std::weak_ptr<LinkConnectionOwner> _owner;
  net::WebSocket* _socket = nullptr;
  std::optional<BridgeSession> _session;
  net::TimerId _timer = 0;
  int64_t _timerAtMs = 0;
  int64_t _welcomedMs = 0;
  bool _welcomed = false;
  bool _endedHere = false;
  uint16_t _ownCode = 0;
  std::string _ownReason;
};

}  // namespace tsunagi::link
