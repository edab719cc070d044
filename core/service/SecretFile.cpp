#include "service/SecretFile.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/Deferred.h"
#include "base/ErrnoText.h"
#include "base/UniqueFd.h"

namespace tsunagi::service {
namespace {

constexpr size_t MAX_SECRET = 64 * 1024;

// systemd grants its credentials by an access list, whose mask shows as group bits; their folder is closed to others.
bool isCredential(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && *folder == '/' && path.rfind(std::string(folder) + "/", 0) == 0;
}

}  // namespace

SecretFile SecretFile::read(const std::string& path) {
  SecretFile file;
  file.stamp = FileStamp::of(path);
  const auto bad = [&](const std::string& why) -> SecretFile& {
    file.state = State::bad;
    file.problem = why;
    return file;
  };
  // Not blocking: a named pipe in this place must not hold the program.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) {
    file.problem = path + " does not exist";
    return file;
  }
  if (!fd) return bad(path + " cannot be read: " + errnoText(errno));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return bad(path + " is not a file");
  if ((info.st_mode & (isCredential(path) ? 007 : 077)) != 0)
    return bad(path + " is open to other users; run: chmod 600 " + path);

  std::string bytes;
  const Deferred wipe([&] { OPENSSL_cleanse(bytes.data(), bytes.size()); });
  bytes.reserve(MAX_SECRET + 1);  // never moved, so that no copy stays behind
  bytes.resize(MAX_SECRET + 1);
  size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return bad(path + " cannot be read: " + errnoText(errno));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > MAX_SECRET) return bad(path + " is too large for a secret");
  while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) --length;
  if (length == 0) return bad(path + " is empty");
  for (size_t i = 0; i < length; ++i)
    if (static_cast<unsigned char>(bytes[i]) < 0x20 || bytes[i] == 0x7F)
      return bad(path + " holds a control character or more than one line");
  file.state = State::present;
  file.value = SecretString(bytes.substr(0, length));
  return file;
}

std::string resolvePath(std::string_view path, const std::string& baseFolder) {
  constexpr std::string_view credentials = "$CREDENTIALS_DIRECTORY/";
  if (path.empty() || path.front() == '/') return std::string(path);
  if (path.substr(0, credentials.size()) == credentials) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    // Without the variable the path stays as it is written and is reported as missing under that name.
    if (folder != nullptr && *folder == '/')
      return std::string(folder) + "/" + std::string(path.substr(credentials.size()));
    return std::string(path);
  }
  return baseFolder.empty() ? std::string(path) : baseFolder + "/" + std::string(path);
}

bool readableByOthers(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & 044) != 0;
}

}  // namespace tsunagi::service
