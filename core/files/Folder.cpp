#include "files/Folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tsunagi::files {
namespace {

constexpr size_t MAX_COMPONENT = 255;
constexpr int RACES = 16;  // openat2 gives up with EAGAIN when something was renamed meanwhile

std::error_code lastError() { return {errno, std::generic_category()}; }
std::error_code notPlain() { return std::make_error_code(std::errc::invalid_argument); }

std::string parentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}
std::string leafOf(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

// -1 and errno; ENOSYS also where a filter of system calls hides it.
int openBeneath(int folder, const char* path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  for (int race = 0;; ++race) {
    const auto fd = static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof how));
    if (fd >= 0 || race == RACES || (errno != EAGAIN && errno != EINTR)) return fd;
  }
}

}  // namespace

Result<Folder> Folder::open(const std::string& path, Walk walk) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return Error{"the folder " + path + " cannot be opened: " + lastError().message()};
  return Folder(path, std::move(fd), walk);
}

bool Folder::isPlainPath(std::string_view path) {
  if (path.empty()) return false;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    if (component.empty() || component == "." || component == ".." || component.size() > MAX_COMPONENT) return false;
    begin = end + 1;
  }
  for (const char c : path)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  return true;
}

std::error_code Folder::openBelow(const std::string& path, int flags, mode_t mode, UniqueFd& out) const {
  flags |= O_CLOEXEC | O_NOFOLLOW;
  if (_walk == Walk::AtOnce) {
    out.reset(openBeneath(_fd.get(), path.c_str(), flags, mode));
    if (out) return {};
    if (errno != ENOSYS && errno != EPERM) return lastError();
  }
  int folder = _fd.get();
  UniqueFd held;
  for (size_t begin = 0;;) {
    const size_t end = path.find('/', begin);
    if (end == std::string::npos) {
      out.reset(::openat(folder, path.c_str() + begin, flags, mode));
      return out ? std::error_code() : lastError();
    }
    UniqueFd next(
        ::openat(folder, path.substr(begin, end - begin).c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return lastError();
    held = std::move(next);
    folder = held.get();
    begin = end + 1;
  }
}

std::error_code Folder::openParent(std::string_view path, int flags, UniqueFd& out) const {
  if (!isPlainPath(path)) return notPlain();
  const std::string parent = parentOf(path);
  if (!parent.empty()) return openBelow(parent, flags | O_DIRECTORY, 0, out);
  out.reset(::openat(_fd.get(), ".", flags | O_DIRECTORY | O_CLOEXEC));
  return out ? std::error_code() : lastError();
}

std::error_code Folder::openFile(std::string_view path, int flags, mode_t mode, UniqueFd& file) const {
  return isPlainPath(path) ? openBelow(std::string(path), flags, mode, file) : notPlain();
}

std::error_code Folder::makeFolders(std::string_view path) const {
  if (!isPlainPath(path)) return notPlain();
  for (size_t end = 0; end != path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string_view part = path.substr(0, end);
    UniqueFd parent;
    if (const auto error = openParent(part, O_PATH, parent)) return error;
    if (::mkdirat(parent.get(), leafOf(part).c_str(), 0750) != 0) {
      if (errno != EEXIST) return lastError();
      continue;
    }
    // Whatever the umask is; a file system without modes may refuse.
    [[maybe_unused]] const int refused = ::fchmodat(parent.get(), leafOf(part).c_str(), 0750, 0);
    if (const auto error = syncParentOf(part)) return error;
  }
  return {};
}

std::error_code Folder::remove(std::string_view path) const {
  UniqueFd parent;
  if (const auto error = openParent(path, O_PATH, parent))
    return error == std::errc::no_such_file_or_directory ? std::error_code() : error;
  if (::unlinkat(parent.get(), leafOf(path).c_str(), 0) == 0 || errno == ENOENT) return {};
  return lastError();
}

std::error_code Folder::sizeOf(std::string_view path, uint64_t& size) const {
  UniqueFd file;
  if (const auto error = openFile(path, O_PATH, 0, file)) return error;
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return lastError();
  if (!S_ISREG(info.st_mode)) return notPlain();
  size = static_cast<uint64_t>(info.st_size);
  return {};
}

std::error_code Folder::rename(std::string_view from, const Folder& toFolder, std::string_view to) const {
  UniqueFd source, target;
  if (const auto error = openParent(from, O_PATH, source)) return error;
  if (const auto error = toFolder.openParent(to, O_PATH, target)) return error;
  return ::renameat(source.get(), leafOf(from).c_str(), target.get(), leafOf(to).c_str()) == 0 ? std::error_code()
                                                                                               : lastError();
}

std::error_code Folder::syncParentOf(std::string_view path) const {
  UniqueFd parent;
  if (const auto error = openParent(path, O_RDONLY, parent)) return error;
  // Some network file systems have no such call for folders.
  if (::fsync(parent.get()) == 0 || errno == EINVAL || errno == EBADF) return {};
  return lastError();
}

int64_t Folder::freeBytes() const {
  struct statvfs info {};
  if (::fstatvfs(_fd.get(), &info) != 0) return -1;
  return static_cast<int64_t>(info.f_bavail) * static_cast<int64_t>(info.f_frsize);
}

}  // namespace tsunagi::files
