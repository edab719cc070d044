#pragma once
#include <functional>
#include <memory>

#include "base/UniqueFd.h"
#include "net/EventLoop.h"

namespace tsunagi::link {

// Tells when an address of this machine came or went (rtnetlink). Where the kernel does not offer it nothing is told.
// Made, used and destroyed on the loop.
class AddressWatch : public net::FdHandler {
 public:
  AddressWatch(net::EventLoop& loop, std::function<void()> onChange);  // at most once per loop turn
  ~AddressWatch() override;

 private:
  void onReady(uint32_t events) override;
  net::EventLoop& _loop;
  std::function<void()> _onChange;
  UniqueFd _fd;
  bool _added = false;
};

}  // namespace tsunagi::link
