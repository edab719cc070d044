#include "tests/fault/KillRun.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "base/NamedThread.h"
#include "tests/fault/OutboxBooks.h"
#include "tests/support/Chain.h"
#include "tests/support/Eventually.h"
#include "tests/support/History.h"

namespace tsunagi::test {
namespace {

using nlohmann::json;

constexpr int64_t MAX_OPEN = 100;  // events accepted and not answered: more would only measure the queue
constexpr int FAULTS_PERCENT = 10;

int64_t accepted(const json& summary) { return summary.at("accepted").get<int64_t>(); }

// Types messages as long as it may; the simulator posts them as webhooks, in order per conversation.
class Stream {
 public:
  Stream(Chain& chain, unsigned seed, int conversations)
      : _chain(chain), _random(seed), _conversations(conversations), _thread("typist", [this] { run(); }) {}
  ~Stream() { stop(); }
  void stop() {
    _stop = true;
    _thread.join();
  }

 private:
  void run() {
    for (int64_t n = 1; !_stop; ++n) {
      _chain.send("user" + std::to_string(_random() % static_cast<unsigned>(_conversations)),
                  "message " + std::to_string(n));
      if (n % 10 == 0) eventually([&] { return _stop || _chain.summary().at("lost").get<int64_t>() < MAX_OPEN; });
    }
  }

  Chain& _chain;
  std::mt19937 _random;
  const int _conversations;
  std::atomic<bool> _stop{false};
  NamedThread _thread;
};

void killAndRestart(Chain& chain, unsigned victim) {
  const bool relay = victim != 1;
  const bool bridge = victim != 0;
  if (relay) chain.killRelay();
  if (bridge) chain.killBridge();
  if (relay) chain.startRelay();
  if (bridge) chain.startBridge();
}

// Every kind of trouble in turn: the call never had its effect, or had it and nobody heard.
void spoilCalls(Chain& chain, int turn, unsigned seed) {
  static const std::array<json, 6> kinds{{{{"action", "status"}, {"status", 500}, {"when", "before"}},
                                          {{"action", "status"}, {"status", 500}, {"when", "after"}},
                                          {{"action", "reset"}, {"when", "before"}},
                                          {{"action", "reset"}, {"when", "after"}},
                                          {{"action", "status"}, {"status", 429}, {"when", "before"}},
                                          {{"action", "break"}, {"when", "after"}}}};
  chain.control("POST", "/control/faults",
                {{"rate",
                  {{"fault", kinds[static_cast<size_t>(turn) % kinds.size()]},
                   {"percent", FAULTS_PERCENT},
                   {"seed", seed + static_cast<unsigned>(turn)}}}});
}

// Complains when the two numbers differ.
bool agree(const char* what, int64_t left, int64_t right) {
  if (left != right) std::fprintf(stderr, "%s: %ld and %ld\n", what, left, right);
  return left == right;
}

// The relay's invariant, and what the bridge has counted against what the simulator has seen. A second turn of the same
// event would show here, though its reply is refused: as an event too many, and as one that failed.
bool booksAgree(Chain& chain, const History& history, const OutboxBooks& outbox, const json& counters,
                const KillRunOptions& options) {
  const json unit = chain.unitCounters();
  const auto of = [](const json& from, const char* name) { return from.at(name).get<int64_t>(); };
  const auto answered = static_cast<int64_t>(history.answered());
  const auto altered = static_cast<int64_t>(history.altered());
  const auto notSent = static_cast<int64_t>(outbox.notSent);
  const auto delivered = static_cast<int64_t>(outbox.delivered);
  const auto unknown = static_cast<int64_t>(outbox.unknown);
  const int64_t dead = of(counters, "dead"), apologies = of(counters, "apologies"), late = of(counters, "late");
  std::printf("given up after three interrupted attempts: %ld, with an apology: %ld, replies of other text: %ld\n",
              dead, apologies, altered);
  bool good = agree("stored, and acknowledged + dead + pending", of(unit, "stored_total"),
                    of(unit, "acknowledged_total") + of(unit, "dead_total") + of(unit, "pending"));
  good &= agree("dead letters of the relay", of(unit, "dead_total"), 0);
  if (!options.tokensRunOut()) {
    // An apology goes out by the reply token alone, which is dead before any answer when all are slow.
    good &= agree("apologies", apologies, options.push ? 0 : dead);
    good &= agree("replies of other text", altered, apologies);
    for (const char* none : {"failed", "late", "unknown"}) good &= agree(none, of(counters, none), 0);
  } else if (altered > apologies) {
    good &= agree("replies of other text", altered, apologies);
  }
  good &=
      agree("events, and answered, given up or late", of(counters, "events"), of(counters, "answered") + dead + late);
  good &= agree("events, and answered and not", of(counters, "events"), answered + notSent + unknown - delivered);
  good &= agree("sent, delivered and answered", of(counters, "sent") + delivered, answered);
  good &= agree("unknown", of(counters, "unknown"), unknown);
  good &= agree("failed, late or given up in silence, and not sent", of(counters, "failed") + late + dead - apologies,
                notSent);
  good &= agree("replies", static_cast<int64_t>(history.replies()), options.push ? 0 : answered);
  good &= agree("pushes", static_cast<int64_t>(history.pushes()), options.push ? answered : 0);
  good &= agree("pushes by the bridge's books", of(counters, "pushes"), options.push ? answered : 0);
  good &= agree("answers of which the bridge says what is not so", static_cast<int64_t>(outbox.wrong), 0);
  for (const char* none : {"refused", "quarantined", "gaps", "resyncs"}) good &= agree(none, of(counters, none), 0);
  return good;
}

bool judge(Chain& chain, const KillRunOptions& options) {
  bool good = true;
  try {
    // A token that ran out is an answer that never comes: then only what is under way is waited for.
    if (!options.tokensRunOut()) chain.awaitQuiet(std::chrono::minutes(3));
    chain.awaitSettled(std::chrono::minutes(3));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());  // the figures below say how many
    good = false;
  }
  const json summary = chain.summary();
  const json counters = chain.bridgeStatus().at("counters");
  const History history(chain);
  const OutboxBooks outbox = OutboxBooks::compare(chain.folder.file("bridge/bridge.db"), history);
  good &= booksAgree(chain, history, outbox, counters, options);
  const auto figure = [&](const char* name) { return summary.at(name).get<int64_t>(); };
  good &= agree("accepted", figure("accepted"), static_cast<int64_t>(history.accepted()));
  good &= agree("lost", figure("lost"), static_cast<int64_t>(history.lost()));
  good &= agree("twice", figure("twice"), static_cast<int64_t>(history.twice()));
  good &= agree("reordered", figure("reordered"), static_cast<int64_t>(history.reordered()));
  if (history.lost() + history.twice() + history.altered() > 0)
    std::fprintf(stderr, "the first: %s\n", history.firstFault().c_str());
  if (!outbox.first.empty()) std::fprintf(stderr, "the first: %s\n", outbox.first.c_str());
  try {
    chain.finish();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    good = false;
  }
  std::printf("of %zu unknown the simulator has %zu and has not %zu; said not to be sent, and not there: %zu\n",
              outbox.unknown, outbox.delivered, outbox.unknown - outbox.delivered, outbox.notSent);
  std::printf("events %ld lost %zu twice %ld reordered %ld unknown %zu", figure("accepted"), outbox.lost,
              figure("twice"), figure("reordered"), outbox.unknown);
  if (options.apiFaults) std::printf(" pushes %ld", figure("pushes"));
  std::puts("");
  return good && outbox.lost == 0 && figure("twice") + figure("reordered") == 0;
}

}  // namespace

// Every answer takes longer than a token lives. Fewer kills to as many events: each interrupts all answers under way.
KillRunOptions pushing(KillRunOptions options) {
  options.push = true;
  options.tokenLife = "1s";
  options.answerMs = "1100";
  options.eventsPerKill *= 2;
  return options;
}

KillRunOptions killRunOptions(int argc, char** argv, KillRunOptions options) {
  options.seed = std::random_device{}();
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const char* const value = i + 1 < argc ? argv[++i] : nullptr;
    if (value != nullptr && name == "--kills")
      options.kills = std::atoi(value);
    else if (value != nullptr && name == "--seed")
      options.seed = static_cast<unsigned>(std::atoll(value));
    else if (value != nullptr && name == "--answer-ms")
      options.answerMs = value;
    else if (value != nullptr && name == "--events")
      options.events = std::atoll(value);
    else if (value != nullptr && name == "--token-life")
      options.tokenLife = value;
    else if (value != nullptr && name == "--slow" && std::strcmp(value, "push") == 0)
      options = pushing(options);
    else {
      std::fprintf(stderr,
                   "%s: unknown argument %s; there are --kills N, --seed S, --answer-ms M, --events N, "
                   "--token-life T and --slow push\n",
                   options.program.c_str(), name.c_str());
      std::exit(64);
    }
  }
  return options;
}

bool killRun(const KillRunOptions& options) {
  std::printf("seed %u, %d kills\n", options.seed, options.kills);
  std::mt19937 random(options.seed);
  Chain chain({.tokenLife = options.tokenLife});
  chain.ini["bridge"]["responder"] = "echo";
  chain.ini["responder.echo"] = {{"plugin", "echo"}, {"delay_ms", options.answerMs}};
  if (options.push) {
    for (const char* key : {"push_budget_month", "push_per_user_day", "push_reserve"}) chain.ini["reply"][key] = "0";
    chain.ini["reply"]["slow"] = chain.ini["reply"]["late"] = "push";
    chain.ini["bridge"]["workers"] = "64";
  }
  // A message whose token ran out is not brought up by the next one: each answer stays its own event's text.
  if (options.tokensRunOut()) chain.ini["reply"]["late"] = "drop";
  chain.startAll();
  {
    Stream stream(chain, options.seed + 1, options.conversations);
    const auto acceptedMore = [&](int64_t more) {
      const int64_t before = accepted(chain.summary());
      if (eventually([&] { return accepted(chain.summary()) >= before + more; })) return true;
      std::fprintf(stderr, "no webhook was accepted any more: %s\n", chain.summary().dump().c_str());
      return false;
    };
    for (int kill = 1; kill <= options.kills; ++kill) {
      if (options.apiFaults) spoilCalls(chain, kill, options.seed);
      if (!acceptedMore(1 + static_cast<int64_t>(random() % static_cast<unsigned>(options.eventsPerKill))))
        return false;
      killAndRestart(chain, random() % 3);
      if (kill % 20 == 0) std::printf("%d kills, %s\n", kill, chain.summary().dump().c_str());
      std::fflush(stdout);
    }
    while (accepted(chain.summary()) < options.events)
      if (!acceptedMore(1)) return false;
  }
  if (options.apiFaults) chain.control("POST", "/control/faults", {{"clear", true}});
  return judge(chain, options);
}

}  // namespace tsunagi::test
