#pragma once
#include "net/HttpServer.h"
#include "relay/admin/MetricsText.h"
#include "relay/edge/LinkRoute.h"
#include "relay/edge/UnitHub.h"
#include "relay/edge/WebhookRoute.h"

namespace tsunagi::relay {

// What /metrics tells of the public listener. Counters are since the start of the process.
void addHttpMetrics(MetricsText& text, const net::HttpServerStats& http);
void addWebhookMetrics(MetricsText& text, const WebhookStats& webhooks, const TimeHistogram::Snapshot& storeTimes);
void addLinkMetrics(MetricsText& text, const LinkStats& links, const HubStats& hub);

}  // namespace tsunagi::relay
