#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "files/FileSettings.h"
#include "store/Files.h"
#include "store/Meters.h"

namespace tsunagi::files {

// How many bytes were downloaded for a person and for a group today (S22). Kept apart from the files, so that taking a
// picture back gives no new budget. A download counts when it ends: those under way at the same time may go over it
// together. Thread-safe; throws sql::SqlError.
class DownloadBudget {
 public:
  explicit DownloadBudget(store::Meters& meters);  // outlives this

  // What the sender and the chat of that file may still take today; nothing: no limit. day: any count of days.
  std::optional<uint64_t> left(const store::FetchJob& job, const FileSettings& settings, int64_t day);
  void count(const store::FetchJob& job, int64_t day, uint64_t bytes);

 private:
  uint64_t used(const std::string& name, int64_t day);

  store::Meters& _meters;
  std::mutex _mutex;
};

}  // namespace tsunagi::files
