#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "base/SecretString.h"
#include "net/Tls.h"

namespace tsunagi::net {
class EventLoop;
}

namespace tsunagi::link {

// One webhook as the relay sent it. path and headers are data from outside.
struct ReceivedEvent {
  std::string epoch;
  uint64_t seq = 0;
  std::string id;     // the relay's id of the event, the same in every delivery
  int64_t ageMs = 0;  // between LINE's request and the sending; never negative
  int attempt = 0;    // earlier connections that ended with this event the oldest unacknowledged one
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // content-type, user-agent, x-line-*
  std::string body;                                          // the exact bytes
  std::string replay;            // id of the event this one repeats on an operator's wish; empty = none
  int64_t receivedSteadyMs = 0;  // Clock::steadyMs() at reception; LINE's request was at receivedSteadyMs - ageMs
};

// The last event the bridge's store has committed; all empty for a fresh store.
struct LinkPosition {
  std::string epoch;
  uint64_t lastSeq = 0;
  std::string lastId;
};

// How the link stands, for logs, console and `status`. A value; every field is safe to show.
struct LinkState {
  enum class Phase {
    Unconfigured,  // no relay is set: a state, not an error (J2)
    Connecting,    // an attempt is under way
    Waiting,       // the next attempt is at retryAtSteadyMs
    Connected,     // welcome was received
    Stopped
  };
  // Why the last attempt or session ended.
  enum class Trouble {
    None,
    Unreachable,   // name look-up, connect, time-out, or the connection broke
    Tls,           // certificate or handshake; detail says when the clock is suspect
    Refused,       // 401, 4401, 4403: the token is wrong, expired or revoked
    Replaced,      // 4409: another bridge serves this unit
    Overloaded,    // 429, 503, 4429
    Incompatible,  // 426, 404, or no tsunagi.v1 selected
    Protocol       // one side broke the protocol
  };
  Phase phase = Phase::Unconfigured;
  Trouble trouble = Trouble::None;
  std::string detail;           // what happened and what to do; one line, escaped
  int64_t retryAtSteadyMs = 0;  // of Waiting
  std::string node;             // the relay's name for itself, of Connected
  std::string epoch;            // of Connected
  int64_t connectedSteadyMs = 0;
  int64_t clockSkewMs = 0;  // own wall clock minus the relay's at the last welcome; 0 within 5 s
  uint64_t reconnects = 0;
  uint64_t eventsReceived = 0;
};

// The bridge's side of the link's outcome. All calls come on the loop's thread and must not block it for long.
class LinkSink {
 public:
  virtual ~LinkSink() = default;
  // The last committed position; asked before every hello. Must answer from memory.
  virtual LinkPosition position() = 0;
  // New events in order. They must be committed together with the position of the last one, and then told with
  // LinkClient::committed (or refuse). Holding them is allowed: then neither.
  virtual void onEvents(std::vector<ReceivedEvent> events) = 0;
  // The relay began a new queue: commit the position {epoch, 0, ""}, delete nothing, show it (J3).
  virtual void onResync(const std::string& epoch) = 0;
  // Events of this unit that the relay no longer has and this store never saw: record and show (J3). The same range is
  // told once per process.
  virtual void onGap(uint64_t from, uint64_t to) = 0;
  // Events handed over and not committed will come again: drop those still held.
  virtual void onDisconnected() = 0;
  virtual void onStateChanged(const LinkState& state) = 0;
};

struct LinkOptions {
  std::string url;   // wss://host[:port]/fleet; ws:// only to loopback
  std::string unit;  // public id
  SecretString token;
  std::shared_ptr<const net::TlsContext> tls;  // required for wss
  std::string agent = "tsunagi-bridge";
  std::string version;
  std::string instance;  // random id of this process: the relay tells a second bridge from a new connection of the same
  uint64_t windowEvents = 256;
  uint64_t windowBytes = 4 * 1024 * 1024;
  std::vector<std::string> altHosts;  // hosts that a goaway may name beside the host of url (S16)
};

// Keeps one connection to the relay over all the accidents of a home network: net::WebSocketConnector for the sockets,
// BridgeSession for the protocol, ReconnectPolicy for the waits. Owns no thread: everything runs on the loop.
class LinkClient {
 public:
  // loop, sink and clock outlive the client; the loop runs from start() to the end of stop().
  LinkClient(net::EventLoop& loop, LinkSink& sink, const Clock& clock);
  ~LinkClient();  // stop(0)
  LinkClient(const LinkClient&) = delete;
  LinkClient& operator=(const LinkClient&) = delete;

  // [any thread] Takes effect at once: equal options change nothing, others end the present connection and dial anew.
  // Nothing = not enrolled, state Unconfigured. A URL that cannot be used is a state too, with its reason.
  void configure(std::optional<LinkOptions> options);
  void start();  // [any thread] dials when configured
  // [any thread but the loop's] Sends what acknowledgements are due, closes 1000, waits until closed but at most
  // graceMs. No call of the sink follows its return.
  void stop(int64_t graceMs);

  // [any thread] The store has every event up to seq of this epoch. Of another epoch than the connection's: ignored.
  void committed(const std::string& epoch, uint64_t seq, const std::string& id);
  // [any thread] The store has this event as dead; the relay moves it to its dead letters. code: "unparsable" or
  // "too_big". To be called before committed() of a later or equal seq.
  void refuse(const std::string& epoch, uint64_t seq, const std::string& code, const std::string& reason);
  // [any thread] A JSON object (J18). The last one is sent again after each connect.
  void sendStatus(std::string json);

  LinkState state() const;  // [any thread]

 private:
  class Core;
  net::EventLoop& _loop;
  std::shared_ptr<Core> _core;
  std::atomic<bool> _started{false};
};

}  // namespace tsunagi::link
