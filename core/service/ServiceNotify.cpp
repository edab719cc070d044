#include "service/ServiceNotify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/LogEscape.h"

namespace tsunagi::service {

ServiceNotify::ServiceNotify() {
  if (const char* address = std::getenv("NOTIFY_SOCKET")) _address = address;
  ::unsetenv("NOTIFY_SOCKET");
  if (!_address.empty() && _address[0] != '/' && _address[0] != '@') _address.clear();
  if (_address.size() >= sizeof(sockaddr_un::sun_path)) _address.clear();
}

void ServiceNotify::send(std::string_view message) const {
  if (_address.empty()) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, _address.data(), _address.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + _address.size());
  (void)!::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
                  length);
}

void ServiceNotify::ready(const std::string& status) { send("READY=1\nSTATUS=" + logEscape(status)); }

void ServiceNotify::reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceNotify::stopping() { send("STOPPING=1"); }
void ServiceNotify::status(const std::string& text) { send("STATUS=" + logEscape(text)); }
void ServiceNotify::mainPid(int pid) { send("MAINPID=" + std::to_string(pid)); }

std::vector<std::pair<std::string, UniqueFd>> takeListenSockets() {
  constexpr int first = 3;
  constexpr long most = 64;
  std::vector<std::pair<std::string, UniqueFd>> result;
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid != nullptr && count != nullptr && std::strtol(pid, nullptr, 10) == ::getpid()) {
    std::string names = std::getenv("LISTEN_FDNAMES") != nullptr ? std::getenv("LISTEN_FDNAMES") : "";
    const long total = std::min(std::strtol(count, nullptr, 10), most);
    for (int i = 0; i < total; ++i) {
      const size_t colon = std::min(names.find(':'), names.size());
      std::string name = names.substr(0, colon);
      names.erase(0, std::min(colon + 1, names.size()));
      if (::fcntl(first + i, F_SETFD, FD_CLOEXEC) != 0) continue;
      result.emplace_back(name.empty() ? "unknown" : std::move(name), UniqueFd(first + i));
    }
  }
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  return result;
}

}  // namespace tsunagi::service
