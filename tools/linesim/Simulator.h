#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/Clock.h"
#include "base/Result.h"
#include "net/Url.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

struct SimulatorOptions {
  PlatformOptions platform;
  net::ListenAddress listen{"127.0.0.1", 0, ""};  // loopback only
  std::string certificateFile;                    // PEM, with keyFile: serve https; empty = http
  std::string keyFile;
  std::string webhookUrl;            // may be set later
  std::string caFile;                // trusted for https webhook URLs; empty = the system's store
  bool redeliver = false;            // webhooks that were not answered 2xx are sent again
  int64_t redeliverAfterMs = 1'000;  // the wait before the first of them; doubled up to a minute
  size_t redeliverTimes = 20;
  size_t senderThreads = 16;
};

// A LINE platform on loopback: sends webhooks, serves the Messaging API (/v2/…), a control interface for tests
// (/control/…) and a chat page (/), all on one address. Usable in a test's own process.
class Simulator {
 public:
  Simulator(SimulatorOptions options, const Clock& clock);
  ~Simulator();  // stop()
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  Status prepare();                           // checks the options, reads the PEM files; the error names what to change
  Status start();                             // after prepare(): listens and sends; the error is about the address
  void stop();                                // joins every thread; safe to call twice
  const net::ListenAddress& address() const;  // after start(): where it really listens
  std::string url() const;                    // "http://127.0.0.1:40123", https with a certificate
  Platform& platform();

 private:
  struct Parts;
  std::unique_ptr<Parts> _parts;
};

}  // namespace tsunagi::linesim
