#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/UniqueFd.h"
#include "net/Tls.h"

namespace tsunagi::net::test {

// The server's end of one connection, blocking. Every wait gives up after 60 s and fails the test by its result.
class Peer {
 public:
  explicit Peer(UniqueFd fd);
  ~Peer();
  bool startTls(const TlsContext& context);  // false: the handshake failed
  std::string read();                        // what comes next; empty at the end of the stream
  std::string readRequest();                 // head and a body of Content-Length
  bool send(std::string_view bytes);
  bool waitClosed();          // until the other side has closed or reset
  bool closedWithin(int ms);  // the same, but comes back false after ms
  void closeTls();            // sends close_notify
  void reset();               // ends the connection with RST
  int fd() const { return _fd.get(); }

 private:
  UniqueFd _fd;
  std::unique_ptr<TlsSession> _tls;
};

// Listens on loopback or a Unix socket and plays one script per connection, one connection after another.
class ScriptServer {
 public:
  explicit ScriptServer(std::function<void(Peer&)> script, const std::string& address = "127.0.0.1", uint16_t port = 0);
  ScriptServer(std::function<void(Peer&)> script, const std::string& unixPath, std::nullptr_t);
  ~ScriptServer();  // ends and joins; a script under way must come to its end by itself
  uint16_t port() const { return _port; }
  std::string url(const std::string& target = "/", const std::string& scheme = "http",
                  const std::string& host = "127.0.0.1") const;

 private:
  void start(std::function<void(Peer&)> script);
  UniqueFd _listener;
  UniqueFd _stop;
  uint16_t _port = 0;
  std::thread _thread;
};

UniqueFd boundSocket(const std::string& address, uint16_t port);  // TCP, not listening
uint16_t portOf(int fd);
// A listener whose queue is full, so that a further connect hangs. The fillers live in fillers.
UniqueFd fullListener(const std::string& address, uint16_t port, std::vector<UniqueFd>& fillers);
int connectingTo(uint16_t port);  // sockets of this machine in SYN_SENT to an IPv4 port

}  // namespace tsunagi::net::test
