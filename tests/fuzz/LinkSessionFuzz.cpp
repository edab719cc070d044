// Both state machines under a hostile peer and any order of inputs. The input is a list of steps, one per line; the
// first byte of a line says what happens, the rest is the message. Whatever comes: no crash, nothing acknowledged that
// was not committed, nothing delivered out of order, nothing sent after the end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "link/BridgeSession.h"
#include "link/RelaySession.h"

using namespace tsunagi;
using namespace tsunagi::link;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

uint64_t digits(std::string_view text) {
  uint64_t number = 0;
  for (char c : text.substr(0, 6)) {
    if (c < '0' || c > '9') break;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number;
}

class Relay {
 public:
  void step(char what, std::string_view rest, int64_t now) {
    RelaySession::Outputs out;
    const bool wasClosed = _session.closed();
    switch (what) {
      case 't':
        _session.onText(rest, now, out);
        break;
      case 'b':
        _session.onBinary(now, out);
        break;
      case 'r':
        _session.onResumed({"epoch", rest.size() % 2 == 1, digits(rest) + 1, std::nullopt}, now, 0, out);
        break;
      case 'e':
        give(rest, now, out);
        break;
      case 'f':
        _session.onFetchFailed(now);
        break;
      case 's':
        _session.onStored(now, out);
        break;
      case 'd':
        _session.onDrained(now, out);
        break;
      case 'g':
        _session.goaway(Goaway{std::string(rest), 5, ""}, out);
        break;
      case 'h':
        _session.onHeard(now);
        break;
      default:
        _session.tick(now, out);
    }
    if (wasClosed) require(out.empty());
    for (const auto& output : out) check(output);
  }

 private:
  void give(std::string_view rest, int64_t now, RelaySession::Outputs& out) {
    std::vector<QueuedEvent> events;
    for (size_t i = 0; i < rest.size() && i < 20; ++i) {
      QueuedEvent event;
      event.seq = _next += 1 + static_cast<uint64_t>(rest[i] == 'x');
      event.id = "id";
      event.attempts = static_cast<uint32_t>(rest[i]) % 5;
      event.body.assign(static_cast<size_t>(static_cast<unsigned char>(rest[i])) * 50, 'b');
      events.push_back(std::move(event));
    }
    _session.onEvents(std::move(events), rest.size() % 3 == 0, now, out);
  }
  void check(const RelaySession::Output& output) {
    if (auto* event = std::get_if<RelaySession::SendEvent>(&output)) {
      auto view = decodeEvent(event->head + event->body);
      require(view.ok() && view->head.seq > _lastSent);
      _lastSent = view->head.seq;
    } else if (auto* ack = std::get_if<RelaySession::Acknowledge>(&output)) {
      require(ack->seq <= _session.sentUpTo());
    } else if (auto* bury = std::get_if<RelaySession::Bury>(&output)) {
      require(bury->seq <= _lastSent);
    }
  }

  RelaySessionOptions _options{"unit", "node", 8, 4'000, 20};
  RelaySession _session{_options, 0};
  uint64_t _next = 0;
  uint64_t _lastSent = 0;
};

class Bridge {
 public:
  void step(char what, std::string_view rest, int64_t now) {
    BridgeSession::Outputs out;
    const bool wasClosed = _session.closed();
    switch (what) {
      case 't':
        _session.onText(rest, now, 0, out);
        break;
      case 'b':
      case 'e': {
        std::string message(rest);
        std::replace(message.begin(), message.end(), '|', '\n');
        _session.onBinary(message, now, out);
        break;
      }
      case 'c':
        _committed = std::max(_committed, std::min(digits(rest), _delivered));
        _session.committed(_session.epoch(), _committed, now, out);
        break;
      case 'n':
        _session.refuse(_session.epoch(), digits(rest), NackCode::TooBig, std::string(rest), out);
        break;
      case 'o':
        _session.onOpen(now, out);
        break;
      case 'h':
        _session.onHeard(now);
        break;
      case 'p':
        _session.probe(now, out);
        break;
      case 'm':
        _session.noteHandedOver("epoch", digits(rest));
        break;
      case 'j':
        _session.status(std::string(rest), out);
        break;
      default:
        _session.tick(now, out);
    }
    if (wasClosed) require(out.empty());
    for (const auto& output : out) check(output);
  }

 private:
  void check(const BridgeSession::Output& output) {
    if (auto* event = std::get_if<BridgeSession::Deliver>(&output)) {
      require(event->event.seq > _delivered);
      _delivered = event->event.seq;
    } else if (auto* text = std::get_if<BridgeSession::SendText>(&output)) {
      auto message = decode(text->text);
      require(message.ok());
      if (auto* ack = std::get_if<Ack>(&*message)) require(ack->seq <= _committed);
    }
  }

  BridgeSession _session{[] {
                           BridgeSessionOptions options;
                           options.windowEvents = 8;
                           options.windowBytes = 4'000;
                           return options;
                         }(),
                         LinkPosition{"epoch", 2, "id2"}, 0};
  uint64_t _delivered = 0;
  uint64_t _committed = 2;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Relay relay;
  Bridge bridge;
  int64_t now = 0;
  bool toRelay = false;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) continue;
    if (line[0] == 'R' || line[0] == 'B') {
      toRelay = line[0] == 'R';
    } else if (line[0] == '+') {
      now += static_cast<int64_t>(digits(line.substr(1)));
    } else if (toRelay) {
      relay.step(line[0], line.substr(1), now);
    } else {
      bridge.step(line[0], line.substr(1), now);
    }
  }
  return 0;
}
