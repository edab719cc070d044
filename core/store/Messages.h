#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/Files.h"

namespace tsunagi::store {

class StoreFile;

// The bytes of a message, which are still with LINE.
struct NewFile {
  std::string name;             // of a file: as its sender wrote it
  std::optional<int64_t> size;  // of a file: as LINE announced it
  std::optional<int64_t> durationMs;
};

// A message of a person, about to be kept. What may be kept is decided before (J7).
struct NewMessage {
  int64_t channelId = 0;
  std::string conversation;  // LINE's id of it, as in the inbox
  int64_t session = 0;       // of the conversation, see Conversations
  std::string messageId;     // LINE's
  std::optional<int64_t> personId, groupId;
  std::string type;     // "text", "image" …
  std::string content;  // the text; of other kinds what can be said of it in words
  std::string quoteToken, quotedMessageId;
  int64_t atMs = 0;             // LINE's time of the event
  std::optional<NewFile> file;  // to be downloaded: its row is made with the message's
};

struct StoredMessage {
  int64_t id = 0;
  std::string conversation, messageId, type, content, quoteToken, quotedMessageId;
  std::optional<int64_t> personId;
  std::string speaker;  // the person's display name, "" when not known
  bool fromBot = false;
  bool answered = false;  // a turn took it up
  int64_t atMs = 0;
};

struct Erased {
  uint64_t messages = 0, files = 0, events = 0;
};

// What was said. A file whose row goes with its message leaves the disk by Files::drops(). Thread-safe; one transaction
// each; throws sql::SqlError.
class Messages {
 public:
  static constexpr int64_t MISSED_KEPT = 20;

  explicit Messages(StoreFile& file);  // outlives this

  bool record(const NewMessage& message);  // false: known already
  // The newest edit wins, whatever order they come in; atMs is the event's time. False: not kept, or older.
  bool edit(int64_t channelId, std::string_view messageId, std::string_view text, int64_t atMs);
  // The person took it back: its text goes, and its file.
  bool unsend(int64_t channelId, std::string_view messageId);
  // No model reads these questions again: they could not be answered.
  void leaveOut(int64_t channelId, const std::vector<std::string>& messageIds);
  std::optional<StoredMessage> find(int64_t channelId, std::string_view messageId);
  bool isFromBot(int64_t channelId, std::string_view messageId);
  // Has anybody but an owner of the channel written what is kept of this session, or the message quoted?
  bool othersWrote(int64_t channelId, std::string_view conversation, int64_t session, std::string_view quotedMessageId);

  // Of one session, newest first, without what ended in an apology, until maxChars bytes of text or maxRows rows are
  // reached; beforeId 0 = from the end.
  std::vector<StoredMessage> history(int64_t channelId, std::string_view conversation, int64_t session,
                                     int64_t beforeId, size_t maxBytes, size_t maxRows);
  // Its reply token was dead when its turn came: it waits for the person's next message (J9), until a turn takes it up
  // or clearMissed(). Of a conversation the newest MISSED_KEPT wait.
  void markMissed(int64_t channelId, std::string_view conversation, std::string_view messageId);
  void clearMissed(int64_t channelId, std::string_view conversation);
  std::vector<StoredMessage> missed(int64_t channelId, std::string_view conversation);  // of any session, oldest first
  // The last image this person sent in that conversation since then (J23).
  std::optional<StoredMessage> lastImage(int64_t channelId, std::string_view conversation, int64_t personId,
                                         int64_t sinceMs);
  // A text somewhere in what a person said, newest first.
  std::vector<StoredMessage> search(int64_t personId, std::string_view text, size_t maxRows);

  // All copies of a conversation's text: messages, files, inbox bodies, answers that wait (J7, S20).
  Erased forget(int64_t channelId, std::string_view conversation);
  // Everything a person said and was told in 1:1, oldest first, of every channel. Of a file name, type, size and path.
  struct Exported {
    std::string channel, conversation;
    StoredMessage message;
    std::optional<FileRow> file;
  };
  void exportPerson(std::string_view lineUserId, const std::function<void(const Exported&)>& each);
  // Every copy of that: messages, files, events' bodies, kept answers, conversations, the profile. Who may do
  // what stays, so that a blocked person stays blocked.
  Erased erasePerson(std::string_view lineUserId);
  // Drops messages older than that, at most `rows`. True when there may be more.
  bool purge(int64_t olderThanMs, int64_t rows);
  uint64_t count();

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
