#include "service/EndpointsFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/ErrnoText.h"
#include "base/UniqueFd.h"

namespace tsunagi::service {
namespace {

// Names and addresses are ours; still nothing may leave the string.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) result += c;
  }
  return result + "\"";
}

bool writeAll(int fd, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t put = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    at += static_cast<size_t>(put);
  }
  return true;
}

}  // namespace

Status writeFileAtomically(const std::string& path, const std::string& bytes, unsigned mode) {
  const auto failed = [&] { return Error{"cannot write " + path + ": " + errnoText(errno)}; };
  std::string temporary = path + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return failed();
  if (::fchmod(fd.get(), mode) != 0 || !writeAll(fd.get(), bytes) || ::fsync(fd.get()) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const Error error = failed();
    ::unlink(temporary.c_str());
    return error;
  }
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return failed();
  return {};
}

Status EndpointsFile::write(const std::string& path,
                            const std::vector<std::pair<std::string, std::string>>& endpoints) {
  std::string json = "{";
  for (const auto& [name, address] : endpoints)
    json += (json.size() > 1 ? "," : "") + quoted(name) + ":" + quoted(address);
  const Status status = writeFileAtomically(path, json + "}\n");
  if (status) _path = path;
  return status;
}

void EndpointsFile::remove() {
  if (!_path.empty()) ::unlink(_path.c_str());
  _path.clear();
}

}  // namespace tsunagi::service
