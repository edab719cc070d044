#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/Encoding.h"
#include "tests/service/Talk.h"

namespace tsunagi::test {

// Talk with pictures, sounds, videos and files.
class Media : public Talk {
 public:
  explicit Media(Options options = {}) : Talk(std::move(options)) {}

  // A message of that kind with those bytes; gives the webhookEventId.
  std::string sendContent(const std::string& user, const std::string& kind, const std::string& type,
                          const std::string& bytes, nlohmann::json more = nlohmann::json::object()) {
    nlohmann::json event{{"user", user}, {"message", {{"type", kind}}}};
    event["content"] = {{"type", type}, {"base64", toBase64(bytes)}};
    event.merge_patch(more);
    return happen(event);
  }
  // As many as wanted are in that state of /status: waiting, spooled, stored, failed, to_remove.
  void awaitFiles(const std::string& state, int wanted) {
    nlohmann::json files;
    const bool there = eventually([&] {
      files = bridgeStatus().at("files");
      return files.at(state) == wanted;
    });
    if (!there) throw std::runtime_error("no " + std::to_string(wanted) + " files " + state + ": " + files.dump());
  }
  // Relative to the files folder, sorted.
  std::vector<std::string> filesIn(const std::string& root) const {
    std::vector<std::string> all;
    if (!std::filesystem::exists(root)) return all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file()) all.push_back(std::filesystem::relative(entry.path(), root).string());
    std::sort(all.begin(), all.end());
    return all;
  }
  std::string root() const { return folder.file("bridge/files"); }
  std::string spool() const { return folder.file("bridge/spool"); }
  // What is in the spool but its lock.
  std::vector<std::string> spooled() const {
    auto all = filesIn(spool());
    all.erase(std::remove(all.begin(), all.end(), "lock"), all.end());
    return all;
  }
  static mode_t modeOf(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }
  // A cell of the file of a message.
  std::string ofFile(const std::string& column, const std::string& eventId) {
    return lookUp("SELECT f." + column + " FROM line_files f JOIN line_messages m ON m.id=f.message_id WHERE " +
                  "m.message_id='" + messageIdOf(eventId) + "'");
  }
};

// Bytes that differ from place to place, so that a shifted or doubled part is seen; the same for every call.
inline std::string noise(size_t size) {
  std::string bytes;
  uint64_t state = 88'172'645'463'325'252ULL;
  while (bytes.size() < size) {
    state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    bytes += static_cast<char>(state >> 56);
  }
  return bytes;
}
// Beginnings of files that say their type, and something behind.
inline std::string jpeg(const std::string& body) { return "\xFF\xD8\xFF\xE0" + body; }
inline std::string png(const std::string& body) { return "\x89PNG\r\n\x1A\n" + body; }

}  // namespace tsunagi::test
