#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <random>
#include <set>

#include "tests/unit/relay_spool/SpoolBench.h"

namespace tsunagi::relay {
namespace {

constexpr int ROUNDS = 12;
constexpr int UNITS = 5;

struct Told {
  uint32_t unit;
  uint32_t acknowledged;  // 1: this is an acknowledgement handed in, not an event stored
  uint64_t seq;
  char id[32];
};

// The child: stores events of several units and tells each Stored through the pipe, from the writer's callback, as the
// edge would tell LINE. It acknowledges now and then. It is killed in the middle.
[[noreturn]] void writeUntilKilled(const std::string& folder, int pipe, unsigned seed) {
  SpoolOptions options;
  options.folder = folder;
  options.limits.minFreeBytes = 0;
  Spool spool(options);
  if (!spool.start()) _exit(1);
  std::mt19937 random(seed);
  std::map<int, std::string> epochs;
  for (uint64_t round = 0;; ++round) {
    const int unit = static_cast<int>(random() % UNITS);
    const std::string name = "u" + std::to_string(unit);
    const bool wait = round % 16 == 15;  // bounds what is under way
    std::promise<uint64_t> seq;
    spool.append(SpoolBench::event(name, std::string(random() % 4000, 'x')), [&, unit, wait](const AppendResult& r) {
      if (r.outcome == AppendOutcome::Stored) {
        Told told{static_cast<uint32_t>(unit), 0, r.seq, {}};
        r.id.copy(told.id, sizeof told.id - 1);
        if (::write(pipe, &told, sizeof told) != sizeof told) _exit(2);
      }
      if (wait) seq.set_value(r.seq);
    });
    if (!wait) continue;
    const uint64_t newest = seq.get_future().get();
    if (epochs[unit].empty())
      epochs[unit] =
          SpoolBench::wait<std::optional<QueueCounters>>([&](auto done) { spool.counters(name, done); }).value().epoch;
    if (random() % 4 == 0 && newest > 3) {
      const Told told{static_cast<uint32_t>(unit), 1, newest - 3, {}};
      if (::write(pipe, &told, sizeof told) != sizeof told) _exit(2);
      spool.acknowledge(name, epochs[unit], newest - 3);
    }
  }
}

TEST(Crash, EveryStoredEventSurvivesKill9) {
  test::TempFolder folder;
  std::random_device device;
  const unsigned seed = device();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<uint32_t, std::map<uint64_t, std::string>> stored;  // by unit: seq -> id
  std::map<uint32_t, uint64_t> acknowledged;
  uint64_t told = 0;

  for (int round = 0; round < ROUNDS; ++round) {
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const unsigned childSeed = random();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipes[0]);
      writeUntilKilled(folder.path(), pipes[1], childSeed);
    }
    ::close(pipes[1]);
    // Killed after a random number of confirmations, at whatever point it is then.
    const uint64_t until = 1 + random() % 400;
    Told one{};
    uint64_t count = 0;
    bool killed = false;
    while (::read(pipes[0], &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
      if (one.acknowledged != 0)
        acknowledged[one.unit] = std::max(acknowledged[one.unit], one.seq);
      else {
        stored[one.unit][one.seq] = one.id;
        ++told;
      }
      if (++count >= until && !killed) {
        ::kill(child, SIGKILL);
        killed = true;
      }
    }
    ::close(pipes[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    SpoolBench bench;
    bench.options.folder = folder.path();
    bench.options.clock = &Clock::system();
    bench.open();
    for (const auto& [unit, events] : stored) {
      const std::string name = "u" + std::to_string(unit);
      const QueueCounters books = bench.counters(name);
      ASSERT_TRUE(books.balanced()) << name;
      ASSERT_LE(books.acknowledged, acknowledged[unit]) << name;
      ASSERT_GT(books.nextSeq, events.rbegin()->first) << name << " would give a number twice";
      const Page page = bench.read(name, books.epoch, 0, 1'000'000, 1'000'000'000);
      ASSERT_EQ(page.events.size(), books.pending);
      uint64_t next = books.acknowledged;
      uint64_t bytes = 0;
      for (const StoredEvent& event : page.events) {
        ASSERT_EQ(event.seq, ++next) << name << " has a hole";
        bytes += event.body.size();
        const auto known = events.find(event.seq);
        if (known != events.end()) {
          ASSERT_EQ(event.id, known->second);
        }
      }
      ASSERT_EQ(next + 1, books.nextSeq) << name;
      ASSERT_EQ(bytes, books.pendingBytes) << name;
      // Everything that was confirmed is there, unless acknowledged.
      for (const auto& [seq, id] : events) ASSERT_LT(seq, books.nextSeq);
    }
    ASSERT_EQ(bench.audit().unbalanced, 0u);
  }
  EXPECT_GE(told, static_cast<uint64_t>(ROUNDS));
}

}  // namespace
}  // namespace tsunagi::relay
