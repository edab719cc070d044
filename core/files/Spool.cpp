#include "files/Spool.h"

#include <fcntl.h>

#include <utility>

namespace tsunagi::files {

Result<std::unique_ptr<Spool>> Spool::open(const std::string& path) {
  auto lock = service::DataFolder::open(path);
  if (!lock) return Error{"[files] spool_dir: " + lock.error()};
  auto folder = Folder::open(path);
  if (!folder) return Error{"[files] spool_dir: " + folder.error()};
  return std::unique_ptr<Spool>(new Spool(std::move(*lock), std::move(*folder)));
}

std::string Spool::nameOf(int64_t fileId) { return std::to_string(fileId) + ".bin"; }

std::error_code Spool::begin(int64_t fileId, UniqueFd& file) const {
  if (const auto error = remove(fileId)) return error;
  return _folder.openFile(nameOf(fileId), O_WRONLY | O_CREAT | O_EXCL, 0600, file);
}

}  // namespace tsunagi::files
