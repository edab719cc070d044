#include "service/FileStamp.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>

namespace tsunagi::service {
namespace {

// File systems stamp with the tick of the kernel's coarse clock, at most 10 ms; some network ones with 2 s.
constexpr int64_t FRESH_NS = 2'100'000'000;

int64_t nanoseconds(const timespec& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

}  // namespace

FileStamp FileStamp::of(const std::string& path) {
  FileStamp stamp;
  stamp.path = path;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return stamp;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  stamp.exists = true;
  stamp.device = info.st_dev;
  stamp.inode = info.st_ino;
  stamp.size = info.st_size;
  stamp.modifiedNs = nanoseconds(info.st_mtim);
  stamp.changedNs = nanoseconds(info.st_ctim);
  stamp.fresh = nanoseconds(now) - std::max(stamp.modifiedNs, stamp.changedNs) < FRESH_NS;
  return stamp;
}

bool FileStamp::unchangedSince(const FileStamp& earlier) const {
  if (!exists && !earlier.exists) return true;
  return !earlier.fresh && exists == earlier.exists && device == earlier.device && inode == earlier.inode &&
         size == earlier.size && modifiedNs == earlier.modifiedNs && changedNs == earlier.changedNs;
}

}  // namespace tsunagi::service
