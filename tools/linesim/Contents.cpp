#include "tools/linesim/Contents.h"

#include <utility>

namespace tsunagi::linesim {

// A xorshift sequence from a fixed start.
std::string Contents::generate(size_t size) {
  std::string bytes;
  bytes.reserve(size + 8);
  uint64_t state = 0x2545F4914F6CDD1DULL;
  while (bytes.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(state >> shift);
  }
  bytes.resize(size);
  return bytes;
}

Status Contents::add(const std::string& messageId, Content content) {
  if (content.bytes->size() > MAX_BYTES) return Error{"content may have at most 64 MiB"};
  if (_byMessage.size() >= MAX_COUNT || content.bytes->size() > MAX_TOTAL - _total)
    return Error{"there is too much content; start the simulator anew"};
  _total += content.bytes->size();
  _byMessage.emplace(messageId, std::move(content));
  return {};
}

Content* Contents::find(const std::string& messageId) {
  const auto found = _byMessage.find(messageId);
  return found == _byMessage.end() ? nullptr : &found->second;
}

const Content* Contents::find(const std::string& messageId) const {
  const auto found = _byMessage.find(messageId);
  return found == _byMessage.end() ? nullptr : &found->second;
}

void Contents::makeGone(const std::string& messageId) {
  Content* const content = find(messageId);
  if (!content || content->gone) return;
  content->gone = true;
  _total -= content->bytes->size();
  content->bytes = std::make_shared<const std::string>();
}

}  // namespace tsunagi::linesim
