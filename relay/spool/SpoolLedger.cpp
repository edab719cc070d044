#include "relay/spool/SpoolLedger.h"

#include <algorithm>
#include <vector>

#include "base/Random.h"
#include "relay/spool/EventFields.h"

namespace tsunagi::relay {
namespace {

constexpr const char* COLUMNS =
    "queue, unit, epoch, next_seq, acknowledged, acknowledged_id, pending, pending_bytes, stored_total, "
    "acknowledged_total, dead_total, dead_held, dead_bytes, removed";

uint64_t number(const sql::Query& query, int column) { return static_cast<uint64_t>(query.integer(column)); }
int64_t signedOf(uint64_t value) { return static_cast<int64_t>(value); }

QueueRow rowFrom(const sql::Query& query) {
  QueueRow row;
  row.queue = query.integer(0);
  row.unit = query.text(1);
  QueueCounters& counters = row.counters;
  counters.epoch = query.text(2);
  counters.nextSeq = number(query, 3);
  counters.acknowledged = number(query, 4);
  row.acknowledgedId = query.text(5);
  counters.pending = number(query, 6);
  counters.pendingBytes = number(query, 7);
  counters.storedTotal = number(query, 8);
  counters.acknowledgedTotal = number(query, 9);
  counters.deadTotal = number(query, 10);
  counters.deadHeld = number(query, 11);
  counters.deadBytes = number(query, 12);
  row.removed = query.integer(13) != 0;
  return row;
}

std::string selectBy(const char* column) {
  return std::string("SELECT ") + COLUMNS + " FROM queues WHERE " + column + " = ?";
}

}  // namespace

SpoolLedger::SpoolLedger(sql::Database& database, const Clock& clock, int64_t boot, const SpoolLimits& limits)
    : _database(database), _clock(clock), _boot(boot), _limits(limits) {}

QueueRow* SpoolLedger::load(sql::Query& query) {
  if (!query.step()) return nullptr;
  QueueRow row = rowFrom(query);
  const int64_t queue = row.queue;
  _queues[row.unit] = queue;
  return &_rows.try_emplace(queue, Held{row, row}).first->second.row;
}

QueueRow* SpoolLedger::find(const std::string& unit) {
  if (const auto known = _queues.find(unit); known != _queues.end()) return &_rows.at(known->second).row;
  static const std::string select = selectBy("unit");
  sql::Query query = _database.query(select);
  query.bind(unit);
  return load(query);
}

QueueRow& SpoolLedger::rowOf(int64_t queue) {
  if (const auto known = _rows.find(queue); known != _rows.end()) return known->second.row;
  static const std::string select = selectBy("queue");
  sql::Query query = _database.query(select);
  query.bind(queue);
  if (QueueRow* row = load(query)) return *row;
  throw sql::SqlError(_database.path() + ": queue " + std::to_string(queue) + " has events but no row", 0);
}

QueueRow& SpoolLedger::obtain(const std::string& unit) {
  if (QueueRow* row = find(unit)) return *row;
  _database
      .query(
          "INSERT INTO queues (unit, epoch, next_seq, acknowledged, acknowledged_id, pending, pending_bytes, "
          "stored_total, acknowledged_total, dead_total, dead_held, dead_bytes, removed) "
          "VALUES (?, ?, 1, 0, '', 0, 0, 0, 0, 0, 0, 0, 0)")
      .bind(unit)
      .bind(randomId())
      .run();
  return *find(unit);
}

AppendResult SpoolLedger::append(const NewEvent& event) {
  QueueRow& row = obtain(event.unit);
  AppendResult result;
  if (row.removed) {
    result.outcome = AppendOutcome::UnknownUnit;
    return result;
  }
  QueueCounters& counters = row.counters;
  const uint64_t maxEvents = event.backlogEvents != 0 ? event.backlogEvents : _limits.backlogEvents;
  const uint64_t maxBytes = event.backlogBytes != 0 ? event.backlogBytes : _limits.backlogBytes;
  if (counters.pending >= maxEvents || counters.pendingBytes + event.body.size() > maxBytes) {
    result.outcome = AppendOutcome::Full;
    return result;
  }
  result.seq = counters.nextSeq;
  result.id = makeUlid(_clock.wallMs());
  sql::Query query = _database.query(
      "INSERT INTO events (queue, seq, id, boot, received_steady_ms, received_wall_ms, attempts, replay, path, "
      "headers, "
      "body) VALUES (?, ?, ?, ?, ?, ?, 0, '', ?, ?, ?)");
  bindAll(query, row.queue, signedOf(result.seq), result.id, _boot, _clock.steadyMs(), _clock.wallMs(), event.path,
          encodeHeaders(event.headers));
  query.bindBlob(event.body).run();
  ++counters.nextSeq;
  ++counters.pending;
  ++counters.storedTotal;
  counters.pendingBytes += event.body.size();
  result.outcome = AppendOutcome::Stored;
  return result;
}

bool SpoolLedger::acknowledge(QueueRow& row, uint64_t upTo, size_t maxRows) {
  QueueCounters& counters = row.counters;
  if (upTo <= counters.acknowledged || upTo >= counters.nextSeq) return true;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t last = counters.acknowledged;
  std::string lastId;
  bool finished = true;
  {
    sql::Query query =
        _database.query("SELECT seq, id, length(body) FROM events WHERE queue = ? AND seq <= ? ORDER BY seq LIMIT ?");
    query.bind(row.queue).bind(signedOf(upTo)).bind(static_cast<int64_t>(maxRows));
    for (; query.step(); ++rows) {
      last = number(query, 0);
      lastId = query.text(1);
      bytes += number(query, 2);
    }
    finished = rows < maxRows || last == upTo;
  }
  if (finished && last != upTo) {
    // The newest event acknowledged is one that was buried.
    lastId = idAt(row, upTo).value_or("");
    last = upTo;
  }
  if (rows > 0)
    _database.query("DELETE FROM events WHERE queue = ? AND seq <= ?").bind(row.queue).bind(signedOf(last)).run();
  counters.acknowledged = last;
  row.acknowledgedId = lastId;
  counters.pending -= rows;
  counters.pendingBytes -= bytes;
  counters.acknowledgedTotal += rows;
  return finished;
}

std::optional<std::string> SpoolLedger::idAt(const QueueRow& row, uint64_t seq) {
  sql::Query pending = _database.query("SELECT id FROM events WHERE queue = ? AND seq = ?");
  if (pending.bind(row.queue).bind(signedOf(seq)).step()) return pending.text(0);
  sql::Query dead = _database.query("SELECT id FROM dead WHERE queue = ? AND epoch = ? AND seq = ?");
  if (dead.bind(row.queue).bind(row.counters.epoch).bind(signedOf(seq)).step()) return dead.text(0);
  return std::nullopt;
}

uint64_t SpoolLedger::firstPending(const QueueRow& row) {
  sql::Query query = _database.query("SELECT min(seq) FROM events WHERE queue = ?");
  query.bind(row.queue).step();
  return query.isNull(0) ? row.counters.nextSeq : number(query, 0);
}

ResumeOutcome SpoolLedger::resume(QueueRow& row, const link::ResumeRequest& request, ResumeMode mode,
                                  uint64_t& acknowledgeUpTo) {
  acknowledgeUpTo = 0;
  ResumeOutcome outcome;
  if (row.removed) {
    outcome.kind = ResumeOutcome::Kind::UnknownUnit;
    return outcome;
  }
  QueueCounters& counters = row.counters;
  const link::QueueState state{counters.epoch, counters.nextSeq, counters.acknowledged, row.acknowledgedId};
  const link::ResumeDecision decision = link::decideResume(state, request, idAt(row, request.lastSeq));
  if (decision.kind == link::ResumeDecision::Kind::NewEpoch) {
    if (mode == ResumeMode::ReadOnly) return outcome;
    renumber(row);
    outcome.kind = ResumeOutcome::Kind::Reset;
    if (decision.gap) outcome.gap = std::pair(decision.gap->from, decision.gap->to);
    outcome.resumeSeq = firstPending(row);
  } else {
    if (mode == ResumeMode::ReadOnly || !acknowledge(row, decision.acknowledgeUpTo, MAX_DELETES))
      acknowledgeUpTo = decision.acknowledgeUpTo;
    outcome.kind = ResumeOutcome::Kind::Resumed;
    const uint64_t done = std::max(decision.acknowledgeUpTo, counters.acknowledged);
    sql::Query next = _database.query("SELECT min(seq) FROM events WHERE queue = ? AND seq > ?");
    next.bind(row.queue).bind(signedOf(done)).step();
    outcome.resumeSeq = next.isNull(0) ? counters.nextSeq : number(next, 0);
    // Besides what was acknowledged without the bridge having it now, events that died between are missing there.
    const uint64_t had = request.epoch.empty() ? 0 : request.lastSeq;
    if (outcome.resumeSeq > had + 1) outcome.gap = std::pair(had + 1, outcome.resumeSeq - 1);
  }
  outcome.epoch = counters.epoch;
  outcome.pending = counters.pending;
  return outcome;
}

void SpoolLedger::renumber(QueueRow& row) {
  std::vector<int64_t> positions;
  positions.reserve(row.counters.pending);
  {
    sql::Query query = _database.query("SELECT position FROM events WHERE queue = ? ORDER BY seq");
    query.bind(row.queue);
    while (query.step()) positions.push_back(query.integer(0));
  }
  // Ascending, so that a new number, never above the old one, is always free.
  uint64_t seq = 0;
  for (const int64_t position : positions)
    _database.query("UPDATE events SET seq = ? WHERE position = ?").bind(signedOf(++seq)).bind(position).run();
  row.counters.epoch = randomId();
  row.counters.nextSeq = seq + 1;
  row.counters.acknowledged = 0;
  row.acknowledgedId.clear();
}

bool SpoolLedger::bury(QueueRow& row, uint64_t seq, const std::string& reason) {
  QueueCounters& counters = row.counters;
  const bool oldest = firstPending(row) == seq;
  std::string id;
  uint64_t bytes = 0;
  {
    sql::Query query = _database.query("SELECT id, length(body) FROM events WHERE queue = ? AND seq = ?");
    if (!query.bind(row.queue).bind(signedOf(seq)).step()) return false;
    id = query.text(0);
    bytes = number(query, 1);
  }
  sql::Query move = _database.query(
      "INSERT INTO dead (queue, epoch, seq, id, reason, died_wall_ms, received_wall_ms, attempts, replay, path, "
      "headers, "
      "body) SELECT queue, ?, seq, id, ?, ?, received_wall_ms, attempts, replay, path, headers, body "
      "FROM events WHERE queue = ? AND seq = ?");
  bindAll(move, counters.epoch, reason, _clock.wallMs(), row.queue, signedOf(seq)).run();
  _database.query("DELETE FROM events WHERE queue = ? AND seq = ?").bind(row.queue).bind(signedOf(seq)).run();
  if (oldest) {
    counters.acknowledged = seq;
    row.acknowledgedId = id;
  }
  --counters.pending;
  counters.pendingBytes -= bytes;
  ++counters.deadTotal;
  ++counters.deadHeld;
  counters.deadBytes += bytes;
  keepDeadWithinCaps(row);
  return true;
}

void SpoolLedger::keepDeadWithinCaps(QueueRow& row) {
  while (row.counters.deadHeld > _limits.deadEvents || row.counters.deadBytes > _limits.deadBytes) {
    int64_t position = 0;
    uint64_t bytes = 0;
    {
      sql::Query oldest =
          _database.query("SELECT position, length(body) FROM dead WHERE queue = ? ORDER BY position LIMIT 1");
      if (!oldest.bind(row.queue).step()) return;
      position = oldest.integer(0);
      bytes = number(oldest, 1);
    }
    deleteDead(row, position, bytes);
  }
}

void SpoolLedger::deleteDead(QueueRow& row, int64_t position, uint64_t bytes) {
  _database.query("DELETE FROM dead WHERE position = ?").bind(position).run();
  --row.counters.deadHeld;
  row.counters.deadBytes -= bytes;
}

void SpoolLedger::addAttempt(QueueRow& row, uint64_t seq) {
  _database.query("UPDATE events SET attempts = attempts + 1 WHERE queue = ? AND seq = ?")
      .bind(row.queue)
      .bind(signedOf(seq))
      .run();
}

bool SpoolLedger::removeUnit(QueueRow& row, bool purge, size_t maxRows, Removal& done) {
  row.removed = true;
  std::vector<uint64_t> seqs;
  {
    sql::Query query = _database.query("SELECT seq FROM events WHERE queue = ? ORDER BY seq LIMIT ?");
    query.bind(row.queue).bind(static_cast<int64_t>(maxRows));
    while (query.step()) seqs.push_back(number(query, 0));
  }
  for (const uint64_t seq : seqs) bury(row, seq, "removed");
  done.pending += seqs.size();
  if (seqs.size() == maxRows) return false;
  if (!purge) return true;
  std::vector<std::pair<int64_t, uint64_t>> letters;
  {
    sql::Query query =
        _database.query("SELECT position, length(body) FROM dead WHERE queue = ? ORDER BY position LIMIT ?");
    query.bind(row.queue).bind(static_cast<int64_t>(maxRows));
    while (query.step()) letters.emplace_back(query.integer(0), number(query, 1));
  }
  for (const auto& [position, bytes] : letters) deleteDead(row, position, bytes);
  done.dead += letters.size();
  return letters.size() < maxRows;
}

bool SpoolLedger::expire(size_t maxRows) {
  std::vector<std::pair<int64_t, uint64_t>> old;
  {
    sql::Query query = _database.query(
        "SELECT queue, seq, boot, received_steady_ms, received_wall_ms FROM events ORDER BY position LIMIT ?");
    query.bind(static_cast<int64_t>(maxRows));
    while (query.step()) {
      const Received received{query.integer(3), query.integer(4), query.integer(2) == _boot};
      if (ageMs(received, _clock) < _limits.maxAgeMs) break;
      old.emplace_back(query.integer(0), number(query, 1));
    }
  }
  for (const auto& [queue, seq] : old) bury(rowOf(queue), seq, "expired");
  _expired += old.size();
  return old.size() < maxRows;
}

bool SpoolLedger::purgeDead(size_t maxRows) {
  struct Letter {
    int64_t position, queue;
    uint64_t bytes;
  };
  std::vector<Letter> old;
  {
    sql::Query query =
        _database.query("SELECT position, queue, length(body), died_wall_ms FROM dead ORDER BY position LIMIT ?");
    query.bind(static_cast<int64_t>(maxRows));
    while (query.step() && _clock.wallMs() - query.integer(3) >= _limits.deadMaxAgeMs)
      old.push_back({query.integer(0), query.integer(1), number(query, 2)});
  }
  for (const Letter& letter : old) deleteDead(rowOf(letter.queue), letter.position, letter.bytes);
  return old.size() < maxRows;
}

void SpoolLedger::flush() {
  for (auto& [queue, held] : _rows) {
    const QueueCounters& now = held.row.counters;
    const QueueCounters& then = held.before.counters;
    sql::Query query = _database.query(
        "UPDATE queues SET epoch = ?, next_seq = ?, acknowledged = ?, acknowledged_id = ?, pending = ?, "
        "pending_bytes = ?, stored_total = ?, acknowledged_total = ?, dead_total = ?, dead_held = ?, dead_bytes = ?, "
        "removed = ? WHERE queue = ?");
    bindAll(query, now.epoch, signedOf(now.nextSeq), signedOf(now.acknowledged), held.row.acknowledgedId,
            signedOf(now.pending), signedOf(now.pendingBytes), signedOf(now.storedTotal),
            signedOf(now.acknowledgedTotal), signedOf(now.deadTotal), signedOf(now.deadHeld), signedOf(now.deadBytes),
            int64_t{held.row.removed}, queue)
        .run();
    _delta.stored += now.storedTotal - then.storedTotal;
    _delta.acknowledged += now.acknowledgedTotal - then.acknowledgedTotal;
    _delta.dead += now.deadTotal - then.deadTotal;
    _delta.pending += now.pending - then.pending;
    _delta.pendingBytes += now.pendingBytes - then.pendingBytes;
  }
}

std::optional<QueueRow> readQueueRow(sql::Database& database, const std::string& unit) {
  static const std::string select = selectBy("unit");
  sql::Query query = database.query(select);
  if (!query.bind(unit).step()) return std::nullopt;
  return rowFrom(query);
}

SpoolTotals readTotals(sql::Database& database) {
  SpoolTotals totals;
  sql::Query sums = database.query(
      "SELECT coalesce(sum(stored_total), 0), coalesce(sum(acknowledged_total), 0), coalesce(sum(dead_total), 0), "
      "coalesce(sum(pending), 0), coalesce(sum(pending_bytes), 0), "
      "coalesce(sum(stored_total != acknowledged_total + dead_total + pending), 0), coalesce(sum(dead_held), 0), "
      "coalesce(sum(dead_bytes), 0) FROM queues");
  sums.step();
  totals.storedTotal = number(sums, 0);
  totals.acknowledgedTotal = number(sums, 1);
  totals.deadTotal = number(sums, 2);
  totals.pending = number(sums, 3);
  totals.pendingBytes = number(sums, 4);
  totals.unbalanced = number(sums, 5);
  totals.deadHeld = number(sums, 6);
  totals.deadBytes = number(sums, 7);
  return totals;
}

}  // namespace tsunagi::relay
