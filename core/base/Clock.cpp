#include "base/Clock.h"

#include <ctime>
#include <fstream>

namespace tsunagi {
namespace {

int64_t read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

class SystemClock final : public Clock {
 public:
  SystemClock() { std::ifstream("/proc/sys/kernel/random/boot_id") >> _bootId; }
  int64_t steadyMs() const override { return read(CLOCK_BOOTTIME); }
  int64_t wallMs() const override { return read(CLOCK_REALTIME); }
  const std::string& bootId() const override { return _bootId; }

 private:
  std::string _bootId;
};

}  // namespace

const Clock& Clock::system() {
  static const SystemClock clock;
  return clock;
}

}  // namespace tsunagi
