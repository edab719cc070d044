#include "tools/linesim/Identity.h"

#include "base/Encoding.h"
#include "base/Hash.h"

namespace tsunagi::linesim {
namespace {

std::string idOf(char letter, std::string_view kind, std::string_view name) {
  return letter + toHex(sha256(std::string(kind) + ":" + std::string(name))).substr(0, 32);
}

}  // namespace

std::string userIdOf(std::string_view name) { return idOf('U', "user", name); }
std::string groupIdOf(std::string_view name) { return idOf('C', "group", name); }
std::string roomIdOf(std::string_view name) { return idOf('R', "room", name); }

}  // namespace tsunagi::linesim
