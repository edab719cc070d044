#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/Result.h"
#include "link/Resume.h"

namespace tsunagi::link {

// The messages of link version 1 (docs/link-protocol.md). Text frames hold one JSON object {"t": ...}; a binary frame
// is an event: one line of JSON, LF, the body's bytes. Decoders take anything, throw nothing, and clamp as S16 demands.

inline constexpr const char* SUBPROTOCOL = "tsunagi.v1";
inline constexpr size_t MAX_CONTROL_BYTES = 64 * 1024;           // a text frame
inline constexpr size_t MAX_EVENT_HEAD_BYTES = 64 * 1024;        // the line of an event
inline constexpr size_t MAX_EVENT_BODY_BYTES = 2 * 1024 * 1024;  // the relay's body cap may not be set higher
inline constexpr uint64_t MAX_WINDOW_EVENTS = 10'000;
inline constexpr uint64_t MAX_WINDOW_BYTES = 64ull * 1024 * 1024;
inline constexpr int64_t MIN_PING_S = 5;
inline constexpr int64_t MAX_PING_S = 120;
inline constexpr int64_t MAX_JITTER_MS = 60'000;

namespace close {
inline constexpr uint16_t NORMAL = 1000;
inline constexpr uint16_t RESTARTING = 1012;
inline constexpr uint16_t BAD_MESSAGE = 4400;
inline constexpr uint16_t TOKEN_EXPIRED = 4401;
inline constexpr uint16_t REVOKED = 4403;
inline constexpr uint16_t REPLACED = 4409;
inline constexpr uint16_t TOO_BIG = 4413;
inline constexpr uint16_t SLOW_DOWN = 4429;
}  // namespace close

struct Hello {
  std::string agent;  // at most 200 printable ASCII bytes each, cut and cleaned when decoded
  std::string version;
  std::string instance;
  ResumeRequest position;
  uint64_t windowEvents = 256;             // decoded: 1 .. MAX_WINDOW_EVENTS
  uint64_t windowBytes = 4 * 1024 * 1024;  // decoded: 1 .. MAX_WINDOW_BYTES
  std::vector<std::string> features;
};

struct Welcome {
  std::string unit;
  std::string node;
  std::string epoch;
  uint64_t resumeSeq = 1;
  int64_t nowMs = 0;  // the relay's wall clock
  uint64_t windowEvents = 256;
  uint64_t windowBytes = 4 * 1024 * 1024;
  int64_t pingS = 20;  // decoded: MIN_PING_S .. MAX_PING_S
  std::vector<std::string> features;
};

struct Ack {
  uint64_t seq = 0;
};

enum class NackCode { Unparsable, TooBig };
const char* nameOf(NackCode code);

struct Nack {
  uint64_t seq = 0;
  NackCode code = NackCode::Unparsable;
  std::string reason;  // cut and cleaned like agent
};

struct StatusMessage {
  std::string json;  // the object's text without "t", at most MAX_CONTROL_BYTES; content is data
};

struct Goaway {
  std::string reason;    // cut and cleaned like agent
  int64_t jitterMs = 0;  // decoded: 0 .. MAX_JITTER_MS
  std::string alt;       // wss URL of another relay or empty; to be followed only to allowed hosts (S16)
};

struct Resync {
  std::string epoch;
};

struct Gap {
  SeqRange range;  // 1 <= from <= to
};

// A message of a kind this version does not know. To be ignored.
struct UnknownMessage {};

using ControlMessage = std::variant<Hello, Welcome, Ack, Nack, StatusMessage, Goaway, Resync, Gap, UnknownMessage>;

// Bytes that are not UTF-8 become U+FFFD.
std::string encode(const Hello& message);
std::string encode(const Welcome& message);
std::string encode(const Ack& message);
std::string encode(const Nack& message);
// json must be an object, else nothing comes of it (an empty string).
std::string encode(const StatusMessage& message);
std::string encode(const Goaway& message);
std::string encode(const Resync& message);
std::string encode(const Gap& message);

// An error means that the peer broke the protocol: close 4400. Its text is safe to log and to send as a close reason.
Result<ControlMessage> decode(std::string_view text);

struct EventHead {
  uint64_t seq = 0;   // decoded: at least 1
  std::string id;     // 1 to 64 printable ASCII bytes
  int64_t ageMs = 0;  // decoded: at least 0
  uint32_t attempt = 0;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  uint64_t length = 0;  // of the body
  std::string replay;
};

struct EventView {
  EventHead head;
  std::string_view body;  // into the message given
};

std::string encodeEventHead(const EventHead& head);  // with its LF; the body follows
Result<EventView> decodeEvent(std::string_view message);

// At most 200 bytes of printable ASCII; anything else becomes '?'.
std::string printableText(std::string_view text);

}  // namespace tsunagi::link
