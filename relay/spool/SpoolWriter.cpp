#include "relay/spool/SpoolWriter.h"

#include <Poco/Logger.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/LogEscape.h"
#include "relay/spool/SpoolLedger.h"
#include "relay/spool/SpoolSchema.h"

namespace tsunagi::relay {
namespace {

using std::chrono::milliseconds;

constexpr int64_t SWEEP_MS = 60'000;
constexpr milliseconds TROUBLE_WAIT{250};
constexpr milliseconds IDLE_WAIT{10'000};
constexpr size_t MAX_WAITING_OTHERS = 200'000;

Poco::Logger& logger() { return Poco::Logger::get("relay.spool"); }

int64_t bootRow(sql::Database& database, const std::string& bootId) {
  sql::Transaction transaction(database);
  database.query("INSERT OR IGNORE INTO boots (boot_id) VALUES (?)").bind(bootId).run();
  int64_t boot = 0;
  {
    sql::Query query = database.query("SELECT boot FROM boots WHERE boot_id = ?");
    query.bind(bootId).step();
    boot = query.integer(0);
  }
  transaction.commit();
  return boot;
}

}  // namespace

SpoolWriter::SpoolWriter(SpoolOptions options, std::string path)
    : _options(std::move(options)), _path(std::move(path)), _current(_options.limits), _limits(_options.limits) {}

SpoolWriter::~SpoolWriter() { stop(); }

void SpoolWriter::start() {
  _database = std::make_unique<sql::Database>(_path);
  migrateSpool(*_database);
  _totals = readTotals(*_database);
  if (_totals.unbalanced != 0)
    logger().error(_path + ": the books of " + std::to_string(_totals.unbalanced) +
                   " units do not balance; compare with a backup");
  regain();
  checkSpace();
  _nextSweepMs = _options.clock->steadyMs();
  {
    const std::lock_guard lock(_mutex);
    _running = true;
    _troubled = _broken;
  }
  updateWritable();
  _thread = NamedThread("spool-write", [this] { run(); });
}

void SpoolWriter::stop() {
  {
    const std::lock_guard lock(_mutex);
    _running = false;
  }
  _wake.notify_all();
  _thread.join();
  _writable = false;
  if (!_database) return;
  try {
    _database->checkpoint();
  } catch (const sql::SqlError& error) {
    logger().warning("the write-ahead log is left for the next start: " + logEscape(error.what(), 500));
  }
  _database.reset();
}

void SpoolWriter::append(NewEvent event, std::function<void(AppendResult)> done) {
  AppendResult refusal;
  {
    const std::lock_guard lock(_mutex);
    const uint64_t bytes = event.body.size() + sizeof(SpoolWork::Append);
    if (!_running || !_writable) {
      ++_totals.refusedFailed;
    } else if (_waiting.appendBytes + bytes > _options.queuedBytes) {
      ++_totals.refusedLate;
      refusal.outcome = AppendOutcome::Late;
    } else {
      _waiting.appendBytes += bytes;
      _waiting.appends.push_back({std::move(event), std::move(done), _options.clock->steadyMs()});
      _wake.notify_one();
      return;
    }
  }
  done(refusal);
}

bool SpoolWriter::roomForOther(const char* what) {
  if (!_running) return false;
  if (_waiting.others() < MAX_WAITING_OTHERS) return true;
  logger().warning(std::string("too much waits for the disk; dropped: ") + what);
  return false;
}

void SpoolWriter::resume(std::string unit, link::ResumeRequest request, std::function<void(ResumeOutcome)> done) {
  {
    const std::lock_guard lock(_mutex);
    if (roomForOther("a link's resume")) {
      _waiting.resumes.push_back({std::move(unit), std::move(request), std::move(done)});
      _wake.notify_one();
      return;
    }
  }
  done({});
}

void SpoolWriter::acknowledge(std::string unit, std::string epoch, uint64_t seq) {
  const std::lock_guard lock(_mutex);
  if (!_running) return;
  _waiting.acknowledge(std::move(unit), std::move(epoch), seq);
  _wake.notify_one();
}

void SpoolWriter::mark(SpoolWork::Mark mark) {
  const std::lock_guard lock(_mutex);
  if (!roomForOther("a burial or attempt")) return;
  _waiting.marks.push_back(std::move(mark));
  _wake.notify_one();
}

void SpoolWriter::removeUnit(std::string unit, bool purge, std::function<void(std::optional<Removal>)> done) {
  {
    const std::lock_guard lock(_mutex);
    if (roomForOther("a unit's removal")) {
      _waiting.removals.push_back({std::move(unit), purge, std::move(done)});
      _wake.notify_one();
      return;
    }
  }
  done(std::nullopt);
}

void SpoolWriter::setLimits(const SpoolLimits& limits) {
  const std::lock_guard lock(_mutex);
  _limits = limits;
  _waiting.sweep = true;  // ages hold at once
  _wake.notify_one();
}

SpoolTotals SpoolWriter::totals() const {
  const std::lock_guard lock(_mutex);
  SpoolTotals totals = _totals;
  totals.waiting = _waiting.appends.size();
  totals.waitingBytes = _waiting.appendBytes;
  totals.walBytes = _walBytes;
  return totals;
}

bool SpoolWriter::hasWork() const {
  // In trouble acknowledgements and burials wait; who waits for an answer gets one.
  if (_troubled) return !_waiting.appends.empty() || !_waiting.resumes.empty() || !_waiting.removals.empty();
  return !_waiting.empty();
}

void SpoolWriter::run() {
  for (bool last = false; !last;) {
    SpoolWork work;
    {
      std::unique_lock lock(_mutex);
      _wake.wait_for(lock, _broken || _lowSpace ? TROUBLE_WAIT : IDLE_WAIT, [this] { return hasWork() || !_running; });
      std::swap(work, _waiting);
      _current = _limits;
      // What one group left for the next is finished before the end, unless the store is in trouble.
      last = !_running && (_broken || work.empty());
    }
    if (_broken) regain();
    checkSpace();
    updateWritable();
    if (_options.clock->steadyMs() >= _nextSweepMs) work.sweep = true;
    perform(std::move(work));
  }
}

void SpoolWriter::perform(SpoolWork work) {
  if (work.empty()) return;
  if (_broken) return refuse(std::move(work), true);
  const auto begin = std::chrono::steady_clock::now();
  try {
    sql::Transaction transaction(*_database);
    SpoolLedger ledger(*_database, *_options.clock, _boot, _current);
    // With little space left only what makes room, or at least takes none, is written.
    if (_lowSpace) work.takeNoAppends();
    work.apply(ledger, _options.clock->steadyMs() - _options.lateAfterMs);
    ledger.flush();
    transaction.commit();
    const auto time = std::chrono::steady_clock::now() - begin;
    count(work, ledger.delta(),
          static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
    if (ledger.expired() > 0)
      report("events_expired",
             std::to_string(ledger.expired()) + " events waited longer than max_age and are dead letters");
  } catch (const sql::SqlError& error) {
    lose(error.what());
    return refuse(std::move(work), error.isDiskTrouble());
  }
  SpoolWork left = work.takeLeft(true, true);
  if (work.sweep && !left.sweep) _nextSweepMs = _options.clock->steadyMs() + SWEEP_MS;
  putBack(std::move(left));
  checkLog();
  work.finish();
}

void SpoolWriter::refuse(SpoolWork work, bool keep) {
  try {
    SpoolLedger ledger(*_database, *_options.clock, _boot, _current);
    work.refuse(ledger);
  } catch (const sql::SqlError& error) {
    logger().error("reading failed: " + logEscape(error.what(), 500));
  }
  putBack(work.takeLeft(false, keep));
  {
    const std::lock_guard lock(_mutex);
    _totals.refusedFailed += work.appends.size();
  }
  work.finish();
}

void SpoolWriter::putBack(SpoolWork left) {
  const std::lock_guard lock(_mutex);
  for (auto& [unit, acknowledgement] : left.acknowledgements) {
    // What came meanwhile is newer: it wins when the epoch changed.
    const auto newer = _waiting.acknowledgements.find(unit);
    if (newer == _waiting.acknowledgements.end() || newer->second.epoch == acknowledgement.epoch)
      _waiting.acknowledge(unit, std::move(acknowledgement.epoch), acknowledgement.seq);
  }
  const auto prepend = [](auto& to, auto& from) {
    to.insert(to.begin(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  prepend(_waiting.marks, left.marks);
  prepend(_waiting.removals, left.removals);
  _waiting.sweep = _waiting.sweep || left.sweep;
}

void SpoolWriter::count(const SpoolWork& work, const TotalsDelta& delta, uint64_t micros) {
  const std::lock_guard lock(_mutex);
  _totals.storedTotal += delta.stored;
  _totals.acknowledgedTotal += delta.acknowledged;
  _totals.deadTotal += delta.dead;
  _totals.pending += delta.pending;
  _totals.pendingBytes += delta.pendingBytes;
  for (const SpoolWork::Append& append : work.appends) {
    _totals.refusedFull += append.result.outcome == AppendOutcome::Full;
    _totals.refusedLate += append.result.outcome == AppendOutcome::Late;
    _totals.refusedFailed += append.result.outcome == AppendOutcome::Failed;
  }
  ++_totals.groups;
  _totals.groupEvents += delta.stored;
  _totals.groupMicros += micros;
  _totals.largestGroup = std::max(_totals.largestGroup, delta.stored);
}

void SpoolWriter::regain() {
  try {
    _database->checkpoint();
    if (_boot == 0) _boot = bootRow(*_database, _options.clock->bootId());
  } catch (const sql::SqlError& error) {
    logger().debug("the store is still in trouble: " + logEscape(error.what(), 500));
    return;
  }
  _broken = false;
  const std::lock_guard lock(_mutex);
  _troubled = false;
  if (_totals.ioErrors != 0) logger().information("the store can be written again");
}

void SpoolWriter::report(const char* cause, const std::string& what) const {
  logger().error(what);
  if (_options.tell) _options.tell(cause, "", what);
}

void SpoolWriter::lose(const std::string& why) {
  report("store", "webhooks get 503 until the store can be written again: " + logEscape(why, 500));
  _broken = true;
  {
    const std::lock_guard lock(_mutex);
    _troubled = true;
    ++_totals.ioErrors;
  }
  updateWritable();
}

void SpoolWriter::checkSpace() {
  bool low = false;
  struct statvfs info {};
  if (_current.minFreeBytes != 0 && ::statvfs(_options.folder.c_str(), &info) == 0)
    low = uint64_t{info.f_bavail} * info.f_frsize < _current.minFreeBytes;
  if (low != _lowSpace) {
    if (low)
      report("store", "less than min_free (" + std::to_string(_current.minFreeBytes) + " bytes) is free in " +
                          _options.folder + ": webhooks get 503 until there is more");
    else
      logger().information("there is space again in " + _options.folder);
  }
  _lowSpace = low;
}

void SpoolWriter::checkLog() {
  _walBytes = static_cast<uint64_t>(_database->walBytes());
  if (_walBytes <= _options.walResetBytes) return;
  try {
    _database->checkpoint();
    _walBytes = static_cast<uint64_t>(_database->walBytes());
  } catch (const sql::SqlError& error) {
    // A reader in the way is no trouble: the next group tries again.
    if (error.isDiskTrouble()) lose(error.what());
  }
}

void SpoolWriter::updateWritable() { _writable = !_broken && !_lowSpace; }

}  // namespace tsunagi::relay
