#include "relay/app/EdgeMetrics.h"

namespace tsunagi::relay {

void addHttpMetrics(MetricsText& text, const net::HttpServerStats& http) {
  text.gauge("http_connections_open", "Connections open now, links included.", static_cast<double>(http.open));
  text.counter("http_connections_total", "Connections accepted.", http.accepted);
  text.counter("http_accept_pauses_total", "Times accepting stopped, at the cap or for want of descriptors.",
               http.acceptPauses);
  text.counter("http_requests_total", "Requests read.", http.requests);
  text.counter("http_refused_total", "Requests refused before they were read whole.", http.refused);
  text.family("http_answers_total", "Requests answered, by class of status; 1xx became links.", "counter");
  for (size_t i = 0; i < http.answers.size(); ++i)
    text.sample("http_answers_total", "class", std::to_string(i + 1) + "xx", http.answers[i]);
  text.counter("http_timeouts_total", "Connections whose peer was too slow with head, body or reading.", http.timedOut);
  text.counter("http_handler_failures_total", "Requests this program failed on; anything but 0 is a defect.",
               http.handlerFailures);
  text.gauge("http_body_bytes", "Bytes of bodies being received.", static_cast<double>(http.bodyBytes));
  text.family("tls_handshakes_total", "TLS handshakes by their end.", "counter");
  text.sample("tls_handshakes_total", "result", "done", http.tlsHandshakes);
  text.sample("tls_handshakes_total", "result", "failed", http.tlsFailures);
}

void addWebhookMetrics(MetricsText& text, const WebhookStats& webhooks, const TimeHistogram::Snapshot& storeTimes) {
  text.family("webhooks_total", "Webhooks by their answer.", "counter");
  text.sample("webhooks_total", "answer", "stored", webhooks.stored);
  text.sample("webhooks_total", "answer", "unknown_unit", webhooks.unknown);
  text.sample("webhooks_total", "answer", "bad_form", webhooks.badForm);
  text.sample("webhooks_total", "answer", "backlog_full", webhooks.backlogFull);
  text.sample("webhooks_total", "answer", "unavailable", webhooks.unavailable);
  text.sample("webhooks_total", "answer", "rate_limited", webhooks.rateLimited);
  text.histogramSeconds("webhook_store_seconds", "From a whole webhook to its commit.", storeTimes.upTo,
                        storeTimes.count, storeTimes.micros);
}

void addLinkMetrics(MetricsText& text, const LinkStats& links, const HubStats& hub) {
  text.gauge("units_connected", "Units whose bridge is linked.", static_cast<double>(hub.linkedUnits));
  text.gauge("links_open", "Open link sockets.", static_cast<double>(hub.sessions));
  text.family("link_requests_total", "Requests for a link by their answer.", "counter");
  text.sample("link_requests_total", "answer", "accepted", links.accepted);
  text.sample("link_requests_total", "answer", "unauthorized", links.unauthorized);
  text.sample("link_requests_total", "answer", "refused", links.refused + hub.refusedHellos);
  text.counter("hellos_total", "Links that said hello.", hub.hellos);
  text.counter("links_replaced_total", "Links taken over by another bridge with the same token.", hub.replacedByOther);
  text.counter("events_sent_total", "Events put on links, repetitions included.", hub.eventsSent);
  text.counter("link_acks_total", "Acknowledgements taken; one may cover many events.", hub.acks);
  text.counter("link_ignored_total", "Acknowledgements and refusals that came over a replaced link.", hub.ignored);
  text.counter("delivery_attempts_failed_total", "Links that broke with an event unacknowledged and no progress.",
               hub.attempts);
  text.counter("events_buried_total", "Events a bridge refused or broke on every time.", hub.buried);
}

}  // namespace tsunagi::relay
