#pragma once
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "link/Resume.h"
#include "relay/spool/Spool.h"
#include "sql/Database.h"
#include "tests/support/Eventually.h"
#include "tests/support/TempFolder.h"

namespace tsunagi::relay {

// A spool in a folder of its own, with its callbacks turned into return values.
class SpoolBench {
 public:
  SpoolBench() {
    options.folder = folder.path();
    options.limits.minFreeBytes = 0;
    options.clock = &clock;
  }

  void open() {
    spool = std::make_unique<Spool>(options);
    const Status status = spool->start();
    if (!status) throw std::runtime_error(status.error());
  }

  void reopen() {
    spool.reset();
    open();
  }

  static NewEvent event(const std::string& unit, const std::string& body) {
    NewEvent event;
    event.unit = unit;
    event.path = "/f/" + unit + "/webhook";
    event.headers = {{"Content-Type", "application/json"}, {"X-Line-Signature", "c2lnbmF0dXJl"}};
    event.body = body;
    return event;
  }

  AppendResult append(const std::string& unit, const std::string& body) { return append(event(unit, body)); }
  AppendResult append(NewEvent event) {
    return wait<AppendResult>([&](auto done) { spool->append(std::move(event), done); });
  }
  // Stores bodies "1", "2", ... "count".
  void fill(const std::string& unit, int count) {
    for (int i = 1; i <= count; ++i)
      ASSERT_EQ(append(unit, std::to_string(i)).outcome, AppendOutcome::Stored) << unit << " " << i;
  }
  Page read(const std::string& unit, const std::string& epoch, uint64_t after, size_t events = 1000,
            size_t bytes = 1 << 24) {
    return wait<Page>([&](auto done) { spool->read(unit, epoch, after, events, bytes, done); });
  }
  ResumeOutcome resume(const std::string& unit, link::ResumeRequest request) {
    return wait<ResumeOutcome>([&](auto done) { spool->resume(unit, std::move(request), done); });
  }
  QueueCounters counters(const std::string& unit) {
    return wait<std::optional<QueueCounters>>([&](auto done) { spool->counters(unit, done); }).value();
  }
  SpoolTotals audit() {
    return wait<std::optional<SpoolTotals>>([&](auto done) { spool->audit(done); }).value();
  }
  std::optional<Removal> remove(const std::string& unit, bool purge) {
    return wait<std::optional<Removal>>([&](auto done) { spool->removeUnit(unit, purge, done); });
  }
  std::string epoch(const std::string& unit) { return counters(unit).epoch; }

  // All that was asked for before is done: a removal of a unit nobody uses is a group of its own or part of a later
  // one.
  void settle() { ASSERT_TRUE(remove("nobody", false)); }

  // What the bridge holds after it committed everything up to the event with this seq.
  link::ResumeRequest committed(const std::string& unit, uint64_t seq) {
    const std::string epochNow = epoch(unit);
    const Page page = read(unit, epochNow, seq - 1, 1);
    return {epochNow, seq, page.events.at(0).id};
  }

  // Counts rows of the file itself, beside the spool.
  int64_t rows(const std::string& sql) {
    sql::Database database(folder.file("spool.db"), sql::Database::Mode::ReadOnly);
    sql::Query query = database.query(sql);
    query.step();
    return query.integer(0);
  }

  template <typename T>
  static T wait(const std::function<void(std::function<void(T)>)>& call) {
    auto promise = std::make_shared<std::promise<T>>();
    std::future<T> future = promise->get_future();
    call([promise](T value) { promise->set_value(std::move(value)); });
    if (future.wait_for(test::HANG_GUARD) != std::future_status::ready) throw std::runtime_error("no answer");
    return future.get();
  }

  test::TempFolder folder;
  ManualClock clock;
  SpoolOptions options;
  std::unique_ptr<Spool> spool;
};

class SpoolTest : public ::testing::Test, protected SpoolBench {};

}  // namespace tsunagi::relay
