#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/UniqueFd.h"

namespace tsunagi::service {

// What the service manager wants to hear (sd_notify(3)): one datagram to NOTIFY_SOCKET, nothing without it. Errors are
// ignored, since nobody could act on them. Thread-safe.
class ServiceNotify {
 public:
  ServiceNotify();  // takes NOTIFY_SOCKET from the environment and unsets it, so that no child speaks for us
  void ready(const std::string& status);
  void reloading();  // with MONOTONIC_USEC; ready() ends it
  void stopping();
  void status(const std::string& text);
  void mainPid(int pid);

 private:
  void send(std::string_view message) const;
  std::string _address;  // as given: a path, or "@name" for the abstract namespace
};

// Sockets handed over by the service manager (sd_listen_fds(3)), with their names of LISTEN_FDNAMES ("unknown"
// without). Taken once: the variables are unset and the descriptors made close-on-exec.
std::vector<std::pair<std::string, UniqueFd>> takeListenSockets();

}  // namespace tsunagi::service
