#pragma once
#include <cstdint>
#include <string>

namespace tsunagi::test {

// kill -9 of relay, bridge or both at random moments under a stream of events from many conversations, and a judgement
// of what simulator, relay and bridge have in their books afterwards. The bridge echoes.
struct KillRunOptions {
  std::string program;  // for messages
  int kills = 200;
  unsigned seed = 0;
  int conversations = 20;
  int64_t events = 0;               // accepted at least, the stream goes on until then
  int eventsPerKill = 12;           // accepted between two kills, at random up to this
  std::string answerMs = "0";       // what each answer takes
  std::string tokenLife = "3600s";  // of the simulator, and what the bridge believes
  bool apiFaults = false;           // one call in ten to LINE fails, half of them behind their effect
  bool push = false;                // slow = push, and every answer is slow: see pushing()

  bool tokensRunOut() const { return !push && tokenLife != KillRunOptions().tokenLife; }
};

// Prints progress, and the books when they do not agree. True when they do, and nothing was lost, twice or reordered.
// The last line is "events N lost 0 twice 0 reordered 0 unknown U", with " pushes P" behind it under apiFaults. With
// the usual life of tokens U must be 0. With a shorter one answers may come too late or end as unknown: the line before
// says what the simulator saw of them, and an answer of which the bridge says what is not so fails the run.
bool killRun(const KillRunOptions& options);

// Of the command line: --kills N, --seed S, --answer-ms M, --events N, --token-life T, --slow push; anything else ends
// the program with 64.
KillRunOptions killRunOptions(int argc, char** argv, KillRunOptions defaults);

}  // namespace tsunagi::test
