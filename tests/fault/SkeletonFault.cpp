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
#include <cstdio>
#include <exception>

#include "tests/fault/KillRun.h"

int main(int argc, char** argv) {
  using namespace tsunagi::test;
  const KillRunOptions options = killRunOptions(argc, argv, {.program = "fault_skeleton"});
  try {
    return killRun(options) ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fault_skeleton: %s\n", e.what());
    return 1;
  }
}
