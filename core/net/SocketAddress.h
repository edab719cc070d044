#pragma once
#include <string>

#include "base/Result.h"
#include "net/Url.h"

struct sockaddr;

namespace tsunagi::net {

// The address of the other side without port, an IPv4-mapped one as IPv4; "unix" for a Unix socket; empty when the
// kernel does not know it (any more).
std::string peerAddress(int fd);
std::string addressText(const sockaddr* address);  // the same form
Result<ListenAddress> boundAddress(int fd);        // of a listening socket

void setNoDelay(int fd);              // TCP only; else nothing
std::string systemError(int number);  // text of an errno value; thread-safe

}  // namespace tsunagi::net
