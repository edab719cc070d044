#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace tsunagi::net {

struct HttpLimits {
  size_t maxHead = 16 * 1024;      // bytes of request or status line and header fields together, line ends included
  size_t maxHeaders = 100;         // fields
  uint64_t maxBody = 1024 * 1024;  // bytes
  size_t maxTarget = 8 * 1024;     // bytes of a request's target
};

// Why a message was refused: the status a server answers (400, 408, 411, 413, 414, 417, 421, 426, 431, 501, 505) and a
// short reason, which repeats nothing of what the peer sent.
struct HttpFailure {
  int status = 0;
  std::string reason;
};

}  // namespace tsunagi::net
