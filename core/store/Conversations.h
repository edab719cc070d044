#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tsunagi::store {

class StoreFile;

// One conversation's own state. A session ends with /new or after a long silence: the model's memory starts anew.
struct ConversationState {
  int64_t session = 1;
  std::string sessionKey;               // opaque, new with each session; names the conversation towards backends
  std::optional<int64_t> lastTurnAtMs;  // the last answer, wall clock
  std::string model;                    // chosen by /model; "" = the responder's own
  std::optional<int64_t> pausedUntilMs;
};

// The conversations of every channel. Thread-safe; one transaction each; throws sql::SqlError.
class Conversations {
 public:
  explicit Conversations(StoreFile& file);  // outlives this

  ConversationState state(int64_t channelId, std::string_view conversation);  // made when there is none
  ConversationState startNew(int64_t channelId, std::string_view conversation);
  void setModel(int64_t channelId, std::string_view conversation, std::string_view model);
  void pause(int64_t channelId, std::string_view conversation, std::optional<int64_t> untilMs);

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
