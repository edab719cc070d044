#pragma once
#include <cstddef>
#include <string>

namespace tsunagi::test {

// Serves until SIGTERM or SIGINT, which the caller has blocked: WebSockets on every path of one element, POST /post,
// both echo. Prints "listening on <address>". Returns the exit code.
int runEchoServer(const std::string& listenAddress, size_t maxMessage, int64_t keepAliveMs,
                  const std::string& certificateFile, const std::string& keyFile);

}  // namespace tsunagi::test
