#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/Clock.h"
#include "base/Result.h"
#include "relay/spool/SpoolTypes.h"
#include "relay/spool/TellOperator.h"

namespace tsunagi::link {
struct ResumeRequest;
}

namespace tsunagi::relay {

struct SpoolOptions {
  std::string folder;  // holds spool.db; must exist, be private (0700) and locked by the caller (DataFolder)
  SpoolLimits limits;
  const Clock* clock = &Clock::system();  // outlives the spool
  int64_t lateAfterMs = 1'500;            // an append that waited longer for the writer is Late
  uint64_t walResetBytes = 64ull * 1024 * 1024;
  uint64_t queuedBytes = 128ull * 1024 * 1024;  // appends waiting for the writer; more are Late at once
  size_t queuedReads = 100'000;                 // reads waiting; more are Failed at once
  TellOperator tell = {};
};

// The relay's durable queues, one per unit, in SQLite (DESIGN section 5). One writer thread ("spool-write") takes all
// that waits, does it in one transaction and reports after the commit; one reader thread ("spool-read") reads pages
// through a connection of its own. Every function may be called from any thread and never blocks on the disk, start()
// and stop() apart. Callbacks must be quick and must not throw; they run on the writer's or reader's thread, or before
// the call returns when it is refused at once. Each callback is called exactly once.
class Spool {
 public:
  explicit Spool(SpoolOptions options);
  ~Spool();  // stop()
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Opens and migrates the file, empties the write-ahead log and starts the threads. Blocks. Once.
  Status start();
  // Takes no more appends (Failed), commits everything that waits, ends both threads, closes the file. Blocks. Safe
  // twice. Order for a program: stop the edge (no new webhooks, links closed), then the spool, then the data folder's
  // lock.
  void stop();

  // Stores an event and gives it the unit's next seq. `done` runs on the writer's thread after the commit. Appends of
  // one unit made by one thread are stored in their order.
  void append(NewEvent event, std::function<void(AppendResult)> done);

  // Events with seq > afterSeq, at most maxEvents and maxBytes of bodies, but always one when there is one. `done` runs
  // on the reader's thread.
  void read(std::string unit, std::string epoch, uint64_t afterSeq, size_t maxEvents, size_t maxBytes,
            std::function<void(Page)> done);

  // Applies a hello (link::decideResume) in one transaction: acknowledges up to last_seq, or begins a new epoch and
  // renumbers what is pending, and finds the gap. A unit without a queue gets one. `done` runs on the writer's thread.
  void resume(std::string unit, link::ResumeRequest request, std::function<void(ResumeOutcome)> done);

  // Everything up to seq is with the bridge and is deleted, apart from what was buried before. Coalesced per unit;
  // ignored when the epoch is not the queue's or seq was never given out.
  void acknowledge(std::string unit, std::string epoch, uint64_t seq);
  // Moves one pending event to the dead letters. reason: a short word of ours ("unparsable", "too_big", "poison").
  void bury(std::string unit, std::string epoch, uint64_t seq, std::string reason);
  // A connection that carried this event, the oldest unacknowledged, ended without progress.
  void addAttempt(std::string unit, std::string epoch, uint64_t seq);

  // The unit is gone: pending events become dead `removed`, or with purge vanish from the disk together with its dead
  // letters. Later appends are UnknownUnit. `done` runs on the writer's thread; nothing when the store failed.
  void removeUnit(std::string unit, bool purge, std::function<void(std::optional<Removal>)> done);

  // `done` runs on the reader's thread; nothing when the store could not be read. A unit that never had an event or a
  // hello has zeros and no epoch.
  void counters(std::string unit, std::function<void(std::optional<QueueCounters>)> done);
  SpoolTotals totals() const;  // kept in memory
  // The same with the books read from the file in one transaction. `done` runs on the reader's thread.
  void audit(std::function<void(std::optional<SpoolTotals>)> done);

  // May a webhook be stored now? False after an I/O error until a checkpoint worked, below minFreeBytes, before start
  // and after stop. Reads and links go on meanwhile.
  bool writable() const;

  void setLimits(const SpoolLimits& limits);  // from the next group on

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::relay
