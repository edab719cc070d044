#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace tsunagi::linesim {

// What happens to one sending call instead of a good answer.
struct Fault {
  enum class Action {
    Status,  // an error answer
    Break,   // an answer that no strict client takes as whole
    Hold     // no answer until it is released
  };
  Action action = Action::Status;
  bool afterEffect = false;  // the messages were delivered and recorded; only the answer is spoiled
  int status = 500;          // of Action::Status
};

// The plan of faults for replies and pushes: first the listed ones in order, then by chance. Not thread-safe.
class Faults {
 public:
  static constexpr size_t MAX_LISTED = 100'000;

  // False when the list would be too long.
  bool addNext(const Fault& fault, size_t count);
  void setRate(const Fault& fault, unsigned percent, uint64_t seed);  // of all calls; 0 = never
  void clear();
  std::optional<Fault> take();  // for the call that arrives now
  size_t listed() const { return _next.size(); }
  uint64_t taken() const { return _taken; }

 private:
  uint64_t nextRandom();
  std::deque<Fault> _next;
  Fault _byChance;
  unsigned _percent = 0;
  uint64_t _state = 0;
  uint64_t _taken = 0;
};

}  // namespace tsunagi::linesim
