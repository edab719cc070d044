#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "line/ApiCaller.h"

namespace tsunagi::line {

struct ContentLimits {
  uint64_t maxBytes = 100ULL * 1024 * 1024;
  int64_t totalMs = 300'000;  // everything, as a large video needs
  int64_t idleMs = 30'000;    // between two pieces
};

struct ContentResult {
  enum class Kind : uint8_t {
    Done,
    NotReady,     // 202: LINE still prepares it; ask transcoding() and try again
    NotFound,     // 404: unknown, not this bot's, or deleted after LINE's time
    Gone,         // 410: its sender took it back
    TooBig,       // more than maxBytes
    DiskFailed,   // the descriptor took no more; detail tells errno's words
    RateLimited,  // 429
    Unauthorized,
    Refused,     // any other final answer, or an id that is none: no call was made
    Unfinished,  // LINE not reached, 5xx, cut, too slow: may be tried again, from the beginning
    Cancelled
  };
  Kind kind = Kind::Unfinished;
  int httpStatus = 0;       // 0 without an answer
  std::string contentType;  // media type in lower case without parameters; empty when LINE told none
  std::string extension;    // of our own table, "jpg"; "bin" for what is not in it (S10)
  uint64_t size = 0;        // bytes written; also when not Done
  std::string sha256;       // 64 hex digits, when Done
  std::string detail;       // one line for the operator, escaped
};
std::string_view kindName(ContentResult::Kind kind);  // "Done", … for logs and metrics

struct TranscodingResult {
  enum class State : uint8_t { Unknown, Processing, Succeeded, Failed };
  SendResult call;  // a 400 means that this kind of content needs no preparation
  State state = State::Unknown;
};

// The bytes of images, videos, audios and files that people sent. Only contents whose ContentProvider::isLine().
// Nothing may be downloaded before the access decision (S10). Blocking, thread-safe; the client must outlive it.
class ContentDownload {
 public:
  static constexpr int64_t STATUS_TOTAL_MS = 10'000;

  ContentDownload(const net::HttpClient& client, ApiEndpoints endpoints, std::shared_ptr<AccessTokenSource> tokens);
  ContentDownload(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken);

  // Writes the content to fd from its current offset, never holding more than one piece in memory. fd stays the
  // caller's; unless Done it may hold a part, which the caller throws away.
  ContentResult fetch(std::string_view messageId, int fd, const ContentLimits& limits = {},
                      net::CancelToken* cancel = nullptr) const;
  // How far LINE is with a video or audio.
  TranscodingResult transcoding(std::string_view messageId, net::CancelToken* cancel = nullptr) const;

 private:
  ApiCaller _caller;
};

}  // namespace tsunagi::line
