#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/Result.h"
#include "base/UniqueFd.h"

namespace tsunagi::files {

// A folder, what is below it, and nothing else (S10): paths are relative to it, of plain components, and a symbolic
// link on the way is an error. Asked of the kernel by openat2; a kernel without it is asked component by component.
// Every function blocks for the file system. Thread-safe.
class Folder {
 public:
  enum class Walk : uint8_t { AtOnce, ByComponent };  // ByComponent: as on a kernel without openat2
  // path itself is the operator's and may lead over links.
  static Result<Folder> open(const std::string& path, Walk walk = Walk::AtOnce);

  // Components between single slashes, none of them empty, "." or ".." or longer than 255 bytes; no control characters.
  static bool isPlainPath(std::string_view path);

  // flags as of open(2). A path that is not plain is EINVAL.
  std::error_code openFile(std::string_view path, int flags, mode_t mode, UniqueFd& file) const;
  std::error_code makeFolders(std::string_view path) const;  // those that are missing, with 0750
  std::error_code remove(std::string_view path) const;       // what is not there is no error
  std::error_code sizeOf(std::string_view path, uint64_t& size) const;
  // Within one file system; a file that is there is replaced.
  std::error_code rename(std::string_view from, const Folder& toFolder, std::string_view to) const;
  // What was made, renamed or removed in the folder that holds path stays so after a power cut.
  std::error_code syncParentOf(std::string_view path) const;
  int64_t freeBytes() const;  // for this user; -1 when it cannot be told
  const std::string& path() const { return _path; }

 private:
  Folder(std::string path, UniqueFd fd, Walk walk) : _path(std::move(path)), _fd(std::move(fd)), _walk(walk) {}
  std::error_code openBelow(const std::string& path, int flags, mode_t mode, UniqueFd& out) const;
  // The folder that holds path; "" is this one.
  std::error_code openParent(std::string_view path, int flags, UniqueFd& out) const;

  std::string _path;
  UniqueFd _fd;
  Walk _walk;
};

}  // namespace tsunagi::files
