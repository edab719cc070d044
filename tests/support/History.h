#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tsunagi::test {

class Chain;

// What was said to each event, read from the simulator's ledger: a second opinion beside the simulator's summary, which
// cannot tell an answer from an apology. For a chain whose bridge echoes.
class History {
 public:
  struct Event {
    std::string id, conversation, text;
    uint64_t seq = 0;             // place in its conversation
    bool accepted = false;        // a try was answered 2xx
    bool acceptedAtOnce = false;  // already the first
    // The texts of each reply, and of each push that quotes it, in the order they came.
    std::vector<std::vector<std::string>> answers;
  };
  explicit History(Chain& chain);  // throws std::runtime_error when the simulator does not answer

  const std::vector<Event>& events() const { return _events; }
  size_t accepted() const;
  size_t answered() const;
  size_t replies() const { return _replies; }
  size_t pushes() const { return _pushes; }
  size_t lost() const;                       // accepted, and no answer
  size_t twice() const;                      // more than one answer
  size_t altered() const;                    // an answer is not exactly the event's text
  size_t reordered() const;                  // answered after a later event of its conversation
  std::string firstFault() const;            // the first event that is lost, twice or altered, for a person; or ""
  bool oneEchoEach(std::string& why) const;  // lost, twice, altered, reordered and pushes are 0; else why says which

 private:
  std::vector<Event> _events;
  size_t _replies = 0;
  size_t _pushes = 0;
  size_t _reordered = 0;
};

}  // namespace tsunagi::test
