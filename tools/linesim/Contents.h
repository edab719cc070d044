#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/Result.h"

namespace tsunagi::linesim {

// A message's image, video, audio or file as the data host serves it.
struct Content {
  std::string kind;  // the message's type
  std::string mimeType;
  std::shared_ptr<const std::string> bytes;
  uint64_t preparing = 0;  // so many questions are still answered "not ready"
  bool failed = false;     // its preparation ends in failure
  bool gone = false;       // unsent
};

// By message id. Capped in number and bytes; nothing is removed but the bytes of what was unsent. Not thread-safe.
class Contents {
 public:
  static constexpr size_t MAX_BYTES = 64 * 1024 * 1024;  // of one
  static constexpr size_t MAX_TOTAL = 512 * 1024 * 1024;
  static constexpr size_t MAX_COUNT = 100'000;

  // size bytes that differ from place to place, so that a shifted or doubled part is seen; the same for every call.
  static std::string generate(size_t size);

  Status add(const std::string& messageId, Content content);
  Content* find(const std::string& messageId);
  const Content* find(const std::string& messageId) const;
  void makeGone(const std::string& messageId);  // nothing happens when there is none

 private:
  std::unordered_map<std::string, Content> _byMessage;
  size_t _total = 0;
};

}  // namespace tsunagi::linesim
