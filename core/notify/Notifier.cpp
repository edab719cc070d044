#include "notify/Notifier.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "service/EndpointsFile.h"

namespace tsunagi::notify {
namespace {

constexpr int64_t LONGEST_SLEEP_MS = 60'000;

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("notify");
  return instance;
}

std::string contentOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  if (in) bytes << in.rdbuf();
  return bytes.str();
}

}  // namespace

Notifier::Notifier(std::string file, std::function<int64_t()> day, const Clock& clock)
    : _file(std::move(file)), _day(std::move(day)), _clock(clock), _book(NoticeBook::read(contentOf(_file))) {}

Notifier::~Notifier() { stop(); }

void Notifier::start() {
  _thread = NamedThread("notify", [this] { run(); });
}

void Notifier::stop() {
  {
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _changed.notify_all();
  }
  _cancel.cancel();
  _thread.join();
  std::unique_lock lock(_mutex);
  write(lock);
}

void Notifier::setSinks(std::vector<std::shared_ptr<NoticeSink>> sinks) {
  const std::lock_guard lock(_mutex);
  _sinks = std::move(sinks);
  _waits.clear();
  _changed.notify_all();
}

void Notifier::raise(const Notice& notice) {
  const int64_t day = _day();
  const std::lock_guard lock(_mutex);
  if (_book.add(notice, day, _clock.wallMs()) == nullptr) return;
  _dirty = true;
  _changed.notify_all();
}

std::vector<NoticeEntry> Notifier::missing(const std::string& reader) const {
  const int64_t day = _day();
  const std::lock_guard lock(_mutex);
  std::vector<NoticeEntry> all;
  for (const auto& entry : _book.entries())
    if (entry.done.count(reader) == 0 && entry.day > day - NoticeBook::KEPT_DAYS) all.push_back(entry);
  return all;
}

void Notifier::markDone(const std::string& reader, const std::vector<std::string>& keys) {
  const std::lock_guard lock(_mutex);
  for (const auto& key : keys)
    if (NoticeEntry* entry = _book.find(key)) entry->done.insert(reader);
  _dirty = true;
  _changed.notify_all();
}

// The next delivery, or how long there is none.
bool Notifier::nextDue(Due& due, int64_t& untilMs) {
  untilMs = LONGEST_SLEEP_MS;
  for (auto& entry : _book.entries()) {
    for (const auto& sink : _sinks) {
      if (entry.done.count(sink->name()) > 0) continue;
      if (_clock.wallMs() - entry.wallMs > TRIED_FOR_MS) {
        logger().warning("the notice \"%s\" was given up: [notify] could not be reached for a day", entry.notice.cause);
        entry.done.insert(sink->name());
        _dirty = true;
        continue;
      }
      const auto waits = _waits.find({entry.key, sink->name()});
      const int64_t wait = waits == _waits.end() ? 0 : waits->second.atMs - _clock.steadyMs();
      if (wait <= 0) {
        due = {entry, sink};
        return true;
      }
      untilMs = std::min(untilMs, wait);
    }
  }
  return false;
}

void Notifier::settle(const Due& due, NoticeSink::Outcome outcome) {
  const Pair pair{due.entry.key, due.sink->name()};
  if (outcome == NoticeSink::Outcome::Later) {
    Wait& wait = _waits[pair];
    wait.atMs = _clock.steadyMs() + std::min(LONGEST_WAIT_MS, FIRST_WAIT_MS << std::min(2 * wait.tries, 20));
    ++wait.tries;
    return;
  }
  _waits.erase(pair);
  if (NoticeEntry* entry = _book.find(due.entry.key)) entry->done.insert(pair.second);
  _dirty = true;
}

void Notifier::write(std::unique_lock<std::mutex>& lock) {
  if (!_dirty) return;
  _dirty = false;
  if (_file.empty()) return;
  const std::string text = _book.text();
  lock.unlock();
  if (const Status status = service::writeFileAtomically(_file, text); !status)
    logger().error("%s; the owner may be told again after a restart", status.error());
  lock.lock();
}

bool Notifier::step() {
  std::unique_lock lock(_mutex);
  Due due;
  int64_t untilMs = 0;
  const bool any = nextDue(due, untilMs);
  write(lock);  // its key, before anybody hears of it
  if (!any) return false;
  lock.unlock();
  const auto outcome = due.sink->deliver(due.entry, _cancel);
  lock.lock();
  settle(due, outcome);
  write(lock);
  return true;
}

void Notifier::run() {
  for (;;) {
    while (step()) {
      const std::lock_guard lock(_mutex);
      if (_stopping) return;
    }
    std::unique_lock lock(_mutex);
    if (_stopping) return;
    Due due;
    int64_t untilMs = 0;
    if (_dirty || nextDue(due, untilMs)) continue;
    _changed.wait_for(lock, std::chrono::milliseconds(untilMs));
  }
}

}  // namespace tsunagi::notify
