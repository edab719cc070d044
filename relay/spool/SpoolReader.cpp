#include "relay/spool/SpoolReader.h"

#include <Poco/Logger.h>

#include "base/LogEscape.h"

namespace tsunagi::relay {

SpoolReader::SpoolReader(std::string path, size_t maxWaiting) : _path(std::move(path)), _maxWaiting(maxWaiting) {}

SpoolReader::~SpoolReader() { stop(); }

void SpoolReader::start() {
  _database = std::make_unique<sql::Database>(_path, sql::Database::Mode::ReadOnly);
  {
    const std::lock_guard lock(_mutex);
    _running = true;
  }
  _thread = NamedThread("spool-read", [this] { run(); });
}

void SpoolReader::stop() {
  {
    const std::lock_guard lock(_mutex);
    _running = false;
  }
  _wake.notify_all();
  _thread.join();
  _database.reset();
}

void SpoolReader::submit(Work work, std::function<void(bool ok)> finish) {
  {
    const std::lock_guard lock(_mutex);
    if (_running && _waiting.size() < _maxWaiting) {
      _waiting.push_back({std::move(work), std::move(finish)});
      _wake.notify_one();
      return;
    }
  }
  finish(false);
}

void SpoolReader::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(_mutex);
      _wake.wait(lock, [this] { return !_waiting.empty() || !_running; });
      if (_waiting.empty()) return;
      job = std::move(_waiting.front());
      _waiting.pop_front();
    }
    job.finish(perform(job.work));
  }
}

bool SpoolReader::perform(const Work& work) {
  try {
    _database->execute("BEGIN");
    work(*_database);
    _database->execute("COMMIT");
    return true;
  } catch (const sql::SqlError& error) {
    Poco::Logger::get("relay.spool").error("reading failed: " + logEscape(error.what(), 500));
  }
  try {
    if (_database->inTransaction()) _database->execute("ROLLBACK");
  } catch (const sql::SqlError& error) {
    Poco::Logger::get("relay.spool").error("reading failed: " + logEscape(error.what(), 500));
  }
  return false;
}

}  // namespace tsunagi::relay
