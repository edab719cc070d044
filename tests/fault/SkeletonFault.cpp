// kill -9 of relay, bridge or both at random moments under a stream of events from 20 conversations. Every webhook that
// was answered 200 must end in exactly one reply per event, in order per conversation.
//   fault_skeleton [--kills N] [--seed S]
// The last line is "events N lost 0 twice 0 reordered 0 unknown 0"; exit 1 when a figure is not 0.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "base/NamedThread.h"
#include "tests/support/Chain.h"
#include "tests/support/Eventually.h"

using namespace tsunagi;
using nlohmann::json;

namespace {

constexpr int CONVERSATIONS = 20;
constexpr int64_t MAX_OPEN = 100;        // events accepted and not answered: more would only measure the queue
constexpr int MAX_EVENTS_PER_KILL = 12;  // events accepted between two kills, at random up to this

struct Arguments {
  int kills = 200;
  unsigned seed = std::random_device{}();
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const bool hasValue = i + 1 < argc;
    if (std::strcmp(argv[i], "--kills") == 0 && hasValue)
      arguments.kills = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--seed") == 0 && hasValue)
      arguments.seed = static_cast<unsigned>(std::atoll(argv[++i]));
    else {
      std::fprintf(stderr, "fault_skeleton: unknown argument %s; there are --kills N and --seed S\n", argv[i]);
      std::exit(64);
    }
  }
  return arguments;
}

int64_t accepted(const json& summary) { return summary.at("accepted").get<int64_t>(); }

// Types messages as long as it may; the simulator posts them as webhooks, in order per conversation.
class Stream {
 public:
  Stream(test::Chain& chain, unsigned seed) : _chain(chain), _random(seed), _thread("typist", [this] { run(); }) {}
  ~Stream() { stop(); }
  void stop() {
    _stop = true;
    _thread.join();
  }

 private:
  void run() {
    for (int64_t n = 1; !_stop; ++n) {
      _chain.send("user" + std::to_string(_random() % CONVERSATIONS), "message " + std::to_string(n));
      if (n % 10 == 0) test::eventually([&] { return _stop || _chain.summary().at("lost").get<int64_t>() < MAX_OPEN; });
    }
  }

  test::Chain& _chain;
  std::mt19937 _random;
  std::atomic<bool> _stop{false};
  NamedThread _thread;
};

void killAndRestart(test::Chain& chain, unsigned victim) {
  const bool relay = victim != 1;
  const bool bridge = victim != 0;
  if (relay) chain.killRelay();
  if (bridge) chain.killBridge();
  if (relay) chain.startRelay();
  if (bridge) chain.startBridge();
}

int run(const Arguments& arguments) {
  std::printf("seed %u, %d kills\n", arguments.seed, arguments.kills);
  std::mt19937 random(arguments.seed);
  test::Chain chain({.tokenLife = "3600s"});
  chain.startAll();
  {
    Stream stream(chain, arguments.seed + 1);
    for (int kill = 1; kill <= arguments.kills; ++kill) {
      const int64_t before = accepted(chain.summary());
      const auto more = static_cast<int64_t>(1 + random() % MAX_EVENTS_PER_KILL);
      if (!test::eventually([&] { return accepted(chain.summary()) >= before + more; })) {
        std::fprintf(stderr, "no webhook was accepted any more before kill %d: %s\n", kill,
                     chain.summary().dump().c_str());
        return 1;
      }
      killAndRestart(chain, random() % 3);
      if (kill % 20 == 0) std::printf("%d kills, %s\n", kill, chain.summary().dump().c_str());
      std::fflush(stdout);
    }
  }
  chain.awaitQuiet(std::chrono::minutes(3));
  const json summary = chain.summary();
  const int64_t unknown = chain.bridgeStatus().at("counters").at("unknown").get<int64_t>();
  const json unit = chain.unitCounters();
  const auto stored = unit.at("stored_total").get<int64_t>();
  const int64_t accounted = unit.at("acknowledged_total").get<int64_t>() + unit.at("dead_total").get<int64_t>() +
                            unit.at("pending").get<int64_t>();
  if (stored != accounted) {
    std::fprintf(stderr, "the relay's books do not add up: %s\n", unit.dump().c_str());
    return 1;
  }
  const auto figure = [&](const char* name) { return summary.at(name).get<int64_t>(); };
  std::printf("events %ld lost %ld twice %ld reordered %ld unknown %ld\n", figure("accepted"), figure("lost"),
              figure("twice"), figure("reordered"), unknown);
  return figure("lost") + figure("twice") + figure("reordered") + unknown == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  try {
    return run(arguments);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fault_skeleton: %s\n", e.what());
    return 1;
  }
}
