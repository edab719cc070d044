#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/Clock.h"
#include "link/RelaySession.h"
#include "net/EventLoop.h"
#include "relay/edge/MinuteRate.h"
#include "relay/spool/Spool.h"
#include "relay/spool/TellOperator.h"
#include "relay/units/UnitRegistry.h"

namespace tsunagi::relay {

class UnitSession;
class SessionList;

struct HubOptions {
  std::string node;             // this relay's name for itself, told in welcome
  uint64_t windowEvents = 256;  // per unit; the bridge's smaller one counts
  uint64_t windowBytes = 4 * 1024 * 1024;
  int64_t pingS = 20;             // asked of the bridges; 5 to 120
  uint32_t hellosPerMinute = 30;  // per unit (S16); 0 = no limit
  uint32_t goawayJitterMs = 500;  // told with a goaway: spreads the bridges of one wave
  TellOperator tell = {};
};

// How a unit's link stands; strings from the bridge are printable ASCII, status is JSON from outside.
struct UnitLink {
  uint64_t generation = 0;
  std::string agent, version, instance;
  std::string peer;
  int64_t sinceWallMs = 0;
  std::string status;
};

struct HubStats {
  uint64_t sessions = 0;     // open link sockets, those before their hello included
  uint64_t linkedUnits = 0;  // units with a current connection
  uint64_t hellos = 0, refusedHellos = 0;
  uint64_t replacedByOther = 0;  // 4409: two bridges with one token
  uint64_t eventsSent = 0, acks = 0, buried = 0, attempts = 0;
  uint64_t ignored = 0;  // acks, nacks and broken ends of connections that were not current any more
};

// Knows which connection is each unit's current one, wakes it when an event was stored, and ends connections whose
// right to be there ended. A session lives on its socket's loop; the hub posts to it. Thread-safe unless noted. Order:
// the loops and the spool's and registry's objects outlive the hub; the hub outlives the HttpServer it has routes on;
// stop() before it is destroyed.
class UnitHub {
 public:
  UnitHub(std::vector<net::EventLoop*> loops, Spool& spool, UnitRegistry& units, const Clock& clock,
          HubOptions options);
  ~UnitHub();
  UnitHub(const UnitHub&) = delete;
  UnitHub& operator=(const UnitHub&) = delete;

  void start();  // once; becomes the registry's listener and begins to keep time on each loop
  // [not on a loop] Closes every link with 1012 and stops keeping time. Sockets end with the HttpServer.
  void stop();

  // An event of this unit was committed.
  void wake(const std::string& unit);
  // Asks every bridge to dial anew, in random order over waveMs; they are served on until they have. done runs on a
  // loop when the last was asked. reason: printable ASCII.
  void goaway(const std::string& reason, int64_t waveMs, std::function<void()> done);

  std::optional<UnitLink> link(const std::string& unit) const;
  HubStats stats() const;
  // May this unit open a link now? False when its hellos of this minute are used up.
  bool mayDial(const std::string& unit) const;

 private:
  friend class UnitSession;
  friend class SessionList;
  struct Current {
    std::shared_ptr<UnitSession> session;
    UnitLink link;
  };

  SessionList& listOf(net::EventLoop& loop);
  bool takeHello(const std::string& unit);
  // hello makes current: the one before is told that it was replaced. resume gives the hello to the spool; like act of
  // ifCurrent() it runs under the hub's lock, must not block and must not call the hub.
  void makeCurrent(const std::shared_ptr<UnitSession>& session, const link::Hello& hello, const std::string& peer,
                   const std::function<void()>& resume);
  // Runs act when this session is its unit's current one, else counts it as ignored. What a session does to its queue
  // goes through here: the lock makes the queue see everything of one generation before the next one's hello, whatever
  // loops the two are on.
  bool ifCurrent(const UnitSession& session, const std::function<void()>& act);
  void leave(const UnitSession& session);
  void tell(const char* cause, const std::string& unit, const std::string& text) const {
    if (_options.tell) _options.tell(cause, unit, text);
  }
  void setStatus(const UnitSession& session, std::string json);
  void onUnitChange(const std::string& unit, UnitChange what);

  std::vector<net::EventLoop*> _loops;
  Spool& _spool;
  UnitRegistry& _units;
  const Clock& _clock;
  const HubOptions _options;
  link::RelaySessionOptions _sessionOptions;
  std::vector<std::shared_ptr<SessionList>> _lists;  // one per loop
  MinuteRate _hellos;
  mutable std::mutex _mutex;
  std::unordered_map<std::string, Current> _current;  // by unit; guarded by _mutex
  uint64_t _generation = 0;                           // guarded by _mutex
  struct Counters {
    std::atomic<uint64_t> sessions{0}, hellos{0}, refusedHellos{0}, replacedByOther{0}, eventsSent{0}, acks{0},
        buried{0}, attempts{0}, ignored{0};
  } _counters;
};

}  // namespace tsunagi::relay
