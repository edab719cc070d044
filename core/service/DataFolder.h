#pragma once
#include <cstdint>
#include <string>

#include "base/Result.h"
#include "base/UniqueFd.h"

namespace tsunagi::service {

// The folder a program keeps its state in, held by one process at a time: made with 0700 if missing, checked to be ours
// and writable, closed to other users (refused when it is open to them and holds other things: it may be /tmp), locked
// by flock on "<path>/lock", which holds the pid. The lock goes with the object or the process.
class DataFolder {
 public:
  // The error says who holds the folder, or what to do about its owner or mode.
  static Result<DataFolder> open(const std::string& path);

  // Whether some process holds that folder now.
  static bool isHeld(const std::string& path);

  const std::string& path() const { return _path; }
  std::string file(const std::string& name) const { return _path + "/" + name; }
  int64_t freeBytes() const;  // for this user, on that file system; -1 when it cannot be told

 private:
  DataFolder(std::string path, UniqueFd lock) : _path(std::move(path)), _lock(std::move(lock)) {}
  std::string _path;
  UniqueFd _lock;
};

}  // namespace tsunagi::service
