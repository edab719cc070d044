#pragma once
#include <cstddef>
#include <string>

namespace tsunagi::test {

class History;

// What the bridge's store says became of each answer, compared with what the simulator saw of it.
struct OutboxBooks {
  size_t unknown = 0;    // the bridge does not know whether it was delivered
  size_t delivered = 0;  // of these the simulator has it
  size_t notSent = 0;    // the bridge says it was not sent, and the simulator has none
  size_t lost = 0;       // accepted, no answer, and the bridge neither says so nor calls it unknown
  size_t wrong = 0;      // said to be sent and not there, or said not to be sent and there
  std::string first;     // of the lost or wrong, for a person; or ""

  // store: bridge.db, of a bridge that has nothing under way. Throws sql::SqlError.
  static OutboxBooks compare(const std::string& store, const History& history);
};

}  // namespace tsunagi::test
