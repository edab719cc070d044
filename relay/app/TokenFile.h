#pragma once
#include <string>
#include <string_view>

#include "base/Result.h"
#include "base/UniqueFd.h"

namespace tsunagi::relay {

// A new file (0600) for a token that is about to be issued. Made before the token, never over an existing file, and
// removed again unless write() worked, so that no token is lost for want of a place.
class TokenFile {
 public:
  static Result<TokenFile> create(const std::string& path);
  TokenFile(TokenFile&&) noexcept = default;
  ~TokenFile();
  Status write(std::string_view token);  // with a line end, synced

 private:
  TokenFile(std::string path, UniqueFd fd) : _path(std::move(path)), _fd(std::move(fd)) {}
  std::string _path;
  UniqueFd _fd;
};

}  // namespace tsunagi::relay
