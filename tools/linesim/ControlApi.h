#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "net/HttpServer.h"
#include "tools/linesim/BotApi.h"
#include "tools/linesim/LongPolls.h"
#include "tools/linesim/Platform.h"
#include "tools/linesim/WebhookGate.h"
#include "tools/linesim/WebhookSender.h"

namespace tsunagi::linesim {

// The control interface under /control/ for tests and the chat page: JSON in, JSON out, {"error": …} with 400, 404 or
// 503. Changing calls need a JSON content type and, if a browser sends one, our own Origin (S8). README.md lists every
// call. Lives on one loop.
class ControlApi {
 public:
  // Sends a webhook, with redelivery if that is on; false when there is no room.
  using Dispatch = std::function<bool(Webhook)>;

  ControlApi(Platform& platform, WebhookSender& sender, BotApi& bot, LongPolls& polls, Dispatch dispatch)
      : _platform(platform), _sender(sender), _bot(bot), _polls(polls), _dispatch(std::move(dispatch)) {}
  void addRoutes(net::HttpServer& server, bool redelivers);
  // Through the gate; false when there is no room.
  bool send(std::vector<Webhook> webhooks);

 private:
  using Action = std::function<net::HttpResponse(const nlohmann::json& request)>;
  void addPost(net::HttpServer& server, const char* path, Action action, uint64_t maxBody = 0);
  net::HttpResponse postMessages(const nlohmann::json& request);
  net::HttpResponse postWebhookUrl(const nlohmann::json& request);
  net::HttpResponse postRedeliver(const nlohmann::json& request);
  net::HttpResponse postFaults(const nlohmann::json& request);
  net::HttpResponse postQuota(const nlohmann::json& request);
  net::HttpResponse postRates(const nlohmann::json& request);
  void postRaw(const net::HttpRequest& request, const net::HttpReply& reply);
  void getEvent(const net::HttpRequest& request, const std::string& id, const net::HttpReply& reply);
  void getLedger(const net::HttpRequest& request, const net::HttpReply& reply);
  net::HttpResponse getState(bool redelivers) const;

  // People and chats, in ControlChats.cpp.
  void addChatRoutes(net::HttpServer& server);
  net::HttpResponse postEvents(const nlohmann::json& request);
  net::HttpResponse postUsers(const nlohmann::json& request);
  net::HttpResponse postGroups(const nlohmann::json& request);
  net::HttpResponse postEdit(const nlohmann::json& request);
  net::HttpResponse postTap(const nlohmann::json& request);
  net::HttpResponse postDelivery(const nlohmann::json& request);
  net::HttpResponse postAccount(const nlohmann::json& request);
  net::HttpResponse getContent(const std::string& messageId) const;
  // Sends what came of a request; its ids, or the error.
  net::HttpResponse dispatch(Result<Happened> happened);

  Platform& _platform;
  WebhookSender& _sender;
  BotApi& _bot;
  LongPolls& _polls;
  Dispatch _dispatch;
  WebhookGate _gate;
};

}  // namespace tsunagi::linesim
