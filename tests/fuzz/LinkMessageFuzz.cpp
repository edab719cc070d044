// Control messages and event frames of the link: never a crash, every decoded value within its limits, and what was
// decoded encodes to something that decodes to the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/Encoding.h"
#include "link/Messages.h"

using namespace tsunagi;
using namespace tsunagi::link;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Check {
  void operator()(const Hello& hello) const {
    require(hello.agent.size() <= 200 && hello.instance.size() <= 200);
    require(hello.windowEvents >= 1 && hello.windowEvents <= MAX_WINDOW_EVENTS);
    require(hello.windowBytes >= 1 && hello.windowBytes <= MAX_WINDOW_BYTES);
    require(!hello.position.epoch.empty() || hello.position.lastSeq == 0);
    same(hello);
  }
  void operator()(const Welcome& welcome) const {
    require(welcome.pingS >= MIN_PING_S && welcome.pingS <= MAX_PING_S);
    require(!welcome.epoch.empty() && welcome.resumeSeq >= 1);
    same(welcome);
  }
  void operator()(const Ack& ack) const {
    require(ack.seq >= 1);
    same(ack);
  }
  void operator()(const Nack& nack) const {
    for (char c : nack.reason) require(c >= ' ' && c <= '~');
    same(nack);
  }
  void operator()(const Goaway& goaway) const {
    require(goaway.jitterMs >= 0 && goaway.jitterMs <= MAX_JITTER_MS);
    same(goaway);
  }
  void operator()(const Resync& resync) const { same(resync); }
  void operator()(const Gap& gap) const {
    require(gap.range.from >= 1 && gap.range.from <= gap.range.to);
    same(gap);
  }
  void operator()(const StatusMessage& status) const { require(!encode(status).empty()); }
  void operator()(const UnknownMessage&) const {}

  template <typename T>
  static void same(const T& message) {
    const std::string text = encode(message);
    require(isValidUtf8(text));
    auto again = decode(text);
    require(again.ok() && std::holds_alternative<T>(*again));
    require(encode(std::get<T>(*again)) == text);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto message = decode(bytes)) std::visit(Check{}, *message);
  if (auto event = decodeEvent(bytes)) {
    require(event->head.seq >= 1 && event->head.ageMs >= 0);
    require(event->head.length == event->body.size());
    const std::string head = encodeEventHead(event->head);
    const std::string whole = head + std::string(event->body);
    auto again = decodeEvent(whole);
    // Escapes may make the head longer than a decoder takes.
    require(again.ok() || head.size() > MAX_EVENT_HEAD_BYTES);
    if (again) require(again->body == event->body && again->head.headers == event->head.headers);
  }
  return 0;
}
