#include "relay/spool/Spool.h"

#include <algorithm>
#include <utility>

#include "link/Resume.h"
#include "relay/spool/EventFields.h"
#include "relay/spool/SpoolLedger.h"
#include "relay/spool/SpoolReader.h"
#include "relay/spool/SpoolWriter.h"

namespace tsunagi::relay {
namespace {

StoredEvent eventFrom(const sql::Query& query, int64_t boot, const Clock& clock) {
  StoredEvent event;
  event.seq = static_cast<uint64_t>(query.integer(0));
  event.id = query.text(1);
  const Received received{query.integer(3), query.integer(4), boot != 0 && query.integer(2) == boot};
  event.ageMs = ageMs(received, clock);
  event.attempts = static_cast<uint32_t>(std::clamp<int64_t>(query.integer(5), 0, UINT32_MAX));
  event.replay = query.text(6);
  event.path = query.text(7);
  event.headers = decodeHeaders(query.view(8));
  event.body = query.text(9);
  return event;
}

struct PageRequest {
  std::string unit, epoch;
  uint64_t afterSeq = 0;
  size_t maxEvents = 0, maxBytes = 0;
};

Page readPage(sql::Database& database, const PageRequest& request, int64_t boot, const Clock& clock) {
  Page page;
  const std::optional<QueueRow> row = readQueueRow(database, request.unit);
  if (!row || row->counters.epoch != request.epoch) {
    page.outcome = Page::Outcome::NewEpoch;
    if (row) page.epoch = row->counters.epoch;
    return page;
  }
  page.outcome = Page::Outcome::Read;
  page.epoch = row->counters.epoch;
  sql::Query query = database.query(
      "SELECT seq, id, boot, received_steady_ms, received_wall_ms, attempts, replay, path, headers, body FROM events "
      "WHERE queue = ? AND seq > ? ORDER BY seq");
  const uint64_t after = std::min<uint64_t>(request.afterSeq, INT64_MAX);
  query.bind(row->queue).bind(static_cast<int64_t>(after));
  size_t bytes = 0;
  while (query.step()) {
    const size_t size = query.view(9).size();
    const bool first = page.events.empty();
    if (!first && (page.events.size() >= request.maxEvents || bytes + size > request.maxBytes)) {
      page.more = true;
      break;
    }
    bytes += size;
    page.events.push_back(eventFrom(query, boot, clock));
  }
  return page;
}

// Positions grow with arrival.
int64_t oldestAgeMs(sql::Database& database, int64_t boot, const Clock& clock) {
  sql::Query query =
      database.query("SELECT boot, received_steady_ms, received_wall_ms FROM events ORDER BY position LIMIT 1");
  if (!query.step()) return 0;
  return ageMs({query.integer(1), query.integer(2), boot != 0 && query.integer(0) == boot}, clock);
}

}  // namespace

struct Spool::State {
  explicit State(SpoolOptions given)
      : options(std::move(given)),
        path(options.folder + "/spool.db"),
        writer(options, path),
        reader(path, options.queuedReads) {}
  const SpoolOptions options;
  const std::string path;
  SpoolWriter writer;
  SpoolReader reader;
};

Spool::Spool(SpoolOptions options) : _state(std::make_unique<State>(std::move(options))) {}

Spool::~Spool() { stop(); }

Status Spool::start() {
  try {
    _state->writer.start();
    _state->reader.start();
  } catch (const sql::SqlError& error) {
    stop();
    return Error{error.what()};
  }
  return {};
}

void Spool::stop() {
  // The reader goes first: the last connection that closes empties the log, and that must be the one that may write.
  _state->reader.stop();
  _state->writer.stop();
}

void Spool::append(NewEvent event, std::function<void(AppendResult)> done) {
  _state->writer.append(std::move(event), std::move(done));
}

void Spool::read(std::string unit, std::string epoch, uint64_t afterSeq, size_t maxEvents, size_t maxBytes,
                 std::function<void(Page)> done) {
  auto page = std::make_shared<Page>();
  PageRequest request{std::move(unit), std::move(epoch), afterSeq, maxEvents, maxBytes};
  _state->reader.submit(
      [this, page, request = std::move(request)](sql::Database& database) {
        *page = readPage(database, request, _state->writer.boot(), *_state->options.clock);
      },
      [page, done = std::move(done)](bool ok) { done(ok ? std::move(*page) : Page{}); });
}

void Spool::resume(std::string unit, link::ResumeRequest request, std::function<void(ResumeOutcome)> done) {
  _state->writer.resume(std::move(unit), std::move(request), std::move(done));
}

void Spool::acknowledge(std::string unit, std::string epoch, uint64_t seq) {
  _state->writer.acknowledge(std::move(unit), std::move(epoch), seq);
}

void Spool::bury(std::string unit, std::string epoch, uint64_t seq, std::string reason) {
  if (reason.empty()) reason = "unknown";
  _state->writer.mark({std::move(unit), std::move(epoch), seq, std::move(reason)});
}

void Spool::addAttempt(std::string unit, std::string epoch, uint64_t seq) {
  _state->writer.mark({std::move(unit), std::move(epoch), seq, {}});
}

void Spool::removeUnit(std::string unit, bool purge, std::function<void(std::optional<Removal>)> done) {
  _state->writer.removeUnit(std::move(unit), purge, std::move(done));
}

void Spool::counters(std::string unit, std::function<void(std::optional<QueueCounters>)> done) {
  auto counters = std::make_shared<QueueCounters>();
  _state->reader.submit(
      [counters, unit = std::move(unit)](sql::Database& database) {
        if (const std::optional<QueueRow> row = readQueueRow(database, unit)) *counters = row->counters;
      },
      [counters, done = std::move(done)](bool ok) { done(ok ? std::optional(*counters) : std::nullopt); });
}

SpoolTotals Spool::totals() const { return _state->writer.totals(); }

void Spool::audit(std::function<void(std::optional<SpoolTotals>)> done) {
  auto books = std::make_shared<SpoolTotals>();
  _state->reader.submit(
      [this, books](sql::Database& database) {
        *books = readTotals(database);
        books->oldestPendingMs = oldestAgeMs(database, _state->writer.boot(), *_state->options.clock);
      },
      [this, books, done = std::move(done)](bool ok) {
        if (!ok) return done(std::nullopt);
        SpoolTotals totals = _state->writer.totals();
        totals.storedTotal = books->storedTotal;
        totals.acknowledgedTotal = books->acknowledgedTotal;
        totals.deadTotal = books->deadTotal;
        totals.pending = books->pending;
        totals.pendingBytes = books->pendingBytes;
        totals.unbalanced = books->unbalanced;
        totals.deadHeld = books->deadHeld;
        totals.deadBytes = books->deadBytes;
        totals.oldestPendingMs = books->oldestPendingMs;
        done(totals);
      });
}

bool Spool::writable() const { return _state->writer.writable(); }

void Spool::setLimits(const SpoolLimits& limits) { _state->writer.setLimits(limits); }

}  // namespace tsunagi::relay
