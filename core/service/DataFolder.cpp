#include "service/DataFolder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/ErrnoText.h"

namespace tsunagi::service {
namespace {

// "process 1234 (tsunagi-relay)" for who wrote its pid into the lock file, as far as that can be told.
std::string holder(int lock) {
  char buffer[32];
  const ssize_t got = ::pread(lock, buffer, sizeof buffer - 1, 0);
  std::string pid;
  for (ssize_t i = 0; i < got && buffer[i] >= '0' && buffer[i] <= '9'; ++i) pid += buffer[i];
  if (pid.empty()) return "another process";
  char name[64];
  const UniqueFd comm(::open(("/proc/" + pid + "/comm").c_str(), O_RDONLY | O_CLOEXEC));
  ssize_t length = comm ? ::read(comm.get(), name, sizeof name) : 0;
  while (length > 0 && name[length - 1] == '\n') --length;
  return "process " + pid + (length > 0 ? " (" + std::string(name, static_cast<size_t>(length)) + ")" : "");
}

// Whether nothing is in the folder but what this program keeps there, as its lock shows: then its mode is ours to set.
bool isOursOrEmpty(const std::string& path) {
  struct stat info {};
  if (::lstat((path + "/lock").c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid()) return true;
  std::error_code error;
  const bool empty = std::filesystem::is_empty(path, error);
  return !error && empty;
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::string& path) {
  const std::string what = "data folder " + path;
  const auto reason = [] { return errnoText(errno); };
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{what + " cannot be made: " + reason() + "; make it, or name another one"};
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Error{what + " cannot be used: " + reason()};
  if (!S_ISDIR(info.st_mode)) return Error{what + " is not a folder"};
  const std::string user = std::to_string(::geteuid());
  if (info.st_uid != ::geteuid())
    return Error{what + " belongs to user " + std::to_string(info.st_uid) + ", this program runs as user " + user +
                 "; run: chown " + user + " " + path};
  if ((info.st_mode & 077) != 0 && (!isOursOrEmpty(path) || ::chmod(path.c_str(), 0700) != 0))
    return Error{what + " is open to other users and holds other files; name a folder of its own, or run: chmod 700 " +
                 path};

  UniqueFd lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return Error{what + " cannot be written: " + reason()};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Error{what + " cannot be locked: " + reason()};
    return Error{what + " is in use by " + holder(lock.get()) + "; stop it first, or name another folder"};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return Error{what + " cannot be written: " + reason()};
  return DataFolder(path, std::move(lock));
}

bool DataFolder::isHeld(const std::string& path) {
  const UniqueFd lock(::open((path + "/lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return lock && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

int64_t DataFolder::freeBytes() const {
  struct statvfs info {};
  if (::statvfs(_path.c_str(), &info) != 0) return -1;
  return static_cast<int64_t>(info.f_bavail) * static_cast<int64_t>(info.f_frsize);
}

}  // namespace tsunagi::service
