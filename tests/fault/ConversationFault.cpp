// What fault_skeleton does, with many more conversations and a LINE that fails one call in ten: half of them before
// their effect, half behind it (500, 429, resets, answers cut short). Still one reply per event, its own text, in
// order.
//   fault_conversation [--kills N] [--events N] [--seed S] [--answer-ms M] [--token-life T] [--slow push]
// The last line is "events N lost 0 twice 0 reordered 0 unknown U pushes 0"; exit 1 when the books do not agree. U is 0
// unless tokens run out (--token-life 60s); then each answer the bridge calls unknown, and each it calls sent or not
// sent, is compared with what the simulator has. With --slow push every answer is pushed, so pushes is what was
// answered.
#include <cstdio>
#include <exception>

#include "tests/fault/KillRun.h"

int main(int argc, char** argv) {
  using namespace tsunagi::test;
  KillRunOptions defaults;
  defaults.program = "fault_conversation";
  defaults.kills = 100;
  defaults.conversations = 200;
  defaults.events = 10'000;
  defaults.eventsPerKill = 200;
  defaults.apiFaults = true;
  const KillRunOptions options = killRunOptions(argc, argv, defaults);
  try {
    return killRun(options) ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fault_conversation: %s\n", e.what());
    return 1;
  }
}
