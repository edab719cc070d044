#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/Result.h"
#include "net/Url.h"
#include "relay/admin/MetricsText.h"

namespace tsunagi::relay {

class Spool;
class UnitApi;

// What an operator's tools ask, away from the public listener: /healthz, /readyz and /metrics on the admin listener,
// and the unit operations on the control socket of the data folder. Threads "admin" (both servers) and "admin-work"
// (what blocks on the disk).
class AdminServer {
 public:
  struct Options {
    std::function<std::string()> notReady;          // why readyz is off apart from the store; empty text = nothing
    std::function<void(MetricsText&)> moreMetrics;  // from the edge
    std::vector<std::string> allowedHosts;          // besides loopback's names
  };
  // Spool and units outlive the threads, that is stop(); the server itself is destroyed after spool.stop(), since a
  // page of metrics may still be on its way through the spool's reader.
  AdminServer(Spool& spool, const UnitApi& units, Options options);
  ~AdminServer();  // stop()
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  Result<net::ListenAddress> listen(const net::ListenAddress& address);
  Status listenControl(const std::string& socketPath);
  void stop();  // from a thread of neither; blocks. Safe twice

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace tsunagi::relay
