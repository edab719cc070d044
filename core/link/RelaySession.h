#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "link/Messages.h"
#include "link/Resume.h"

namespace tsunagi::link {

// An event of the relay's queue, ready to be sent.
struct QueuedEvent {
  uint64_t seq = 0;
  std::string id;
  int64_t bornMs = 0;     // when LINE's request came, on the session's clock: sending computes age_ms from it
  uint32_t attempts = 0;  // as the queue counts them
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string replay;
};

struct RelaySessionOptions {
  std::string unit;
  std::string node;
  uint64_t windowEvents = 256;
  uint64_t windowBytes = 4 * 1024 * 1024;
  int64_t pingS = 20;
};

// The relay's end of one connection, without socket, store or clock. Each input appends to `out` what is to be done, in
// order. After Close or Abort nothing more comes out but what onEnded says. Not thread-safe.
class RelaySession {
 public:
  // What the driver is to do.
  struct SendText {
    std::string text;
  };
  struct SendEvent {
    std::string head;  // one binary message of head and body
    std::string body;
  };
  struct SendPing {};
  // The hello is there: make this connection the unit's current one, apply the hello to the queue, then call onResumed.
  struct RequestResume {
    Hello hello;
  };
  // Read events with seq > afterSeq, at least one if there is one, then call onEvents or onFetchFailed.
  struct Fetch {
    uint64_t afterSeq = 0;
    size_t maxEvents = 0;
    size_t maxBytes = 0;
  };
  struct Acknowledge {
    uint64_t seq = 0;
  };
  struct Bury {
    uint64_t seq = 0;
    std::string reason;  // "unparsable", "too_big" or "poison"
    std::string detail;  // the bridge's words, cleaned
  };
  struct AddAttempt {
    uint64_t seq = 0;
  };
  struct StatusReceived {
    std::string json;
  };
  struct Close {
    uint16_t code = 0;
    std::string reason;
  };
  struct Abort {
    std::string reason;
  };
  using Output = std::variant<SendText, SendEvent, SendPing, RequestResume, Fetch, Acknowledge, Bury, AddAttempt,
                              StatusReceived, Close, Abort>;
  using Outputs = std::vector<Output>;

  struct Resumed {
    std::string epoch;
    bool reset = false;  // a new epoch was begun
    uint64_t resumeSeq = 1;
    std::optional<SeqRange> gap;
  };

  // How a connection ended, for the poison rule.
  enum class Ending {
    Planned,  // goaway, replacement, relay restart, revoke: tells nothing about the event under way
    Clean,    // the bridge closed with 1000 or 1001
    Broken    // anything else
  };

  static constexpr int64_t HELLO_DEADLINE_MS = 10'000;
  static constexpr int64_t PROBE_AFTER_MS = 3'000;  // an event unacknowledged that long, with no byte since (J28)
  static constexpr int64_t PROBE_DEADLINE_MS = 5'000;
  static constexpr size_t MAX_UNSENT = 64 * 1024;
  static constexpr uint32_t ATTEMPTS_BEFORE_ALONE = 3;
  static constexpr uint32_t ATTEMPTS_ALONE_BEFORE_BURIAL = 8;
  // A bridge that showed life that long after it was sent the event was not ended by it; it may be holding it.
  static constexpr int64_t SURVIVED_MS = 30'000;

  // options outlives the session; nowMs of every call is one steady clock.
  RelaySession(const RelaySessionOptions& options, int64_t nowMs);
  ~RelaySession();

  void onText(std::string_view text, int64_t nowMs, Outputs& out);
  void onBinary(int64_t nowMs, Outputs& out);
  // Time of the last byte from the bridge, pings and pongs included; may lag by 100 ms.
  void onHeard(int64_t atMs);
  // wallMs goes into the welcome.
  void onResumed(const Resumed& resumed, int64_t nowMs, int64_t wallMs, Outputs& out);
  void onResumeFailed(Outputs& out);
  // The answer to Fetch. more: the page ended by its limits. Events that are not wanted any more are dropped.
  void onEvents(std::vector<QueuedEvent> events, bool more, int64_t nowMs, Outputs& out);
  void onFetchFailed(int64_t nowMs);           // asks again after a second
  void onStored(int64_t nowMs, Outputs& out);  // an event was stored
  // The socket's queue went empty.
  void onDrained(int64_t nowMs, Outputs& out);
  void goaway(const Goaway& message, Outputs& out);
  void tick(int64_t nowMs, Outputs& out);  // at least every 250 ms while busy(), else every 5 s
  // Last call. Says what the end means for the oldest unacknowledged event.
  void onEnded(Ending ending, Outputs& out);

  bool live() const { return _stage == Stage::Live; }
  bool closed() const { return _stage == Stage::Closed; }
  // Has a deadline of seconds, not of a ping interval.
  bool busy() const;
  const std::string& epoch() const { return _epoch; }
  uint64_t sentUpTo() const { return _sentUpTo; }
  uint64_t acknowledged() const { return _acknowledged; }
  size_t inFlight() const;

 private:
  enum class Stage : uint8_t { AwaitHello, Resuming, Live, Closed };
  struct Flight;  // what exists only while events are on their way

  void end(uint16_t code, std::string reason, Outputs& out);
  void onAck(uint64_t seq, Outputs& out);
  void onNack(const Nack& nack, Outputs& out);
  void pump(int64_t nowMs, Outputs& out);
  void send(QueuedEvent& event, int64_t nowMs, Outputs& out);
  bool mayGo(const QueuedEvent& event, uint64_t bytes) const;
  void fetch(int64_t nowMs, Outputs& out);
  Flight& flight();

  const RelaySessionOptions& _options;
  std::unique_ptr<Flight> _flight;
  std::string _epoch;
  uint64_t _acknowledged = 0;  // cumulative, by the bridge
  uint64_t _sentUpTo = 0;
  uint64_t _fetchedUpTo = 0;
  int64_t _lastHeardMs;
  int64_t _startedMs;
  int64_t _retryFetchMs = 0;  // 0 = none
  uint64_t _windowBytes = 0;
  uint32_t _windowEvents = 0;
  Stage _stage = Stage::AwaitHello;
  bool _fetching = false;
  bool _mayHaveMore = false;
  bool _progress = false;  // something was acked or nacked on this connection
};

}  // namespace tsunagi::link
