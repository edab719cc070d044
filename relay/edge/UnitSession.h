#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "link/RelaySession.h"
#include "net/WebSocket.h"
#include "relay/units/UnitRecord.h"
#include "relay/units/UnitRegistry.h"

namespace tsunagi::relay {

class UnitHub;
class SessionList;
struct Page;
struct ResumeOutcome;

// One bridge's connection: runs its RelaySession against the socket and the spool. Lives on the socket's loop; what is
// marked [any thread] posts there.
class UnitSession : public net::WebSocketHandler, public std::enable_shared_from_this<UnitSession> {
 public:
  // serial: of the token the connection was made with.
  UnitSession(UnitHub& hub, std::shared_ptr<const UnitRecord> unit, uint32_t serial);
  ~UnitSession() override;

  const std::string& unit() const { return _unitId; }
  void wake();                       // [any thread] an event was stored; many calls make one look
  void replaced(bool sameInstance);  // [any thread] another connection said hello
  void recheck(UnitChange what);     // the unit's record changed
  void goaway(const std::string& reason, int64_t jitterMs);
  void endPlanned(uint16_t code, const std::string& reason);  // a planned end
  void tick();

  size_t listIndex = 0;     // of SessionList
  bool inBusyList = false;  // of SessionList

 private:
  void onOpen(net::WebSocket& socket) override;
  void onMessage(net::WebSocket& socket, net::WsOpcode kind, std::string_view payload) override;
  void onPing(net::WebSocket& socket, std::string_view payload) override;
  void onPong(net::WebSocket& socket, std::string_view payload) override;
  void onDrained(net::WebSocket& socket) override;
  void onClosed(uint16_t code, std::string_view reason) override;

  using Input = std::function<void(link::RelaySession&, int64_t nowMs, link::RelaySession::Outputs&)>;
  void apply(const Input& input);
  void perform(link::RelaySession::Outputs& outputs);
  void perform(const link::RelaySession::Acknowledge& ack);
  void perform(const link::RelaySession::Bury& bury);
  void perform(const link::RelaySession::AddAttempt& attempt);
  void perform(link::RelaySession::RequestResume& request);
  void perform(const link::RelaySession::Fetch& request);
  void onResumed(ResumeOutcome outcome);
  void onPage(Page page);
  template <typename Answer>
  std::function<void(Answer)> onLoop(void (UnitSession::*method)(Answer));

  UnitHub& _hub;
  std::string _unitId;
  std::atomic<net::EventLoop*> _loop{nullptr};
  SessionList* _list = nullptr;
  net::WebSocket* _socket = nullptr;
  std::optional<link::RelaySession> _session;
  int64_t _expiresWallMs = 0;  // of the token; 0 = never
  uint32_t _serial = 0;
  std::atomic<bool> _wakeQueued{false};
  bool _planned = false;  // its end says nothing about the event under way
};

}  // namespace tsunagi::relay
