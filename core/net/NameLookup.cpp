#include "net/NameLookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/ErrnoText.h"
#include "base/LogEscape.h"
#include "base/UniqueFd.h"

namespace tsunagi::net {

namespace {

std::atomic<int> running{0};

Result<std::vector<std::string>> askSystem(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (rc != 0)
    return Error{"cannot find the address of " + logEscape(host) + ": " +
                 (rc == EAI_SYSTEM ? errnoText(errno) : std::string(gai_strerror(rc))) +
                 " (check the name and this machine's DNS)"};
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.emplace_back(text);
  }
  ::freeaddrinfo(found);
  return addresses;
}

bool isV6(const std::string& address) { return address.find(':') != std::string::npos; }

// The order within each family stays; the family of the first address goes first.
std::vector<std::string> alternate(const std::vector<std::string>& addresses) {
  std::vector<std::string> same;
  std::vector<std::string> other;
  for (const std::string& address : addresses)
    (isV6(address) == isV6(addresses.front()) ? same : other).push_back(address);
  std::vector<std::string> mixed;
  for (size_t i = 0; i < std::max(same.size(), other.size()); ++i) {
    if (i < same.size()) mixed.push_back(same[i]);
    if (i < other.size()) mixed.push_back(other[i]);
  }
  return mixed;
}

}  // namespace

struct NameLookup::State {
  UniqueFd ready;
  std::mutex mutex;
  std::optional<Result<std::vector<std::string>>> result;

  void finish(Result<std::vector<std::string>> outcome) {
    const std::lock_guard lock(mutex);
    result.emplace(std::move(outcome));
    [[maybe_unused]] const int done = ::eventfd_write(ready.get(), 1);
  }
};

NameLookup::NameLookup(std::shared_ptr<State> state) : _state(std::move(state)) {}
NameLookup::~NameLookup() = default;

bool NameLookup::isIpLiteral(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

Result<std::unique_ptr<NameLookup>> NameLookup::start(const std::string& host, Resolver resolver) {
  auto state = std::make_shared<State>();
  state->ready.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->ready) return Error{std::string("cannot start a name look-up: ") + errnoText(errno)};
  std::unique_ptr<NameLookup> lookup(new NameLookup(state));
  if (isIpLiteral(host)) {
    state->finish(std::vector<std::string>{host});
    return lookup;
  }
  if (running.fetch_add(1) >= MAX_RUNNING) {
    running.fetch_sub(1);
    return Error{"too many name look-ups have not come back; check this machine's DNS server"};
  }
  try {
    std::thread([state, host, resolver = std::move(resolver)]() mutable {
      pthread_setname_np(pthread_self(), "name-lookup");
      try {
        state->finish(resolver ? resolver(host) : askSystem(host));
      } catch (const std::exception& e) {
        state->finish(Error{std::string("the name look-up failed: ") + e.what()});
      }
      state.reset();
      resolver = {};
      running.fetch_sub(1);
    }).detach();
  } catch (const std::system_error& e) {
    running.fetch_sub(1);
    return Error{std::string("cannot start a thread for a name look-up: ") + e.what()};
  }
  return lookup;
}

int NameLookup::readyFd() const { return _state->ready.get(); }

Result<std::vector<std::string>> NameLookup::take() {
  const std::lock_guard lock(_state->mutex);
  if (!_state->result) return Error{"the name look-up is not done"};
  Result<std::vector<std::string>>& result = *_state->result;
  if (!result) return Error{result.error()};
  if (result->empty()) return Error{"the name has no address (check this machine's DNS)"};
  return alternate(*result);
}

}  // namespace tsunagi::net
