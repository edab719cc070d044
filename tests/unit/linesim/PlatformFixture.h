#pragma once
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "line/Events.h"
#include "line/MessagingApi.h"
#include "tools/linesim/EventRequest.h"
#include "tools/linesim/Identity.h"
#include "tools/linesim/Platform.h"

namespace tsunagi::linesim {

using nlohmann::json;

// A platform on a clock that stands still, and what a test does with it.
class PlatformTest : public testing::Test {
 protected:
  static PlatformOptions makeOptions() {
    return {userIdOf("bot"), "Bot", SecretString("secret"), SecretString("token"), 60'000};
  }

  // A message whose webhook was answered with status.
  std::string write(const std::string& user, const std::string& text, int status = 200, const std::string& group = {}) {
    NewMessages messages;
    messages.user = user;
    messages.text = text;
    messages.group = group;
    return sent(platform.write(messages), status);
  }
  // The first event of what happened, once each webhook was answered with status.
  std::string sent(const Result<Happened>& happened, int status = 200) {
    EXPECT_TRUE(happened.ok()) << (happened.ok() ? "" : happened.error());
    if (!happened.ok()) return {};
    for (const Webhook& webhook : happened->webhooks) attempt(webhook, status);
    return happened->eventIds.empty() ? std::string() : happened->eventIds.at(0);
  }
  // An event asked for as the control interface is.
  Result<Happened> ask(const json& request) {
    auto event = readEventRequest(request);
    if (!event) return Error{event.error()};
    return platform.happen({std::move(*event)}, false, 1);
  }
  void attempt(const Webhook& webhook, int status) {
    WebhookAttempt result;
    result.status = status;
    result.redelivery = webhook.redelivery;
    platform.beginAttempt(webhook);
    platform.recordAttempt(webhook, result);
  }
  json event(const std::string& id) { return json::parse(platform.eventJson(id)); }
  json summary() { return json::parse(platform.summaryJson()); }
  BotAnswer reply(const std::string& id, const std::string& text) {
    return platform.reply(
        {false, "", line::replyBody(event(id)["replyToken"].get<std::string>(), line::textMessagesJson({text}))});
  }
  BotAnswer push(const std::string& to, const std::string& text, const std::string& key = {}) {
    return platform.push({!key.empty(), key, line::pushBody(to, line::textMessagesJson({text}))});
  }
  // An event as the bot sees it in its webhook.
  line::Event seen(const std::string& id) {
    return line::parseWebhook(event(id)["webhook"]["body"].get<std::string>())->events.at(0);
  }
  json seenJson(const std::string& id) {
    return json::parse(event(id)["webhook"]["body"].get<std::string>())["events"][0];
  }
  static BotCall withPath(std::vector<std::string> parameters) {
    BotCall call;
    call.parameters = std::move(parameters);
    return call;
  }
  static BotCall withBody(const json& body) { return {false, "", body.dump()}; }
  BotAnswer profile(const std::string& id) { return platform.profile(withPath({id})); }
  static std::string messageOf(const BotAnswer& answer) { return json::parse(answer.body)["message"]; }

  ManualClock clock;
  Platform platform{makeOptions(), clock};
};

}  // namespace tsunagi::linesim
