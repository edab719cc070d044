#pragma once
#include <cstdint>
#include <mutex>
#include <string>

#include "base/Clock.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace tsunagi::net {

// Keys under which a server encrypts its session tickets. A new one is taken every 6 hours; the one before still opens
// tickets for as long, so that a stolen key is worth little. Thread-safe.
class TlsTicketKeys {
 public:
  static constexpr int64_t ROTATE_MS = 6 * 3600 * 1000;

  explicit TlsTicketKeys(const Clock& clock);
  ~TlsTicketKeys();
  // The context calls this object from now on; it must live as long as the context and its sessions.
  void install(SSL_CTX* context);

  struct Key {
    std::string name;    // 16 bytes, in the clear within the ticket
    std::string cipher;  // AES-256
    std::string mac;     // HMAC-SHA256
    int64_t bornMs = 0;
  };
  Key current();                                            // for a new ticket
  bool find(const std::string& name, Key& key, bool& old);  // old: the client gets a new ticket

 private:
  void rotate(int64_t nowMs);
  const Clock& _clock;
  std::mutex _mutex;
  Key _current;
  Key _previous;
};

}  // namespace tsunagi::net
