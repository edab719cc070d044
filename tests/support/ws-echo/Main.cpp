#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/ws-echo/EchoClient.h"
#include "tests/support/ws-echo/EchoServer.h"

namespace {

constexpr const char* USAGE =
    "ws-echo server [--listen 127.0.0.1:0] [--max-message bytes] [--keep-alive-ms n] [--tls-certificate file --tls-key "
    "file]\n"
    "ws-echo client <ws or wss url> [--subprotocols a,b] [--max-message bytes] [--ca-file file]\n";

void raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  raiseDescriptorLimit();

  const std::string role = argc > 1 ? argv[1] : "";
  const bool client = role == "client";
  if ((!client && role != "server") || (client && argc < 3)) {
    std::fputs(USAGE, stderr);
    return 64;
  }
  std::string listen = "127.0.0.1:0", subprotocols, certificateFile, keyFile, caFile;
  size_t maxMessage = 32 * 1024 * 1024;
  int64_t keepAliveMs = 15'000;
  for (int i = client ? 3 : 2; i < argc; i += 2) {
    const std::string option = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (value && option == "--listen") {
      listen = value;
    } else if (value && option == "--subprotocols") {
      subprotocols = value;
    } else if (value && option == "--tls-certificate") {
      certificateFile = value;
    } else if (value && option == "--tls-key") {
      keyFile = value;
    } else if (value && option == "--ca-file") {
      caFile = value;
    } else if (value && option == "--max-message") {
      maxMessage = std::strtoull(value, nullptr, 10);
    } else if (value && option == "--keep-alive-ms") {
      keepAliveMs = std::strtoll(value, nullptr, 10);
    } else {
      std::fputs(USAGE, stderr);
      return 64;
    }
  }
  if (!client) return tsunagi::test::runEchoServer(listen, maxMessage, keepAliveMs, certificateFile, keyFile);
  // The echo client ends with its socket; a signal should end it too.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return tsunagi::test::runEchoClient(argv[2], subprotocols, maxMessage, caFile);
}
