#pragma once
#include <cstdint>
#include <string>

namespace tsunagi::service {

// The state of a file as far as a stat tells: enough to know that it may have changed. Follows symbolic links.
struct FileStamp {
  std::string path;
  bool exists = false;
  uint64_t device = 0, inode = 0;
  int64_t size = 0;
  int64_t modifiedNs = 0, changedNs = 0;
  // Looked at so soon after its last change that another change may leave the same stamp: never counts as unchanged.
  bool fresh = false;

  static FileStamp of(const std::string& path);
  bool unchangedSince(const FileStamp& earlier) const;
};

}  // namespace tsunagi::service
