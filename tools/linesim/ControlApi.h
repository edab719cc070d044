#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/HttpServer.h"
#include "tools/linesim/BotApi.h"
#include "tools/linesim/LongPolls.h"
#include "tools/linesim/Platform.h"
#include "tools/linesim/WebhookSender.h"

namespace tsunagi::linesim {

// The control interface under /control/ for tests and the chat page: JSON in, JSON out, {"error": …} with 400, 404 or
// 503. Changing calls need a JSON content type and, if a browser sends one, our own Origin (S8). Lives on one loop.
//
//   POST /control/messages     {user, text, group?, count?, batch?, copies?} -> {events: [webhookEventId…]}
//   GET  /control/events/{id}  ?wait=30s  one event with its tries and answers; waits until it is answered
//   GET  /control/ledger       ?since=0&limit=500&wait=20s  -> {entries, next, total}; waits until there is an entry
//   GET  /control/summary      counts: events, accepted, answered, lost, twice, reordered, pushes, …
//   GET  /control/state        bot, webhook URL, settings
//   POST /control/webhook-url  {url}  empty = none
//   POST /control/redeliver    {webhookEventId}
//   POST /control/raw          {body, signature?, contentType?}  exactly these bytes; answers when it was tried
//   POST /control/faults       {next: [{action, when, status?, count?}], rate: {percent, seed, action, when, status?},
//                               clear, release}; action status|break|hold, when before|after
//   POST /control/quota        {limit}  null = none
class ControlApi {
 public:
  // Sends a webhook, with redelivery if that is on; false when there is no room.
  using Dispatch = std::function<bool(Webhook)>;

  ControlApi(Platform& platform, WebhookSender& sender, BotApi& bot, LongPolls& polls, Dispatch dispatch)
      : _platform(platform), _sender(sender), _bot(bot), _polls(polls), _dispatch(std::move(dispatch)) {}
  void addRoutes(net::HttpServer& server, bool redelivers);

 private:
  using Action = std::function<net::HttpResponse(const nlohmann::json& request)>;
  void addPost(net::HttpServer& server, const char* path, Action action);
  net::HttpResponse postMessages(const nlohmann::json& request);
  net::HttpResponse postWebhookUrl(const nlohmann::json& request);
  net::HttpResponse postRedeliver(const nlohmann::json& request);
  net::HttpResponse postFaults(const nlohmann::json& request);
  net::HttpResponse postQuota(const nlohmann::json& request);
  void postRaw(const net::HttpRequest& request, const net::HttpReply& reply);
  void getEvent(const net::HttpRequest& request, const std::string& id, const net::HttpReply& reply);
  void getLedger(const net::HttpRequest& request, const net::HttpReply& reply);
  net::HttpResponse getState(bool redelivers) const;

  Platform& _platform;
  WebhookSender& _sender;
  BotApi& _bot;
  LongPolls& _polls;
  Dispatch _dispatch;
};

}  // namespace tsunagi::linesim
