#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/Result.h"

namespace tsunagi::service {

// Writes bytes to path so that a reader sees the old or the new file, never a part: temporary file beside it, fsync,
// rename, fsync of the folder.
Status writeFileAtomically(const std::string& path, const std::string& bytes, unsigned mode = 0600);

// Where a program really listens, for those who started it with port 0: {"http":"127.0.0.1:40123", ...}, mode 0600,
// removed when the object goes.
class EndpointsFile {
 public:
  EndpointsFile() = default;
  EndpointsFile(const EndpointsFile&) = delete;
  EndpointsFile& operator=(const EndpointsFile&) = delete;
  ~EndpointsFile() { remove(); }
  Status write(const std::string& path, const std::vector<std::pair<std::string, std::string>>& endpoints);
  void remove();

 private:
  std::string _path;
};

}  // namespace tsunagi::service
