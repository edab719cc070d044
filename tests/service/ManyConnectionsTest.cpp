// Ten thousand idle connections at once: the server is a process of its own, the test is the other end. What one costs
// is printed, not asserted.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "tests/support/Process.h"
#include "tests/support/ProgramPaths.h"
#include "tests/support/WebSocketPeer.h"

namespace tsunagi::test {
namespace {

constexpr size_t COUNT = 10'000;
constexpr size_t SAMPLE = 97;  // every so many

class ManyConnections : public ::testing::Test {
 protected:
  ManyConnections() {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    _enough = limit.rlim_max >= COUNT + 500;
    // They stay idle for as long as the test needs, on a slow machine too.
    _server.emplace(programPath("ws-echo"), Process::Options{{"server", "--keep-alive-ms", "600000"}});
    const std::string line = _server->waitForLine("listening on ");
    _port = static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
  }

  // Bytes of the server's own memory.
  size_t anonymousMemory() const {
    std::ifstream file("/proc/" + std::to_string(_server->pid()) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("RssAnon:", 0) == 0) return std::stoul(line.substr(8)) * 1024;
    }
    ADD_FAILURE() << "no RssAnon";
    return 0;
  }

  // Processor time of the server so far, in clock ticks.
  unsigned long processorTicks() const {
    std::ifstream file("/proc/" + std::to_string(_server->pid()) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    text = text.substr(text.rfind(')') + 2);
    unsigned long user = 0, system = 0;
    std::sscanf(text.c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return user + system;
  }

  void report(const char* kind, size_t before) const {
    const size_t after = anonymousMemory();
    std::printf("%s: %zu idle, %zu bytes of the server's own memory each, %lu ticks of processor time so far\n", kind,
                COUNT, (after > before ? after - before : 0) / COUNT, processorTicks());
  }

  bool _enough = false;
  std::optional<Process> _server;
  uint16_t _port = 0;
};

TEST_F(ManyConnections, IdleKeepAliveConnectionsAreAllHeldAndServed) {
  ASSERT_TRUE(_enough) << "raise the hard limit of open files (ulimit -Hn)";
  const auto request = [](size_t i) {
    const std::string body = "request " + std::to_string(i);
    return "POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
  };
  const size_t before = anonymousMemory();
  std::vector<RawSocket> sockets;
  for (size_t i = 0; i < COUNT; ++i) {
    sockets.push_back(RawSocket::connect(_port));
    sockets.back().send(request(i));
    ASSERT_EQ(sockets.back().readAnswer().body, "request " + std::to_string(i));
  }
  report("HTTP keep-alive", before);
  for (size_t i = 0; i < COUNT; i += SAMPLE) {
    sockets[i].send(request(i));
    ASSERT_EQ(sockets[i].readAnswer().body, "request " + std::to_string(i));
  }
  const ExitStatus status = _server->stop();
  EXPECT_EQ(status.code, 0);
  for (size_t i = 0; i < COUNT; i += SAMPLE) EXPECT_EQ(sockets[i].readToEnd(), "");
}

TEST_F(ManyConnections, IdleWebSocketsAreAllHeldAndServed) {
  ASSERT_TRUE(_enough) << "raise the hard limit of open files (ulimit -Hn)";
  const size_t before = anonymousMemory();
  std::vector<WebSocketPeer> peers;
  for (size_t i = 0; i < COUNT; ++i) peers.push_back(WebSocketPeer::connect(_port));
  report("WebSocket", before);
  for (size_t i = 0; i < COUNT; i += SAMPLE) {
    const std::string text = "message " + std::to_string(i);
    peers[i].send({1, text});
    const RawFrame frame = peers[i].read();
    ASSERT_EQ(frame.payload, text);
  }
  const ExitStatus status = _server->stop();
  EXPECT_EQ(status.code, 0);
  for (size_t i = 0; i < COUNT; i += SAMPLE) {
    const RawFrame frame = peers[i].read();
    EXPECT_EQ(frame.opcode, 8u);
    EXPECT_EQ(frame.closeCode(), 1001);
    EXPECT_EQ(peers[i].socket().readToEnd(), "");
  }
}

}  // namespace
}  // namespace tsunagi::test
