#include "files/Troubles.h"

#include <Poco/Logger.h>

namespace tsunagi::files {
namespace {

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("files");
  return instance;
}

}  // namespace

void Troubles::begin(const std::string& cause, const std::string& text) {
  {
    const std::lock_guard lock(_mutex);
    std::string& known = _texts[cause];
    if (known == text) return;
    known = text;
  }
  logger().warning(text);
}

void Troubles::end(const std::string& cause) {
  {
    const std::lock_guard lock(_mutex);
    if (_texts.erase(cause) == 0) return;
  }
  logger().information("%s: all right again", cause);
}

std::vector<std::string> Troubles::list() const {
  const std::lock_guard lock(_mutex);
  std::vector<std::string> all;
  for (const auto& [cause, text] : _texts) all.push_back(text);
  return all;
}

}  // namespace tsunagi::files
