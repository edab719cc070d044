#include "relay/app/TokenFile.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ErrnoText.h"

namespace tsunagi::relay {

Result<TokenFile> TokenFile::create(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd) return TokenFile(path, std::move(fd));
  if (errno == EEXIST) return Error{"token file " + path + " exists already and is not overwritten; name another one"};
  return Error{"token file " + path + " cannot be made: " + errnoText(errno)};
}

TokenFile::~TokenFile() {
  if (_fd) ::unlink(_path.c_str());
}

Status TokenFile::write(std::string_view token) {
  const std::string line = std::string(token) + "\n";
  if (::write(_fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) || ::fsync(_fd.get()) != 0)
    return Error{"token file " + _path + " cannot be written: " + errnoText(errno)};
  _fd.reset();
  return {};
}

}  // namespace tsunagi::relay
