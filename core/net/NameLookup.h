#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/Result.h"

namespace tsunagi::net {

// One look-up of a host's addresses that can be given up. The system's resolver cannot be interrupted, so it runs on a
// thread of its own that shares nothing with the caller but the result: destroying the look-up before it is done leaves
// the thread to end by itself. At most MAX_RUNNING look-ups are under way in the process.
class NameLookup {
 public:
  // Blocks; gives IP address literals in the order they should be tried. [any thread]
  using Resolver = std::function<Result<std::vector<std::string>>(const std::string& host)>;
  static constexpr int MAX_RUNNING = 32;

  // Begins. An IP literal is its own answer at once, without a thread. resolver: empty means the system's.
  static Result<std::unique_ptr<NameLookup>> start(const std::string& host, Resolver resolver = {});
  ~NameLookup();

  int readyFd() const;  // readable once the result is there; for poll and epoll, never to be read
  // The addresses, families alternating (RFC 8305 section 4), never empty; or why there are none. Only when ready.
  Result<std::vector<std::string>> take();

  static bool isIpLiteral(const std::string& host);

 private:
  struct State;
  explicit NameLookup(std::shared_ptr<State> state);
  std::shared_ptr<State> _state;
};

}  // namespace tsunagi::net
