#pragma once
#include <cstddef>
#include <functional>
#include <vector>

#include "net/HttpServer.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

// The Messaging API under /v2/, in LINE's words: bearer check first, then content type, size and form. Answers that a
// fault spoils are held or broken here. Lives on one loop.
class BotApi {
 public:
  static constexpr uint64_t MAX_BODY = 2 * 1024 * 1024;
  static constexpr size_t MAX_HELD = 10'000;

  explicit BotApi(Platform& platform) : _platform(platform) {}

  void addRoutes(net::HttpServer& server);
  size_t releaseHeld();               // [loop] answers every held call; returns how many
  void dropHeld() { _held.clear(); }  // [loop] at the end: no answer but the server's
  size_t held() const { return _held.size(); }

 private:
  using Method = BotAnswer (Platform::*)(const BotCall&);
  void addPost(net::HttpServer& server, const char* path, Method method);
  void addGet(net::HttpServer& server, const char* path,
              std::function<BotAnswer(const net::PathParameters& parameters)> method);
  void answer(Method method, BotCall call, net::HttpReply reply);

  Platform& _platform;
  std::vector<std::function<void()>> _held;
};

}  // namespace tsunagi::linesim
