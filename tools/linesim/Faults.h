#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::linesim {

// What happens to one call of the bot instead of a good answer.
struct Fault {
  enum class Action {
    Status,  // an error answer
    Break,   // an answer that no strict client takes as whole
    Hold,    // no answer until it is released
    Reset,   // a TCP reset instead of the answer
    Delay,   // the answer comes ms later; before the effect: the whole call is
    Slow,    // content only: pieces of so many bytes, ms between them
    Cut      // content only: a reset behind so many bytes
  };
  Action action = Action::Status;
  bool afterEffect = false;  // the call had its effect and is recorded; only the answer is spoiled
  int status = 500;          // of Action::Status
  bool quota = false;        // a 429 that says the monthly limit is reached
  int64_t ms = 0;
  uint64_t bytes = 0;

  bool isOfContent() const { return action == Action::Slow || action == Action::Cut; }
};

// One plan of faults: first the listed ones in order, then by chance. Not thread-safe.
class Faults {
 public:
  static constexpr size_t MAX_LISTED = 100'000;

  // False when the list would be too long.
  bool addNext(const Fault& fault, size_t count);
  void setRate(const Fault& fault, unsigned percent, uint64_t seed);  // of all calls; 0 = never
  void clear();
  std::optional<Fault> take();  // for the call that arrives now
  uint64_t taken() const { return _taken; }

 private:
  std::deque<Fault> _next;
  Fault _byChance;
  unsigned _percent = 0;
  uint64_t _state = 0;
  uint64_t _taken = 0;
};

// SplitMix64: a seed gives the same numbers in every run.
uint64_t nextRandom(uint64_t& state);

// A plan for each endpoint of the Messaging API, and one, named "", for every call that sends messages. Not
// thread-safe.
class FaultPlans {
 public:
  static bool isEndpoint(std::string_view name);
  static bool isContentEndpoint(std::string_view name);
  static std::string endpointNames();  // for an error text

  Faults& plan(const std::string& endpoint) { return _plans[endpoint]; }
  void clear();
  // The endpoint's own plan first; reply, push and multicast then share the plan "".
  std::optional<Fault> take(const std::string& endpoint);
  uint64_t taken() const;

 private:
  std::map<std::string, Faults> _plans;
};

}  // namespace tsunagi::linesim
