// kill -9 of relay, bridge or both at random moments under a stream of events from 20 conversations. Every webhook that
// was answered 200 must end in exactly one reply per event, its own text, in order per conversation.
//   fault_skeleton [--kills N] [--seed S] [--answer-ms M]
// The last line is "events N lost 0 twice 0 reordered 0 unknown 0"; exit 1 when a figure is not 0, or when the books of
// simulator, relay and bridge do not agree.
//
// An event that was at work during three kills of the bridge is given up by design, so that an answer that crashes the
// bridge cannot do so for ever: it is dead, and its one reply is an apology. With kills this close to each other that
// may happen to a few, and happens to many when each answer takes a while (--answer-ms). They are counted from both
// ends, in a line before the last: replies that are not the event's text must be exactly as many as the bridge's
// counter of dead events says.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "base/NamedThread.h"
#include "tests/support/Chain.h"
#include "tests/support/Eventually.h"
#include "tests/support/History.h"

using namespace tsunagi;
using nlohmann::json;

namespace {

constexpr int CONVERSATIONS = 20;
constexpr int64_t MAX_OPEN = 100;        // events accepted and not answered: more would only measure the queue
constexpr int MAX_EVENTS_PER_KILL = 12;  // events accepted between two kills, at random up to this

struct Arguments {
  int kills = 200;
  unsigned seed = std::random_device{}();
  std::string answerMs = "0";
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const bool hasValue = i + 1 < argc;
    if (std::strcmp(argv[i], "--kills") == 0 && hasValue)
      arguments.kills = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--seed") == 0 && hasValue)
      arguments.seed = static_cast<unsigned>(std::atoll(argv[++i]));
    else if (std::strcmp(argv[i], "--answer-ms") == 0 && hasValue)
      arguments.answerMs = argv[++i];
    else {
      std::fprintf(stderr, "fault_skeleton: unknown argument %s; there are --kills N, --seed S and --answer-ms M\n",
                   argv[i]);
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

// Complains when the two numbers differ.
bool agree(const char* what, int64_t left, int64_t right) {
  if (left != right) std::fprintf(stderr, "%s: %ld and %ld\n", what, left, right);
  return left == right;
}

// The relay's invariant, and what the bridge has counted against what the simulator has seen. A second turn of the same
// event would show here, though its reply is refused: as an event too many, and as one that failed.
bool booksAgree(test::Chain& chain, const test::History& history, const json& counters) {
  const json unit = chain.unitCounters();
  const auto of = [](const json& from, const char* name) { return from.at(name).get<int64_t>(); };
  const auto answered = static_cast<int64_t>(history.answered());
  const int64_t dead = of(counters, "dead");
  std::printf("given up after three interrupted attempts: %ld, with an apology: %ld, replies of other text: %zu\n",
              dead, of(counters, "apologies"), history.altered());
  bool good = agree("stored, and acknowledged + dead + pending", of(unit, "stored_total"),
                    of(unit, "acknowledged_total") + of(unit, "dead_total") + of(unit, "pending"));
  good &= agree("dead letters of the relay", of(unit, "dead_total"), 0);
  good &= agree("dead events and apologies", dead, of(counters, "apologies"));
  good &= agree("dead events and replies of other text", dead, static_cast<int64_t>(history.altered()));
  good &= agree("answered by the bridge and answered", of(counters, "answered") + dead, answered);
  good &= agree("events of the bridge and answered", of(counters, "events"), answered);
  good &= agree("sent by the bridge and answered", of(counters, "sent"), answered);
  good &= agree("replies and answered", static_cast<int64_t>(history.replies()), answered);
  good &= agree("pushes", static_cast<int64_t>(history.pushes()), 0);
  for (const char* none : {"failed", "late", "refused", "quarantined", "gaps", "resyncs"})
    good &= agree(none, of(counters, none), 0);
  return good;
}

bool judge(test::Chain& chain) {
  bool good = true;
  try {
    chain.awaitQuiet(std::chrono::minutes(3));
    chain.awaitSettled(std::chrono::minutes(3));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());  // the figures below say how many
    good = false;
  }
  const json summary = chain.summary();
  const json counters = chain.bridgeStatus().at("counters");
  const test::History history(chain);
  good &= booksAgree(chain, history, counters);
  const auto figure = [&](const char* name) { return summary.at(name).get<int64_t>(); };
  good &= agree("accepted", figure("accepted"), static_cast<int64_t>(history.accepted()));
  good &= agree("lost", figure("lost"), static_cast<int64_t>(history.lost()));
  good &= agree("twice", figure("twice"), static_cast<int64_t>(history.twice()));
  good &= agree("reordered", figure("reordered"), static_cast<int64_t>(history.reordered()));
  if (history.lost() + history.twice() + history.altered() > 0)
    std::fprintf(stderr, "the first: %s\n", history.firstFault().c_str());
  try {
    chain.finish();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    good = false;
  }
  const int64_t unknown = counters.at("unknown").get<int64_t>();
  std::printf("events %ld lost %ld twice %ld reordered %ld unknown %ld\n", figure("accepted"), figure("lost"),
              figure("twice"), figure("reordered"), unknown);
  return good && figure("lost") + figure("twice") + figure("reordered") + unknown == 0;
}

int run(const Arguments& arguments) {
  std::printf("seed %u, %d kills\n", arguments.seed, arguments.kills);
  std::mt19937 random(arguments.seed);
  test::Chain chain({.tokenLife = "3600s"});
  chain.ini["bridge"]["responder"] = "echo";
  chain.ini["responder.echo"] = {{"plugin", "echo"}, {"delay_ms", arguments.answerMs}};
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
  return judge(chain) ? 0 : 1;
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
