#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/Clock.h"
#include "base/NamedThread.h"
#include "net/CancelToken.h"
#include "notify/NoticeBook.h"
#include "notify/NoticeSink.h"

namespace tsunagi::notify {

// Tells the owner what needs a hand, once per cause and day, by every sink there is. What was told is written to a
// file, so that a restart does not repeat it; a sink that fails is tried again with growing waits, for a day at most.
// Thread- safe; raise() never blocks on anything but a short lock. One thread ("notify") writes and delivers.
class Notifier {
 public:
  static constexpr int64_t FIRST_WAIT_MS = 2'000;
  static constexpr int64_t LONGEST_WAIT_MS = 3'600'000;
  static constexpr int64_t TRIED_FOR_MS = 24 * 3'600'000LL;

  // file: read now, when it is there; "" = none. day: which day it is for the owner [any thread]. clock outlives the
  // notifier.
  Notifier(std::string file, std::function<int64_t()> day, const Clock& clock);
  ~Notifier();  // stop()
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void start();
  void stop();  // what was not delivered stays in the file; ends a delivery under way; joins. Safe twice
  void setSinks(std::vector<std::shared_ptr<NoticeSink>> sinks);

  void raise(const Notice& notice);

  // What one that asks instead of being told does not have yet, oldest first; and that it has it now.
  std::vector<NoticeEntry> missing(const std::string& reader) const;
  void markDone(const std::string& reader, const std::vector<std::string>& keys);

  // For tests that run no thread: one delivery that is due. False: there is none.
  bool step();

 private:
  struct Wait {
    int tries = 0;
    int64_t atMs = 0;  // steady
  };
  using Pair = std::pair<std::string, std::string>;  // an entry's key and a sink's name
  struct Due {
    NoticeEntry entry;
    std::shared_ptr<NoticeSink> sink;
  };
  void run();
  bool nextDue(Due& due, int64_t& untilMs);
  void settle(const Due& due, NoticeSink::Outcome outcome);
  void write(std::unique_lock<std::mutex>& lock);

  const std::string _file;
  const std::function<int64_t()> _day;
  const Clock& _clock;
  net::CancelToken _cancel;
  mutable std::mutex _mutex;  // guards what follows
  std::condition_variable _changed;
  NoticeBook _book;
  std::vector<std::shared_ptr<NoticeSink>> _sinks;
  std::map<Pair, Wait> _waits;
  bool _dirty = false;
  bool _stopping = false;
  NamedThread _thread;
};

}  // namespace tsunagi::notify
