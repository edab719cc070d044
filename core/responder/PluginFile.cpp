#include "responder/PluginFile.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/LogEscape.h"

namespace tsunagi::responder {
namespace {

constexpr std::string_view kSuffix = ".so";

std::string errorText(int number) { return std::generic_category().message(number); }

std::string octal(mode_t mode) {
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3) digits += static_cast<char>('0' + ((mode >> shift) & 7));
  return digits;
}

Status checkOwner(const std::string& what, const std::string& path, const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return Error{what + " " + path + " belongs to user id " + std::to_string(info.st_uid) +
                 ", not to root or the user of this program: its code could be replaced; chown it"};
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error{what + " " + path + " can be written by others (mode " + octal(info.st_mode) + "): run chmod go-w " +
                 path};
  return {};
}

std::string listOfInstalled(const std::string& folder) {
  const auto names = pluginNamesIn(folder);
  if (names.empty()) return "none is installed there";
  std::string list = "installed: ";
  for (const auto& name : names) list += (&name == &names.front() ? "" : ", ") + name;
  return list;
}

}  // namespace

bool isPluginName(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<UniqueFd> openPluginFile(const std::string& folder, const std::string& name) {
  if (!isPluginName(name))
    return Error{"plugin name \"" + logEscape(name, 64) +
                 "\" is not valid: 1 to 32 of a-z, 0-9, \"_\" and \"-\", without folder and \".so\""};
  const UniqueFd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Error{"plugin folder " + folder + " cannot be opened: " + errorText(errno)};
  struct stat info {};
  if (::fstat(dir.get(), &info) != 0) return Error{"plugin folder " + folder + ": " + errorText(errno)};
  if (const Status owner = checkOwner("plugin folder", folder, info); !owner.ok()) return Error{owner.error()};

  const std::string fileName = name + std::string(kSuffix);
  const std::string path = folder + "/" + fileName;
  UniqueFd file(::openat(dir.get(), fileName.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return Error{"no plugin \"" + name + "\" in " + folder + "; " + listOfInstalled(folder)};
    if (errno == ELOOP) return Error{"plugin file " + path + " is a symbolic link: put the file itself there"};
    return Error{"plugin file " + path + " cannot be opened: " + errorText(errno)};
  }
  if (::fstat(file.get(), &info) != 0) return Error{"plugin file " + path + ": " + errorText(errno)};
  if (!S_ISREG(info.st_mode)) return Error{"plugin file " + path + " is no plain file"};
  if (const Status owner = checkOwner("plugin file", path, info); !owner.ok()) return Error{owner.error()};
  std::array<char, 4> magic{};
  if (::pread(file.get(), magic.data(), magic.size(), 0) != static_cast<ssize_t>(magic.size()) ||
      std::memcmp(magic.data(),
                  "\x7f"
                  "ELF",
                  magic.size()) != 0)
    return Error{"plugin file " + path + " is not a shared library"};
  return file;
}

std::vector<std::string> pluginNamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()), &::closedir);
  while (dir != nullptr) {
    const dirent* entry = ::readdir(dir.get());  // NOLINT(concurrency-mt-unsafe): the stream is this call's own
    if (entry == nullptr) break;
    std::string_view file = entry->d_name;
    if (file.size() <= kSuffix.size() || file.substr(file.size() - kSuffix.size()) != kSuffix) continue;
    file.remove_suffix(kSuffix.size());
    if (isPluginName(file)) names.emplace_back(file);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tsunagi::responder
