#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/Tables.h"

namespace tsunagi::chat {

// Messages whose reply token was dead when their turn came, and which wait for the person's next message (J9): LINE's
// ids of a conversation's newest ones. What else stays without an answer (stopped, said while a person answered, beyond
// a limit, of a kind that cannot be handled, too old) is not among them and is never brought up. Thread-safe; throws
// sql::SqlError.
class MissedMessages {
 public:
  static constexpr size_t KEPT = 20;

  explicit MissedMessages(store::Meters& meters) : _meters(meters) {}  // outlives this

  // One lane's work at a time: the list is read and written back.
  void add(int64_t channelId, std::string_view conversation, const std::string& messageId);
  void clear(int64_t channelId, std::string_view conversation);
  std::vector<std::string> list(int64_t channelId, std::string_view conversation);

 private:
  store::Meters& _meters;
};

}  // namespace tsunagi::chat
