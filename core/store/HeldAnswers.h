#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::store {

class StoreFile;

// An answer that waits for a reply token of its conversation (J20, J9).
struct HeldAnswer {
  int64_t id = 0;
  int64_t inboxId = 0;  // the event it answers
  std::string conversation;
  std::string asker;   // LINE's user id; "" when it was not told
  std::string ticket;  // opaque; what the button's postback carries (S24)
  bool ready = false;  // texts is there
  bool delivered = false;
  bool apology = false;  // stands for an answer that could not be had
  std::vector<std::string> texts;
  std::vector<std::string> answeredIds;  // LINE's ids of the messages it answers
};

// Marked as delivered by the outbox row that carries it (OutboxDraft::heldAnswer). Thread-safe; one transaction each;
// throws sql::SqlError.
class HeldAnswers {
 public:
  static constexpr int64_t KEPT_MS = 24 * 3'600'000LL;

  explicit HeldAnswers(StoreFile& file);  // outlives this

  // A place for the answer of that event; the same again when it was made before.
  HeldAnswer open(int64_t inboxId, std::string_view asker);
  // The rest of that event's answer, ready at once; each call makes another.
  HeldAnswer addRest(int64_t inboxId, std::string_view asker, const std::vector<std::string>& texts);
  // What it says, with what it answers.
  void fill(int64_t id, const std::vector<std::string>& texts, const std::vector<std::string>& answeredIds,
            bool apology = false);
  std::optional<HeldAnswer> byTicket(int64_t channelId, std::string_view ticket);
  std::optional<HeldAnswer> ofEvent(int64_t inboxId);  // as open() made it
  // The oldest that is ready and was not delivered; a rest waits for its button alone.
  std::optional<HeldAnswer> waiting(int64_t channelId, std::string_view conversation);
  uint64_t countWaiting(std::optional<int64_t> channelId = std::nullopt);  // ready, not delivered; of all channels
  bool purge(int64_t rows);  // older than KEPT_MS; true when there may be more

 private:
  std::string insert(int64_t inboxId, std::string_view asker, bool isRest);
  StoreFile& _file;
};

}  // namespace tsunagi::store
