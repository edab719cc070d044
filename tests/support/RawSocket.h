#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/UniqueFd.h"
#include "tests/support/Eventually.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace tsunagi::test {

// An HTTP answer as it stood on the wire; header names in lower case.
struct RawAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

// A blocking socket for tests that say exactly which bytes go out; over TLS with OpenSSL itself, not with our code.
// Every wait ends with the hang guard and then throws std::runtime_error. One thread may send while another reads.
class RawSocket {
 public:
  static RawSocket connect(uint16_t port);  // 127.0.0.1
  static RawSocket connectUnix(const std::string& path);
  explicit RawSocket(UniqueFd fd) : _fd(std::move(fd)) {}

  void startTls(SSL_CTX* context, bool asServer);  // shakes hands; throws when that fails

  int fd() const { return _fd.get(); }
  void send(std::string_view bytes);     // throws when the peer is gone
  bool trySend(std::string_view bytes);  // false when it is
  void shutdownWrite();
  void reset();  // the peer sees a connection reset
  void close();  // without a closing message of TLS

  std::string readExactly(size_t count);           // throws when the stream ends before
  std::string readUntil(std::string_view border);  // up to and with border
  RawAnswer readAnswer();                          // by Content-Length; 1xx, 204 and 304 have no body
  RawAnswer readHeadAnswer();                      // the same to a HEAD request
  // All that still comes until the peer closes or resets.
  std::string readToEnd();
  bool sawReset() const { return _reset; }
  // The peer's program has taken from its socket all that was sent: the kernel's count of its unread bytes is 0.
  bool peerHasRead() const;

 private:
  struct Tls;
  bool fill();  // false at the end of the stream
  ssize_t receive(char* buffer, size_t size);
  ssize_t transmit(std::string_view bytes);
  UniqueFd _fd;
  std::shared_ptr<Tls> _tls;
  std::string _buffer;
  bool _reset = false;
};

// Listens on 127.0.0.1 at a port of the kernel's choice.
class RawListener {
 public:
  explicit RawListener(int backlog = 16);
  uint16_t port() const { return _port; }
  RawSocket accept();

 private:
  UniqueFd _fd;
  uint16_t _port = 0;
};

}  // namespace tsunagi::test
