#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace tsunagi::responder {

// What goes to a responder and what comes back: plain values, so that the rest of the bridge never sees the C ABI.

struct ChatPart {
  enum class Kind { Text, Image, Audio, File };
  Kind kind = Kind::Text;
  std::string data;  // Text: UTF-8; else the bytes of the file
  std::string mime;  // "image/jpeg"; empty for Text
  std::string name;  // file name as the sender gave it; may be empty
};

struct ChatMessage {
  enum class Role { System, User, Assistant };
  Role role = Role::User;
  std::vector<ChatPart> parts;
};

struct ChatRequest {
  std::string model;           // empty: the responder's own default
  std::string conversationId;  // opaque and stable per conversation, for backends that keep sessions
  std::vector<ChatMessage> messages;
  double temperature = std::numeric_limits<double>::quiet_NaN();  // NaN: the backend's default
  int64_t maxOutputTokens = 0;                                    // 0: the backend's default
  std::string optionsJson;                                        // a JSON object passed through; may be empty
  int64_t deadlineSteadyMs = 0;                                   // Clock::steadyMs(); 0: only the instance's own limit
};

struct ChatOutcome {
  enum class Code {
    Ok,
    Cancelled,    // cancel(), or onText said stop
    Deadline,     // the deadline passed, also while waiting for a free place
    Invalid,      // can never work: do not retry
    Unsupported,  // for example an image for a text-only model
    Unavailable,  // backend down or refused: a later retry is fair
    RateLimited,  // see retryAfterMs
    Auth,
    TooLong,   // context window exceeded
    BadReply,  // the backend answered something unreadable or cut short
    Internal   // a fault of the plugin; also every code that is not known
  };
  // Values of finish; the same as RSP_FINISH_* of the ABI.
  static constexpr int kFinishUnknown = -1;
  static constexpr int kFinishStop = 0;
  static constexpr int kFinishLength = 1;  // cut at the backend's limit, or here at maxAnswerBytes
  static constexpr int kFinishFilter = 2;
  static constexpr int kFinishTool = 3;

  bool ok = false;  // code == Ok
  Code code = Code::Internal;
  std::string text;          // everything streamed, valid UTF-8; what had come before an error is here too
  std::string message;       // for the operator, escaped and without secrets; empty when ok
  int64_t retryAfterMs = 0;  // 0: not told
  int httpStatus = 0;        // of the backend; 0: none
  int finish = kFinishUnknown;
  bool truncated = false;  // text was cut at maxAnswerBytes
  // Usage as the backend tells it; -1: not known.
  int64_t inputTokens = -1;
  int64_t outputTokens = -1;
  int64_t cachedTokens = -1;
  int64_t reasoningTokens = -1;
  int64_t backendMs = -1;
};

// "unavailable", "rate_limited" ... for logs, metrics and the store.
const char* codeName(ChatOutcome::Code code);

}  // namespace tsunagi::responder
