#pragma once
#include <string>
#include <string_view>

#include "base/Result.h"
#include "base/SecretString.h"
#include "service/FileStamp.h"

namespace tsunagi::service {

// One secret in a file of its own (S26): at most 64 KiB, readable by its owner only, trailing line ends cut off.
struct SecretFile {
  enum class State { present, missing, bad };
  State state = State::missing;
  SecretString value;   // when present
  std::string problem;  // when missing or bad: what and what to do, without the content
  FileStamp stamp;

  static SecretFile read(const std::string& path);
};

// "$CREDENTIALS_DIRECTORY/name" -> the folder systemd gave to this process; other relative paths start at baseFolder.
std::string resolvePath(std::string_view path, const std::string& baseFolder);

// Whether group or others may read the file.
bool readableByOthers(const std::string& path);

}  // namespace tsunagi::service
