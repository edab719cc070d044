#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "link/LinkClient.h"
#include "link/Messages.h"

namespace tsunagi::link {

struct BridgeSessionOptions {
  std::string agent;
  std::string version;
  std::string instance;
  uint64_t windowEvents = 256;
  uint64_t windowBytes = 4 * 1024 * 1024;
  std::vector<std::string> features;
};

// The bridge's end of one connection, without socket, store or clock. Each input appends to `out` what is to be done,
// in order. After Close or Abort nothing more comes out. Not thread-safe.
class BridgeSession {
 public:
  struct SendText {
    std::string text;
  };
  struct SendPing {};
  // A new event, next in order. Its receivedSteadyMs is the nowMs of the call.
  struct Deliver {
    ReceivedEvent event;
  };
  // The relay took the hello: this connection is the unit's current one.
  struct Welcomed {
    Welcome welcome;
    int64_t clockSkewMs = 0;     // own wall clock minus the relay's, as it is
    bool continuesQueue = true;  // false: what another connection handed over and is not committed comes again
  };
  struct QueueReset {
    std::string epoch;
  };
  struct EventsGone {
    SeqRange range;
  };
  struct DialAnew {
    Goaway goaway;
  };
  struct Close {
    uint16_t code = 0;
    std::string reason;
  };
  struct Abort {
    std::string reason;
  };
  using Output = std::variant<SendText, SendPing, Deliver, Welcomed, QueueReset, EventsGone, DialAnew, Close, Abort>;
  using Outputs = std::vector<Output>;

  static constexpr int64_t ACK_DELAY_MS = 50;
  static constexpr int64_t WELCOME_DEADLINE_MS = 15'000;
  static constexpr int64_t PROBE_DEADLINE_MS = 2'000;

  // committed: what the store has, as it will be said in hello.
  BridgeSession(BridgeSessionOptions options, LinkPosition committed, int64_t nowMs);

  // Make before break: the last event that another connection of this process delivered to the same sink, which has not
  // forgotten it. Until the welcome; the last call counts.
  void noteHandedOver(const std::string& epoch, uint64_t seq);

  void onOpen(int64_t nowMs, Outputs& out);  // says hello
  void onText(std::string_view text, int64_t nowMs, int64_t wallMs, Outputs& out);
  void onBinary(std::string_view message, int64_t nowMs, Outputs& out);
  void onHeard(int64_t atMs);  // any byte from the relay

  // Of another epoch: ignored. Acknowledged at once, or within ACK_DELAY_MS; see nextDeadlineMs().
  void committed(const std::string& epoch, uint64_t seq, int64_t nowMs, Outputs& out);
  // Stored as dead: nacked before anything later is acknowledged.
  void refuse(const std::string& epoch, uint64_t seq, NackCode code, const std::string& reason, Outputs& out);
  void status(const std::string& json, Outputs& out);
  void flush(int64_t nowMs, Outputs& out);  // acknowledges now what is committed
  // Is the relay still there? Any byte within 2 s answers; else Abort.
  void probe(int64_t nowMs, Outputs& out);
  void tick(int64_t nowMs, Outputs& out);

  // When tick() has something to do at the latest; never before nowMs of the last call.
  int64_t nextDeadlineMs() const;
  bool live() const { return _stage == Stage::Live; }
  bool closed() const { return _stage == Stage::Closed; }
  const std::string& epoch() const { return _epoch; }
  // The last event of this epoch that was delivered, here or on the connection before.
  uint64_t deliveredUpTo() const { return _delivered; }

 private:
  enum class Stage : uint8_t { Opening, AwaitWelcome, Live, Closed };
  struct Pending {
    uint64_t seq;
    uint64_t bytes;
  };
  struct Refusal {
    std::string epoch;
    uint64_t seq;
    NackCode code;
    std::string reason;
  };

  void end(uint16_t code, std::string reason, Outputs& out);
  void onWelcome(Welcome welcome, int64_t nowMs, int64_t wallMs, Outputs& out);
  void onGap(const SeqRange& range, Outputs& out);
  bool accountFor(uint64_t seq, uint64_t bytes, uint64_t bodyBytes, Outputs& out);
  uint64_t ackable() const;
  void acknowledge(Outputs& out);
  void sendRefusals(Outputs& out);
  void settle(uint64_t seq);

  BridgeSessionOptions _options;
  LinkPosition _position;  // as said in hello
  std::string _epoch;      // of the queue, from welcome
  std::string _handedOverEpoch;
  uint64_t _handedOver = 0;
  uint64_t _delivered = 0;  // highest seq given to the sink, or skipped as gone
  uint64_t _seen = 0;       // highest seq that this connection may acknowledge
  uint64_t _committed = 0;
  uint64_t _acknowledged = 0;  // last ack sent, or what hello counted for
  std::string _committedEpoch;
  std::deque<Pending> _unacknowledged;
  uint64_t _unacknowledgedBytes = 0;
  std::vector<Refusal> _refusals;  // not yet sent
  uint64_t _windowEvents;
  uint64_t _windowBytes;
  int64_t _lastHeardMs;
  int64_t _openedMs;
  int64_t _nextPingMs = 0;
  int64_t _ackDueMs = -1;
  int64_t _probeMs = -1;
  int64_t _pingMs = 20'000;
  Stage _stage = Stage::Opening;
  bool _beforeResync = false;  // gaps count in the queue before
};

}  // namespace tsunagi::link
