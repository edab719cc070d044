#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/NamedThread.h"
#include "relay/spool/Spool.h"
#include "relay/spool/SpoolWork.h"
#include "sql/Database.h"

namespace tsunagi::relay {

struct TotalsDelta;

// The thread that writes the spool: each turn takes everything that waits and does it in one transaction. It begins,
// and goes on after every failure, in trouble: nothing is stored until a TRUNCATE checkpoint worked. The public
// functions may be called from any thread; see Spool for what they mean.
class SpoolWriter {
 public:
  SpoolWriter(SpoolOptions options, std::string path);
  ~SpoolWriter();  // stop()

  void start();  // throws sql::SqlError when the file cannot be opened or migrated
  void stop();

  void append(NewEvent event, std::function<void(AppendResult)> done);
  void resume(std::string unit, link::ResumeRequest request, std::function<void(ResumeOutcome)> done);
  void acknowledge(std::string unit, std::string epoch, uint64_t seq);
  void mark(SpoolWork::Mark mark);
  void removeUnit(std::string unit, bool purge, std::function<void(std::optional<Removal>)> done);
  void setLimits(const SpoolLimits& limits);
  SpoolTotals totals() const;
  bool writable() const { return _writable; }
  int64_t boot() const { return _boot; }  // row of `boots` of this run of the clock; 0 = not known yet

 private:
  void run();
  bool roomForOther(const char* what);  // under _mutex
  bool hasWork() const;                 // under _mutex
  void perform(SpoolWork work);
  void refuse(SpoolWork work, bool keep);
  void putBack(SpoolWork left);
  void count(const SpoolWork& work, const TotalsDelta& delta, uint64_t micros);
  void regain();
  void lose(const std::string& why);
  void report(const char* cause, const std::string& what) const;
  void checkSpace();
  void checkLog();
  void updateWritable();

  const SpoolOptions _options;
  const std::string _path;

  // The thread's own, once it runs.
  std::unique_ptr<sql::Database> _database;
  SpoolLimits _current;
  bool _broken = true;
  bool _lowSpace = false;
  int64_t _nextSweepMs = 0;

  std::atomic<bool> _writable{false};
  std::atomic<int64_t> _boot{0};
  std::atomic<uint64_t> _walBytes{0};

  mutable std::mutex _mutex;
  std::condition_variable _wake;
  SpoolWork _waiting;
  SpoolLimits _limits;
  SpoolTotals _totals;
  bool _running = false;
  bool _troubled = true;  // _broken, for hasWork()
  NamedThread _thread;
};

}  // namespace tsunagi::relay
