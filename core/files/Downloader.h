#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/Clock.h"
#include "files/DownloadBudget.h"
#include "files/FileSettings.h"
#include "files/Spool.h"
#include "files/Troubles.h"
#include "line/ContentDownload.h"
#include "store/Tables.h"

namespace tsunagi::files {

// What files need to know of the bridge's settings. [any thread]
struct FileHooks {
  // Null: the channel has no access token now.
  std::function<std::shared_ptr<const line::ContentDownload>(const std::string& channel)> source;
  std::function<int(int64_t wallMs)> offsetMinutes;  // of the owner's time zone, for months and days
};

// Why a file waits or is not to be had, as its row keeps it.
namespace reason {
constexpr std::string_view PREPARING = "preparing";      // LINE is not ready; tried again
constexpr std::string_view UNREACHABLE = "unreachable";  // LINE or the way to it failed; tried again
constexpr std::string_view NO_TOKEN = "no token";        // of the channel; tried again
constexpr std::string_view NO_ROOM = "no room";          // disk or total limit; tried again
constexpr std::string_view TOO_BIG = "too big";          // final, as all that follow
constexpr std::string_view BUDGET = "budget";            // of the person or group, for today
constexpr std::string_view GONE = "gone";                // taken back, or deleted by LINE
constexpr std::string_view REFUSED = "refused";          // LINE cannot prepare it, or gives it to nobody
constexpr std::string_view GAVE_UP = "gave up";          // tried too often
constexpr std::string_view LOST = "lost";                // it left the spool folder without us
}  // namespace reason

// Where a file goes in the files folder, relative to it: "<channel>/2026-11/12.jpg", or below the folder of the group's
// project. mimeType decides the extension, by our own table (S10).
std::string targetOf(const store::FetchJob& job, std::string_view mimeType, int offsetMinutes);

// One attempt after the other to bring a file from LINE to the spool. Each ends with a committed state: downloaded, to
// be tried again at some time, or not to be had. Thread-safe; blocks for LINE's time; throws sql::SqlError, and then
// the row is as it was.
class Downloader {
 public:
  static constexpr int64_t MAX_PREPARING = 60;         // questions whether LINE is ready: half an hour
  static constexpr int64_t MAX_ATTEMPTS = 300;         // about a day
  static constexpr int64_t LONGEST_WAIT_MS = 300'000;  // between two attempts

  // All outlive this.
  Downloader(store::Tables& tables, const Spool& spool, const Clock& clock, Troubles& troubles, FileHooks hooks);

  // cancel: an attempt that is cancelled leaves the row as it was.
  void attempt(const store::FetchJob& job, const FileSettings& settings, net::CancelToken& cancel);

 private:
  struct Room {
    uint64_t bytes = 0;
    std::string_view limit;  // the reason when the content is larger
  };
  bool findRoom(const store::FetchJob& job, const FileSettings& settings, Room& room);
  bool isReady(const store::FetchJob& job, const line::ContentDownload& source, net::CancelToken& cancel);
  void take(const store::FetchJob& job, const Room& room, const line::ContentDownload& source,
            net::CancelToken& cancel);
  void keep(const store::FetchJob& job, const line::ContentResult& content, const UniqueFd& file);
  void again(const store::FetchJob& job, std::string_view why, int64_t firstMs, int64_t longestMs, int64_t attempts);
  void wait(const store::FetchJob& job, std::string_view why);
  void giveUp(const store::FetchJob& job, std::string_view why, const std::string& detail);
  int64_t today() const;

  store::Tables& _tables;
  const Spool& _spool;
  const Clock& _clock;
  Troubles& _troubles;
  const FileHooks _hooks;
  DownloadBudget _budget;
};

}  // namespace tsunagi::files
