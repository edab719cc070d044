#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/Clock.h"
#include "link/Resume.h"
#include "relay/spool/SpoolTypes.h"
#include "sql/Database.h"

namespace tsunagi::relay {

// One row of `queues`.
struct QueueRow {
  int64_t queue = 0;
  std::string unit;
  std::string acknowledgedId;  // of the event at counters.acknowledged
  bool removed = false;
  QueueCounters counters;
};

// What one transaction did to the totals of all units; differences modulo 2^64.
struct TotalsDelta {
  uint64_t stored = 0, acknowledged = 0, dead = 0, pending = 0, pendingBytes = 0;
};

// Everything that is done to the queues within one write transaction. Each queue's row is read once, changed here in
// memory and written by flush(); events and dead letters are written at once. Throws sql::SqlError; then the
// transaction is to be rolled back and the ledger thrown away. Used by one thread.
class SpoolLedger {
 public:
  static constexpr size_t MAX_DELETES = 1000;  // rows of one unit in one group

  // boot: the row of `boots` for this run of the steady clock. All references outlive the ledger.
  SpoolLedger(sql::Database& database, const Clock& clock, int64_t boot, const SpoolLimits& limits);

  QueueRow* find(const std::string& unit);    // null: no queue; stays valid as long as the ledger
  QueueRow& obtain(const std::string& unit);  // makes the queue when there is none

  AppendResult append(const NewEvent& event);
  // Deletes events with seq <= upTo, at most maxRows of them. False when some are left.
  bool acknowledge(QueueRow& row, uint64_t upTo, size_t maxRows);
  // ReadOnly: while nothing can be written; a new epoch is then Failed. acknowledgeUpTo: what is still to be given to
  // acknowledge(); 0 = nothing.
  enum class ResumeMode { Write, ReadOnly };
  ResumeOutcome resume(QueueRow& row, const link::ResumeRequest& request, ResumeMode mode, uint64_t& acknowledgeUpTo);
  bool bury(QueueRow& row, uint64_t seq, const std::string& reason);  // false: no such event
  void addAttempt(QueueRow& row, uint64_t seq);
  // One step of at most maxRows rows; true when the unit is empty. Counts what it did into done.
  bool removeUnit(QueueRow& row, bool purge, size_t maxRows, Removal& done);
  bool expire(size_t maxRows);  // events past max_age, oldest first; true: none is left
  uint64_t expired() const { return _expired; }
  bool purgeDead(size_t maxRows);  // dead letters past their age; true: none is left

  void flush();                                        // the last call before the commit
  const TotalsDelta& delta() const { return _delta; }  // after flush()

 private:
  struct Held {
    QueueRow row;
    QueueRow before;
  };
  QueueRow* load(sql::Query& query);
  QueueRow& rowOf(int64_t queue);
  std::optional<std::string> idAt(const QueueRow& row, uint64_t seq);
  uint64_t firstPending(const QueueRow& row);  // nextSeq when nothing is pending
  void renumber(QueueRow& row);
  void deleteDead(QueueRow& row, int64_t position, uint64_t bytes);
  void keepDeadWithinCaps(QueueRow& row);

  sql::Database& _database;
  const Clock& _clock;
  const int64_t _boot;
  const SpoolLimits& _limits;
  std::map<int64_t, Held> _rows;
  std::map<std::string, int64_t> _queues;
  TotalsDelta _delta;
  uint64_t _expired = 0;
};

// The books as they stand in the file. For readers.
std::optional<QueueRow> readQueueRow(sql::Database& database, const std::string& unit);

// The sums over all queues, and how many queues do not balance.
SpoolTotals readTotals(sql::Database& database);

}  // namespace tsunagi::relay
