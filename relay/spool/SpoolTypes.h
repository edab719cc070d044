#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tsunagi::relay {

// One webhook on its way into the spool.
struct NewEvent {
  std::string unit;                                          // the unit's id
  std::string path;                                          // of the webhook request
  std::vector<std::pair<std::string, std::string>> headers;  // already cut to the allow-list of DESIGN section 4
  std::string body;                                          // the exact bytes (DESIGN rule 2)
  uint64_t backlogEvents = 0;                                // this unit's caps; 0 = the spool's default
  uint64_t backlogBytes = 0;
};

struct AppendResult {
  enum class Outcome {
    Stored,      // committed and synced: 200
    Full,        // the unit's backlog is at its cap: 503
    Late,        // waited longer than the limit for the writer, not stored: 503
    Failed,      // the store cannot be written now (I/O error, disk nearly full, stopping): 503
    UnknownUnit  // the unit was removed: 404
  };
  Outcome outcome = Outcome::Failed;
  uint64_t seq = 0;  // with Stored
  std::string id;    // with Stored: the event's id, a ULID
};
using AppendOutcome = AppendResult::Outcome;

// One event as it is sent to a bridge.
struct StoredEvent {
  uint64_t seq = 0;
  std::string id;
  int64_t ageMs = 0;      // since it was received, >= 0, at the time of reading (J4)
  uint32_t attempts = 0;  // deliveries that ended without progress while it was the oldest
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string replay;  // id of the event this one replays; empty for an original

  // What the spool counts for an event against byte caps.
  size_t countedBytes() const { return body.size(); }
};

// Events of one unit in the order of seq. Holes between seqs are events that are dead.
struct Page {
  enum class Outcome {
    Read,      // events may be empty: nothing pending after afterSeq
    NewEpoch,  // the queue has another epoch than asked for; `epoch` tells which; no events
    Failed     // the store could not be read; try again later
  };
  Outcome outcome = Outcome::Failed;
  std::string epoch;
  std::vector<StoredEvent> events;
  bool more = false;  // the page ended by its limits, not by the end of the queue
};

// What a bridge's hello means for its queue, already committed when it is reported.
struct ResumeOutcome {
  enum class Kind {
    Resumed,     // same epoch: last_seq was taken as an acknowledgement
    Reset,       // new epoch, everything pending renumbered from 1: tell the bridge `resync`
    Failed,      // the store could not do it now: end the connection, the bridge dials again
    UnknownUnit  // the unit was removed meanwhile
  };
  Kind kind = Kind::Failed;
  std::string epoch;       // valid from now on
  uint64_t resumeSeq = 1;  // the first seq that will be sent, or the next to be stored when nothing is pending
  uint64_t pending = 0;    // events in the queue; acknowledged ones still to be deleted are among them
  // Events the bridge does not have and the relay no longer has: tell the bridge `gap {from, to}`, both inclusive.
  std::optional<std::pair<uint64_t, uint64_t>> gap;
};

// The books of one unit. stored = acknowledged + dead + pending, read in one transaction (DESIGN section 5).
struct QueueCounters {
  std::string epoch;
  uint64_t nextSeq = 1;       // the seq the next event gets
  uint64_t acknowledged = 0;  // every seq up to this is done with (acknowledged or dead)
  uint64_t pending = 0;
  uint64_t pendingBytes = 0;
  uint64_t storedTotal = 0;  // since the unit exists
  uint64_t acknowledgedTotal = 0;
  uint64_t deadTotal = 0;
  uint64_t deadHeld = 0;  // dead letters still on disk
  uint64_t deadBytes = 0;
  bool balanced() const { return storedTotal == acknowledgedTotal + deadTotal + pending; }
};

// The books of all units, those of removed ones included, and what the writer did since start.
struct SpoolTotals {
  uint64_t storedTotal = 0, acknowledgedTotal = 0, deadTotal = 0;
  uint64_t pending = 0, pendingBytes = 0;
  uint64_t unbalanced = 0;  // units whose books do not add up; anything but 0 is a defect
  uint64_t refusedFull = 0, refusedLate = 0, refusedFailed = 0;  // since start
  uint64_t groups = 0;                                           // commits since start
  uint64_t groupEvents = 0;                                      // events stored by them
  uint64_t groupMicros = 0;                                      // time they took
  uint64_t largestGroup = 0;
  uint64_t ioErrors = 0;                   // times the writer lost and had to regain the store
  uint64_t waiting = 0, waitingBytes = 0;  // now: appends in the writer's queue
  uint64_t walBytes = 0;                   // of the write-ahead log after the last group
  // By audit() only.
  uint64_t deadHeld = 0, deadBytes = 0;  // dead letters on disk
  int64_t oldestPendingMs = 0;           // age of the event that waits longest; 0 = none
};

struct Removal {
  uint64_t pending = 0;  // events that were waiting; they became dead letters `removed`
  uint64_t dead = 0;     // dead letters of the unit deleted from disk; 0 unless purged
};

struct SpoolLimits {
  uint64_t backlogEvents = 10'000;               // per unit
  uint64_t backlogBytes = 64ull * 1024 * 1024;   // per unit, bodies
  int64_t maxAgeMs = 72ll * 3600 * 1000;         // then dead `expired`
  uint64_t minFreeBytes = 256ull * 1024 * 1024;  // of the file system; below it nothing new is stored; 0 = off
  uint64_t deadEvents = 1'000;                   // per unit; the oldest are purged
  uint64_t deadBytes = 16ull * 1024 * 1024;      // per unit
  int64_t deadMaxAgeMs = 14ll * 24 * 3600 * 1000;
};

}  // namespace tsunagi::relay
