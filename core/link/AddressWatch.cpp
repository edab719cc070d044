#include "link/AddressWatch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tsunagi::link {

AddressWatch::AddressWatch(net::EventLoop& loop, std::function<void()> onChange)
    : _loop(loop), _onChange(std::move(onChange)) {
  _fd = UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!_fd) return;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  _added = _loop.add(_fd.get(), EPOLLIN, this);
}

AddressWatch::~AddressWatch() {
  if (_added) _loop.remove(_fd.get(), this);
}

void AddressWatch::onReady(uint32_t) {
  bool changed = false;
  alignas(nlmsghdr) char buffer[8192];
  for (;;) {
    ssize_t got = ::recv(_fd.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == ENOBUFS) {
      changed = true;  // messages were lost: something did change
      continue;
    }
    if (got <= 0) break;
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(message, got);
         message = NLMSG_NEXT(message, got)) {
      if (message->nlmsg_type == RTM_NEWADDR || message->nlmsg_type == RTM_DELADDR) changed = true;
    }
  }
  if (changed) _onChange();
}

}  // namespace tsunagi::link
