#include "files/Downloader.h"

#include <Poco/Logger.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/LogEscape.h"
#include "line/MediaTypes.h"
#include "net/CancelToken.h"

namespace tsunagi::files {
namespace {

using Kind = line::ContentResult::Kind;

constexpr int64_t DAY_MS = 24 * 3'600'000LL;
constexpr int64_t LONGEST_DOWNLOAD_MS = 1'800'000;
constexpr const char* ROOM = "room for files";

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("files");
  return instance;
}

// A channel's section as a folder: "line.shop".
std::string folderOf(const std::string& channel) {
  std::string name;
  for (const char c : channel) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || (c == '.' && !name.empty());
    name += plain ? c : '_';
  }
  return name.empty() ? "_" : name;
}

std::string monthOf(int64_t wallMs, int offsetMinutes) {
  const auto seconds = static_cast<std::time_t>(wallMs / 1000 + offsetMinutes * 60LL);
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "0000-00";
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m", &parts));
}

std::string label(const store::FetchJob& job) { return "file " + std::to_string(job.id) + " (" + job.kind + ")"; }

std::string mebibytes(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

std::string targetOf(const store::FetchJob& job, std::string_view mimeType, int offsetMinutes) {
  const std::string file = std::to_string(job.id) + "." + std::string(line::extensionOf(mimeType));
  if (Folder::isPlainPath(job.projectFolder)) return job.projectFolder + "/" + file;
  return folderOf(job.channel) + "/" + monthOf(job.createdMs, offsetMinutes) + "/" + file;
}

Downloader::Downloader(store::Tables& tables, const Spool& spool, const Clock& clock, Troubles& troubles,
                       FileHooks hooks)
    : _tables(tables),
      _spool(spool),
      _clock(clock),
      _troubles(troubles),
      _hooks(std::move(hooks)),
      _budget(tables.meters) {}

int64_t Downloader::today() const {
  const int64_t now = _clock.wallMs();
  return (now + _hooks.offsetMinutes(now) * 60'000LL) / DAY_MS;
}

void Downloader::attempt(const store::FetchJob& job, const FileSettings& settings, net::CancelToken& cancel) {
  const auto source = _hooks.source(job.channel);
  if (source == nullptr) return wait(job, reason::NO_TOKEN);
  Room room;
  if (!findRoom(job, settings, room)) return;
  if (job.reason == reason::PREPARING && !isReady(job, *source, cancel)) return;
  take(job, room, *source, cancel);
}

// How much may come now; otherwise says what becomes of the file.
bool Downloader::findRoom(const store::FetchJob& job, const FileSettings& settings, Room& room) {
  room = {settings.maxFile > 0 ? settings.maxFile : UINT64_MAX, reason::TOO_BIG};
  const auto narrow = [&](uint64_t bytes, std::string_view limit) {
    if (bytes < room.bytes) room = {bytes, limit};
  };
  if (const auto left = _budget.left(job, settings, today())) narrow(*left, reason::BUDGET);
  if (settings.maxTotal > 0) {
    const uint64_t kept = _tables.files.bytes();
    narrow(settings.maxTotal - std::min(settings.maxTotal, kept), reason::NO_ROOM);
  }
  if (const int64_t free = _spool.folder().freeBytes(); free >= 0 && settings.minFree > 0) {
    const auto bytes = static_cast<uint64_t>(free);
    narrow(bytes - std::min(bytes, settings.minFree), reason::NO_ROOM);
  }
  const auto least = static_cast<uint64_t>(std::max<int64_t>(job.announcedSize.value_or(1), 1));
  if (least <= room.bytes) {
    if (room.limit != reason::NO_ROOM) _troubles.end(ROOM);
    return true;
  }
  if (room.limit != reason::NO_ROOM) {
    giveUp(job, room.limit, "its " + mebibytes(least) + " are more than the limits of [files]");
    return false;
  }
  _troubles.begin(ROOM, "no room for more files: raise [files] max_total, or free space where spool_dir is (" +
                            _spool.folder().path() + ", min_free " + mebibytes(settings.minFree) +
                            "); files wait meanwhile, and LINE keeps them for a limited time");
  wait(job, reason::NO_ROOM);
  return false;
}

bool Downloader::isReady(const store::FetchJob& job, const line::ContentDownload& source, net::CancelToken& cancel) {
  using State = line::TranscodingResult::State;
  const line::TranscodingResult result = source.transcoding(job.messageId, &cancel);
  if (cancel.isCancelled()) return false;
  if (result.state == State::Processing) {
    again(job, reason::PREPARING, 500, 30'000, MAX_PREPARING);
    return false;
  }
  if (result.state == State::Failed) {
    giveUp(job, reason::REFUSED, "LINE could not prepare it");
    return false;
  }
  return true;  // also when LINE did not tell: the content's own answer does
}

void Downloader::take(const store::FetchJob& job, const Room& room, const line::ContentDownload& source,
                      net::CancelToken& cancel) {
  UniqueFd file;
  if (const auto error = _spool.begin(job.id, file)) {
    _troubles.begin(ROOM, "files cannot be written to " + _spool.folder().path() + ": " + error.message());
    return wait(job, reason::NO_ROOM);
  }
  line::ContentLimits limits;
  limits.maxBytes = room.bytes;
  limits.totalMs = LONGEST_DOWNLOAD_MS;
  const line::ContentResult content = source.fetch(job.messageId, file.get(), limits, &cancel);
  _budget.count(job, today(), content.size);
  switch (content.kind) {
    case Kind::Done:
      return keep(job, content, file);
    case Kind::Cancelled:
      return;
    case Kind::NotReady:
      return again(job, reason::PREPARING, 500, 30'000, MAX_PREPARING);
    case Kind::NotFound:
    case Kind::Gone:
      return giveUp(job, reason::GONE, content.detail);
    case Kind::TooBig:
      if (room.limit == reason::NO_ROOM) return wait(job, reason::NO_ROOM);
      return giveUp(job, room.limit, content.detail);
    case Kind::DiskFailed:
      _troubles.begin(ROOM, "files cannot be written to " + _spool.folder().path() + ": " + content.detail);
      static_cast<void>(_spool.remove(job.id));
      return wait(job, reason::NO_ROOM);
    case Kind::Unauthorized:
      return wait(job, reason::NO_TOKEN);
    case Kind::Refused:
      return giveUp(job, reason::REFUSED, content.detail);
    case Kind::RateLimited:
    case Kind::Unfinished:
      break;
  }
  logger().debug("%s: %s", label(job), content.detail);
  again(job, reason::UNREACHABLE, 1'000, LONGEST_WAIT_MS, MAX_ATTEMPTS);
}

void Downloader::keep(const store::FetchJob& job, const line::ContentResult& content, const UniqueFd& file) {
  if (::fsync(file.get()) != 0 || _spool.folder().syncParentOf(Spool::nameOf(job.id))) {
    _troubles.begin(
        ROOM, "files cannot be written to " + _spool.folder().path() + ": " + std::generic_category().message(errno));
    return wait(job, reason::NO_ROOM);
  }
  store::Files::Download download;
  download.size = static_cast<int64_t>(content.size);
  download.mimeType = content.contentType;
  download.sha256 = content.sha256;
  download.target = targetOf(job, content.contentType, _hooks.offsetMinutes(job.createdMs));
  if (!_tables.files.spooled(job.id, download)) {
    static_cast<void>(_spool.remove(job.id));  // taken back meanwhile
    return;
  }
  _troubles.end(ROOM);
  logger().debug("%s: %s bytes", label(job), std::to_string(content.size));
}

void Downloader::again(const store::FetchJob& job, std::string_view why, int64_t firstMs, int64_t longestMs,
                       int64_t attempts) {
  if (job.attempts + 1 >= attempts)
    return giveUp(job, reason::GAVE_UP, "after " + std::to_string(attempts) + " attempts: " + std::string(why));
  const int64_t delay = std::min(longestMs, firstMs << std::min<int64_t>(job.attempts, 20));
  _tables.files.postpone(job.id, _clock.wallMs() + delay, why, true);
}

// For something that is not this file's fault: until it is mended, or LINE has surely deleted the content.
void Downloader::wait(const store::FetchJob& job, std::string_view why) {
  again(job, why, LONGEST_WAIT_MS, LONGEST_WAIT_MS, MAX_ATTEMPTS);
}

void Downloader::giveUp(const store::FetchJob& job, std::string_view why, const std::string& detail) {
  static_cast<void>(_spool.remove(job.id));
  if (_tables.files.fail(job.id, why))
    logger().information("%s is not kept, %s: %s", label(job), std::string(why), logEscape(detail, 300));
}

}  // namespace tsunagi::files
