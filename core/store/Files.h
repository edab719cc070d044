#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsunagi::store {

class StoreFile;

enum class FileState : uint8_t {
  Waiting,  // to be downloaded, or being downloaded
  Spooled,  // whole in the spool folder
  Stored,   // in the files folder
  Failed    // not to be had: the reason is final
};
std::string_view name(FileState state);  // "waiting", "spooled", "stored", "failed"

// The bytes of a message: a picture, a video, a sound, a file. Named by its own id, never by what a sender wrote.
struct FileRow {
  int64_t id = 0;
  FileState state = FileState::Waiting;
  std::string kind;                    // the message's type: "image", "video", "audio", "file"
  std::string fileName;                // as its sender wrote it: data, never part of a path
  std::string mimeType;                // as LINE told it; empty before the download
  std::string sha256;                  // hex
  std::string reason;                  // why it waits or failed
  std::string target;                  // where it goes in the files folder, relative; empty before the download
  std::optional<std::string> nasPath;  // the same once it is there (J17)
  std::optional<int64_t> size;         // bytes; before the download what LINE announced, if it did
  int64_t createdMs = 0;
};

// A download that is due, with all that it needs.
struct FetchJob {
  int64_t id = 0;
  std::string messageId;  // LINE's
  int64_t channelId = 0;
  std::string channel;  // its section's name
  std::string kind;
  std::optional<int64_t> announcedSize;
  int64_t attempts = 0;  // that failed
  std::string reason;    // of the last one
  std::optional<int64_t> personId, groupId;
  std::string projectFolder;  // of the group's project; empty: none
  int64_t createdMs = 0;
};

// Bytes that must go, wherever they are: their row is gone. Written by the store itself whenever a row leaves.
struct FileDrop {
  int64_t id = 0;
  int64_t fileId = 0;
  std::string target;  // as in FileRow
};

struct FileCounts {
  uint64_t waiting = 0, spooled = 0, stored = 0, failed = 0, dropping = 0;
  uint64_t bytes = 0;                                                                // spooled and stored
  uint64_t downloaded = 0, downloadedBytes = 0, moved = 0, gaveUp = 0, dropped = 0;  // since the store was made
};

// The files of messages. Rows are made with their message (NewMessage::file). Thread-safe; one transaction each; throws
// sql::SqlError.
class Files {
 public:
  explicit Files(StoreFile& file);  // outlives this

  std::optional<FileRow> find(int64_t id);
  std::optional<FileRow> ofMessage(int64_t channelId, std::string_view messageId);
  // The file of a message of which only the ids were kept; made when there is none yet. Nothing: no such message, or of
  // a kind without bytes.
  std::optional<FileRow> want(int64_t channelId, std::string_view messageId);

  // Pictures first. A time of the next attempt that lies further ahead than maxAheadMs counts as now: the clock went
  // back.
  std::vector<FetchJob> due(int64_t maxAheadMs, int64_t rows);
  std::optional<int64_t> nextDueMs();                                                // wall clock; nothing: none waits
  void postpone(int64_t id, int64_t untilMs, std::string_view reason, bool failed);  // failed: it counts as an attempt
  // Each false: the row is gone meanwhile, and with it the right to keep the bytes.
  bool fail(int64_t id, std::string_view reason);
  struct Download {
    int64_t size = 0;
    std::string mimeType, sha256, target;
  };
  bool spooled(int64_t id, const Download& download);
  void retryNow();                                     // what waits is due
  bool retarget(int64_t id, std::string_view target);  // another place in the files folder, while spooled
  bool stored(int64_t id);                             // it is at its target

  std::vector<FileRow> toMove(int64_t afterId, int64_t rows);
  std::vector<FileDrop> drops(int64_t afterId, int64_t rows);
  void finishDrop(int64_t id);

  // Drops rows of files older than that, at most `rows`; their messages stay. True when there may be more.
  bool purge(int64_t olderThanMs, int64_t rows);
  uint64_t bytes();  // spooled and stored
  FileCounts counts();

 private:
  StoreFile& _file;
};

}  // namespace tsunagi::store
