#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/Result.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace tsunagi::net {

struct TlsServerOptions {
  std::string certificateFile;  // PEM, full chain, leaf first
  std::string keyFile;          // PEM
};

struct TlsClientOptions {
  std::string caFile;  // PEM; empty = the system's store. There is no switch that turns checks off (S2).
};

// An SSL_CTX made by Poco::Net::Context with our rules on top: TLS 1.2 or newer, no renegotiation, no compression, no
// early data, RELEASE_BUFFERS, PARTIAL_WRITE, MOVING_WRITE_BUFFER; server: stateless tickets under a rotating key, one
// per handshake; client: peer verified. Immutable after making; share it between threads. A reload makes a new one.
// No certificate problem and no encrypted key is ever asked about on the console.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> makeServer(const TlsServerOptions& options);
  static Result<std::shared_ptr<const TlsContext>> makeClient(const TlsClientOptions& options);
  ~TlsContext();
  SSL_CTX* native() const;

 private:
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> _state;
};

enum class TlsStatus : uint8_t {
  Done,      // the call moved at least one byte, or the handshake is finished
  WantRead,  // wait until the socket is readable, then call again
  WantWrite,
  Closed,  // close_notify or end of stream; see TlsSession::cleanEnd()
  Failed   // see error()
};

// One TLS connection over a non-blocking socket that it does not own. Not thread-safe. The error queue is cleared
// before each call into OpenSSL, since stale errors of other code would be taken for ours. Never raises SIGPIPE. The
// context may go before its sessions.
class TlsSession {
 public:
  static std::unique_ptr<TlsSession> accept(const TlsContext& context, int fd);
  // host is the name or IP address literal (no brackets) that the certificate must carry; sent as SNI when it is a
  // name. With a host that cannot be checked (empty, for one) the handshake fails.
  static std::unique_ptr<TlsSession> connect(const TlsContext& context, int fd, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Never Closed: a peer that goes during the handshake is Failed.
  TlsStatus handshake();
  TlsStatus read(char* data, size_t size, size_t& done);
  TlsStatus write(const char* data, size_t size, size_t& done);
  TlsStatus shutdown();                                // sends close_notify; does not wait for the peer's
  bool cleanEnd() const;                               // the peer sent close_notify
  size_t pending() const;                              // decrypted bytes that poll() cannot see
  const std::string& error() const { return _error; }  // says which check failed: name, trust, expiry, version

 private:
  TlsSession(SSL* ssl, std::string host);
  TlsStatus statusOf(int result, const char* what);
  TlsStatus fail(std::string error);
  std::string handshakeError() const;
  SSL* _ssl;
  std::string _host;
  std::string _error;
  bool _cleanEnd = false;
  bool _broken = false;  // no call into OpenSSL may follow
};

}  // namespace tsunagi::net
