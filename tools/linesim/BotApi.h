#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "net/EventLoop.h"
#include "net/HttpServer.h"
#include "tools/linesim/Platform.h"
#include "tools/linesim/WebhookSender.h"

namespace tsunagi::linesim {

// The Messaging API under /v2/, with the data host's paths and the token endpoint, in LINE's words: bearer check first,
// then content type, size and form. Answers that a fault spoils are held, broken, delayed or reset here. Lives on one
// loop.
class BotApi {
 public:
  static constexpr uint64_t MAX_BODY = 2 * 1024 * 1024;
  static constexpr size_t MAX_HELD = 10'000;
  static constexpr int64_t MAX_SLOW_MS = 60'000;  // a slow answer that takes longer is reset

  BotApi(Platform& platform, net::EventLoop& loop) : _platform(platform), _loop(loop) {}

  // tell: what LINE tells the bot of its own calls.
  void addRoutes(net::HttpServer& server, WebhookSender& sender, std::function<void(std::vector<Webhook>)> tell);
  size_t releaseHeld();               // [loop] answers every held call; returns how many
  void dropHeld() { _held.clear(); }  // [loop] at the end: no answer but the server's
  size_t held() const { return _held.size(); }

 private:
  using Method = std::function<BotAnswer(Platform&, const BotCall&)>;
  void addPost(net::HttpServer& server, const char* path, Method method);
  void addBare(net::HttpServer& server, const char* verb, const char* path, Method method);  // without a body
  void addTokenRoute(net::HttpServer& server);
  void addWebhookRoutes(net::HttpServer& server, WebhookSender& sender);
  void call(Method method, BotCall call, net::HttpReply reply);
  void answer(const BotAnswer& answer, const net::HttpReply& reply, std::function<void()> again);
  void sendSlowly(const BotAnswer& answer, const net::HttpReply& reply);
  void sendPiece(std::shared_ptr<const std::string> bytes, size_t from, Fault fault, int64_t endMs,
                 net::HttpReply reply);

  Platform& _platform;
  net::EventLoop& _loop;
  std::vector<std::function<void()>> _held;
};

}  // namespace tsunagi::linesim
