#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace tsunagi::link {

// An inclusive range of sequence numbers.
struct SeqRange {
  uint64_t from = 0;
  uint64_t to = 0;
  friend bool operator==(const SeqRange& a, const SeqRange& b) { return a.from == b.from && a.to == b.to; }
};

// A unit's queue on the relay, as it is at the moment of the decision.
struct QueueState {
  std::string epoch;           // random id of this queue, never empty
  uint64_t nextSeq = 1;        // the next event gets it; the highest stored is nextSeq - 1
  uint64_t acknowledged = 0;   // every seq up to this is done with (acknowledged or dead); 0 = none in this epoch
  std::string acknowledgedId;  // id of the event that was at `acknowledged`; empty when that is 0
};

// What the bridge's hello says about the last event it committed. A store that knows nothing has an empty epoch.
struct ResumeRequest {
  std::string epoch;
  uint64_t lastSeq = 0;
  std::string lastId;
};

struct ResumeDecision {
  enum class Kind {
    Continue,  // the queue stays as it is; raise its acknowledged mark to acknowledgeUpTo and send what follows
    NewEpoch   // take a new random epoch, renumber everything unacknowledged from 1, send all of it, tell with `resync`
  };
  Kind kind = Kind::Continue;
  uint64_t acknowledgeUpTo =
      0;  // of Continue; never below QueueState::acknowledged. Of NewEpoch: the mark of the old queue
  // Events that were acknowledged but that the bridge's store does not have (any more), in the numbers of the queue as
  // it was before this decision. Told with `gap`, never sent again: the relay no longer has them.
  std::optional<SeqRange> gap;
};

// DESIGN section 4 "Resume" and journey J3 as one pure function; the spool applies it inside the writer's transaction.
// idAtLastSeq: id of the event that the queue holds, or has buried, at hello.lastSeq; nothing when it knows none. It is
// looked at only when hello.lastSeq lies above the acknowledged mark and not above the highest stored seq.
ResumeDecision decideResume(const QueueState& queue, const ResumeRequest& hello,
                            const std::optional<std::string>& idAtLastSeq);

}  // namespace tsunagi::link
