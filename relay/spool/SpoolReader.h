#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "base/NamedThread.h"
#include "sql/Database.h"

namespace tsunagi::relay {

// The thread that reads the spool through a read-only connection of its own, one job after another. Thread-safe.
class SpoolReader {
 public:
  using Work = std::function<void(sql::Database& database)>;

  SpoolReader(std::string path, size_t maxWaiting);
  ~SpoolReader();  // stop()

  void start();  // opens the connection; throws sql::SqlError
  void stop();   // does what waits, then ends the thread

  // Runs work on the reader's thread inside one read transaction, then, with the transaction over, finish(ok). When the
  // work throws a sql::SqlError, or too much waits, or the reader is stopped, finish gets false; in the last two cases
  // it runs before submit returns.
  void submit(Work work, std::function<void(bool ok)> finish);

 private:
  struct Job {
    Work work;
    std::function<void(bool ok)> finish;
  };
  void run();
  bool perform(const Work& work);

  const std::string _path;
  const size_t _maxWaiting;
  std::unique_ptr<sql::Database> _database;  // the thread's
  std::mutex _mutex;
  std::condition_variable _wake;
  std::deque<Job> _waiting;
  bool _running = false;
  NamedThread _thread;
};

}  // namespace tsunagi::relay
