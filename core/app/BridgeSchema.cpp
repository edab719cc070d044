#include "app/BridgeSchema.h"

#include <utility>

#include "net/Url.h"
#include "notify/NotifySettings.h"

namespace tsunagi::app {

using service::ConfigType;
using service::SectionForm;

void defineBridgeSchema(service::ConfigSchema& schema) {
  schema.add(
      {.name = "relay",
       .doc = "the relay that takes LINE's webhooks for this bridge",
       .keys = {
           {.name = "url", .type = ConfigType::url, .doc = "wss://relay.example.com/gmk", .choices = {"wss", "ws"}},
           {.name = "unit", .doc = "public id of this unit on the relay"},
           {.name = "token", .type = ConfigType::secret, .doc = "the unit's secret token"},
           {.name = "ca_file", .type = ConfigType::path, .doc = "CA of the relay's certificate, PEM"},
           {.name = "alt_hosts",
            .type = ConfigType::list,
            .doc = "hosts beside that of url to which the relay may send this bridge"}}});
  schema.add(
      {.name = "direct",
       .doc = "take webhooks without a relay, on an address LINE or a reverse proxy can reach",
       .keys = {{.name = "listen", .type = ConfigType::listen, .doc = "0.0.0.0:8443", .atStart = true},
                {.name = "path", .fallback = "/api/linebot/webhook", .doc = "path of the webhook URL", .atStart = true},
                {.name = "tls_certificate", .type = ConfigType::path, .doc = "PEM, full chain, leaf first"},
                {.name = "tls_key", .type = ConfigType::path, .doc = "PEM"},
                {.name = "allowed_hosts",
                 .type = ConfigType::list,
                 .doc = "host names of the webhook URL; requests for others get 421",
                 .atStart = true},
                {.name = "behind_proxy",
                 .type = ConfigType::boolean,
                 .fallback = "no",
                 .doc = "yes = a reverse proxy with TLS stands before a plain listener on a public address",
                 .atStart = true}}});
  schema.add(
      {.name = "line",
       .doc = "a LINE channel; several as [line.<name>]",
       .form = SectionForm::plainOrFamily,
       .keys = {{.name = "channel_secret",
                 .type = ConfigType::secret,
                 .doc = "from the channel's page in the LINE Developers Console",
                 .environment = "LINE_CHANNEL_SECRET",
                 .wanted = true},
                {.name = "channel_secret_previous",
                 .type = ConfigType::secret,
                 .doc = "the one before it: webhooks signed with it are still taken after a reissue"},
                {.name = "channel_access_token",
                 .type = ConfigType::secret,
                 .doc = "long-lived token of the Messaging API",
                 .environment = "LINE_CHANNEL_ACCESS_TOKEN",
                 .wanted = true},
                {.name = "channel_id",
                 .doc = "with it short-lived tokens are issued by the channel secret, instead of the token above"},
                {.name = "api_base",
                 .type = ConfigType::url,
                 .fallback = "https://api.line.me",
                 .doc = "LINE's API",
                 .choices = {"https", "http"}},
                {.name = "data_base",
                 .type = ConfigType::url,
                 .fallback = "https://api-data.line.me",
                 .doc = "LINE's content API",
                 .choices = {"https", "http"}},
                {.name = "ca_file", .type = ConfigType::path, .doc = "CA of api_base, PEM"},
                {.name = "responder",
                 .type = ConfigType::list,
                 .doc = "names of [responder.<name>] sections; without it those of [bridge]"}}});
  schema.add(
      {.name = "bridge",
       .keys = {{.name = "responder", .type = ConfigType::list, .doc = "names of [responder.<name>] sections"},
                {.name = "data_dir", .type = ConfigType::path, .doc = "where the store is kept", .atStart = true},
                {.name = "language",
                 .fallback = "ja",
                 .doc = "of the bridge's own sentences to LINE users",
                 .choices = {"ja", "zh-TW", "th", "en"}},
                {.name = "timezone", .fallback = "UTC", .doc = "Asia/Tokyo, or an offset like +09:00"},
                {.name = "workers",
                 .type = ConfigType::integer,
                 .fallback = "8",
                 .doc = "conversations answered at once",
                 .minimum = 1,
                 .maximum = 64,
                 .atStart = true}}});
  schema.add(
      {.name = "responder",
       .doc = "something that answers",
       .form = SectionForm::family,
       .open = true,
       .keys = {{.name = "plugin", .doc = "name of an installed plugin", .wanted = true},
                {.name = "min_role",
                 .doc = "who may use it: guest, member or owner; without it member, or owner when the plugin can "
                        "act on its host",
                 .choices = {"guest", "member", "owner"}}}});
  schema.add({.name = "access",
              .doc = "who may talk to the bot; [access.<name>] of [line.<name>] where it differs",
              .form = SectionForm::plainOrFamily,
              .keys = {{.name = "users",
                        .fallback = "paired",
                        .doc = "in 1:1: paired, or everyone (who is not paired is a guest)",
                        .choices = {"paired", "everyone"}},
                       {.name = "mention",
                        .fallback = "required",
                        .doc = "in groups: required, or off (every text is for the bot)",
                        .choices = {"required", "off"}},
                       {.name = "prefixes", .type = ConfigType::list, .doc = "texts that address the bot in groups"},
                       {.name = "record",
                        .fallback = "addressed",
                        .doc = "what is kept of a group once it is allowed: none, addressed or all",
                        .choices = {"none", "addressed", "all"}},
                       {.name = "rate_user",
                        .type = ConfigType::integer,
                        .fallback = "20",
                        .doc = "messages of a person in a minute; 0 = no limit",
                        .maximum = 100'000},
                       {.name = "rate_group",
                        .type = ConfigType::integer,
                        .fallback = "60",
                        .doc = "messages of a group in a minute; 0 = no limit",
                        .maximum = 100'000},
                       {.name = "calls_user_day",
                        .type = ConfigType::integer,
                        .fallback = "0",
                        .doc = "answers for a person in a day; 0 = no limit",
                        .maximum = 1'000'000},
                       {.name = "calls_day",
                        .type = ConfigType::integer,
                        .fallback = "0",
                        .doc = "answers in a day; 0 = no limit",
                        .maximum = 1'000'000},
                       {.name = "tokens_day",
                        .type = ConfigType::integer,
                        .fallback = "0",
                        .doc = "tokens of backends in a day, as they tell them; 0 = no limit",
                        .maximum = 1'000'000'000'000LL},
                       {.name = "max_event_age",
                        .type = ConfigType::duration,
                        .fallback = "3d",
                        .doc = "older events are noted and never acted on",
                        .minimum = 60'000,
                        .maximum = 30 * 24 * 3'600'000LL}}});
  schema.add(
      {.name = "reply",
       .doc = "how it answers; [reply.<name>] of [line.<name>] where it differs",
       .form = SectionForm::plainOrFamily,
       .keys = {{.name = "token_life",
                 .type = ConfigType::duration,
                 .fallback = "60s",
                 .doc = "how long LINE takes a reply token",
                 .minimum = 1'000,
                 .maximum = 24 * 3'600'000LL},
                {.name = "answer_limit",
                 .type = ConfigType::duration,
                 .fallback = "5m",
                 .doc = "how long a responder may take",
                 .minimum = 100,
                 .maximum = 24 * 3'600'000LL},
                {.name = "slow",
                 .fallback = "button",
                 .doc = "an answer that comes too late for the token: button (in 1:1), hold or push",
                 .choices = {"button", "hold", "push"}},
                {.name = "button_at",
                 .type = ConfigType::duration,
                 .fallback = "45s",
                 .doc = "when the button is shown",
                 .minimum = 100,
                 .maximum = 3'600'000},
                {.name = "late",
                 .fallback = "hold",
                 .doc = "a message whose token was dead on arrival: hold (the next one brings it up), push or drop",
                 .choices = {"hold", "push", "drop"}},
                {.name = "late_max",
                 .type = ConfigType::duration,
                 .fallback = "6h",
                 .doc = "older ones are recorded only",
                 .minimum = 60'000,
                 .maximum = 3 * 24 * 3'600'000LL},
                {.name = "push_budget_month",
                 .type = ConfigType::integer,
                 .fallback = "100",
                 .doc = "pushes of a channel in LINE's month, each member of a group counts; 0 = no limit",
                 .maximum = 10'000'000},
                {.name = "push_per_user_day",
                 .type = ConfigType::integer,
                 .fallback = "10",
                 .doc = "the same for the answers of one person in a day; 0 = no limit",
                 .maximum = 1'000'000},
                {.name = "push_reserve",
                 .type = ConfigType::integer,
                 .fallback = "10",
                 .doc = "of the month's pushes these are left for the owner's alarms",
                 .maximum = 1'000'000},
                {.name = "merge",
                 .type = ConfigType::boolean,
                 .fallback = "yes",
                 .doc = "what one person typed while an answer was made becomes one question"},
                {.name = "loading",
                 .type = ConfigType::boolean,
                 .fallback = "yes",
                 .doc = "show the loading animation in 1:1"},
                {.name = "quote",
                 .type = ConfigType::boolean,
                 .fallback = "yes",
                 .doc = "in groups the answer quotes the question"},
                {.name = "links",
                 .fallback = "keep",
                 .doc = "of addresses in an answer: keep, plain (a link shows its label only) or strip",
                 .choices = {"keep", "plain", "strip"}},
                {.name = "prompt", .doc = "system prompt; without it one for the language"},
                {.name = "context",
                 .type = ConfigType::integer,
                 .fallback = "12000",
                 .doc = "characters of the conversation that a responder gets to read",
                 .maximum = 1'000'000},
                {.name = "idle_reset",
                 .type = ConfigType::duration,
                 .fallback = "4h",
                 .doc = "a pause after which the conversation begins anew; 0s = never",
                 .maximum = 365 * 24 * 3'600'000LL}}});
  schema.add({.name = "store",
              .keys = {{.name = "keep_messages",
                        .type = ConfigType::duration,
                        .fallback = "365d",
                        .doc = "how long messages are kept; 0s = for ever",
                        .maximum = 36'500 * 24 * 3'600'000LL},
                       {.name = "keep_files",
                        .type = ConfigType::duration,
                        .fallback = "365d",
                        .doc = "how long pictures, sounds, videos and files are kept; 0s = as long as their messages",
                        .maximum = 36'500 * 24 * 3'600'000LL}}});
  schema.add(
      {.name = "files",
       .doc = "pictures, sounds, videos and files that people send",
       .keys = {
           {.name = "download",
            .type = ConfigType::boolean,
            .fallback = "yes",
            .doc = "fetch them from LINE, which keeps them for a limited time"},
           {.name = "spool_dir",
            .type = ConfigType::path,
            .doc = "local folder of downloads; without it spool in data_dir",
            .atStart = true},
           {.name = "root",
            .type = ConfigType::path,
            .doc = "where they are kept, a NAS for example; without it files in data_dir"},
           {.name = "marker", .doc = "a file in root that is there only while root is mounted"},
           {.name = "max_file", .type = ConfigType::bytes, .fallback = "100MiB", .doc = "the largest; 0 = no limit"},
           {.name = "max_user_day",
            .type = ConfigType::bytes,
            .fallback = "1GiB",
            .doc = "downloaded for a person in a day; 0 = no limit"},
           {.name = "max_group_day",
            .type = ConfigType::bytes,
            .fallback = "2GiB",
            .doc = "downloaded for a group in a day; 0 = no limit"},
           {.name = "max_total",
            .type = ConfigType::bytes,
            .fallback = "0",
            .doc = "kept in all; 0 = no limit but min_free"},
           {.name = "min_free",
            .type = ConfigType::bytes,
            .fallback = "512MiB",
            .doc = "left free where spool_dir is; 0 = no limit"}}});
  notify::NotifySettings::define(schema);
  schema.add({.name = "notify",
              .keys = {{.name = "push",
                        .type = ConfigType::boolean,
                        .fallback = "no",
                        .doc = "tell the channel's first owner by LINE push, too, also from push_reserve"}}});
  schema.add({.name = "status",
              .keys = {{.name = "listen",
                        .type = ConfigType::listen,
                        .doc = "/healthz, /readyz, /metrics, /status; a loopback address or unix:/path",
                        .atStart = true}}});
}

const std::vector<service::JsonMapping>& unitJsonMapping() {
  static const std::vector<service::JsonMapping> mapping{
      {"relay_url", "relay", "url"},
      {"relay_token", "relay", "token"},
      {"relay_ca_file", "relay", "ca_file"},
      {"channel_secret", "line", "channel_secret"},
      {"line_channel_secret", "line", "channel_secret"},
      {"channel_access_token", "line", "channel_access_token"},
      {"line_channel_access_token", "line", "channel_access_token"},
      {"api_base", "line", "api_base"},
      {"openclaw_url", "responder.main", "url"},
      {"gateway_token", "responder.main", "gateway_token"},
      {"listen", "direct", "listen"},
      {"webhook_path", "direct", "path"},
      {"language", "bridge", "language"},
      {"data_dir", "bridge", "data_dir"},
      {"log_level", "log", "level"},
      {"name", "", "", true},
      {"description", "", "", true},
  };
  return mapping;
}

void completeUnitJson(service::IniDocument& document, std::vector<std::string>& errors) {
  const auto put = [&](std::string_view section, std::string_view key, const std::string& value) {
    if (const Status status = document.set(section, key, value); !status)
      errors.push_back(document.fileName() + ": " + status.error());
  };
  if (const auto url = document.find("relay", "url"); url && !url->value.empty()) {
    std::string address = url->value;
    const auto token = document.find("relay", "token");
    const std::string mark = "{token}";
    if (const size_t at = address.find(mark); at != std::string::npos) {
      if (!token || token->value.empty()) {
        errors.push_back(document.fileName() + ": relay_url needs a relay_token for its {token}");
        return;
      }
      address.replace(at, mark.size(), token->value);
    }
    const RelayAddress split = splitRelayAddress(address, "");
    put("relay", "url", split.url);
    if (!split.unit.empty()) put("relay", "unit", split.unit);
  }
  if (const auto url = document.find("responder.main", "url"); url && !url->value.empty()) {
    const auto parsed = net::Url::parse(url->value);
    if (!parsed) {
      errors.push_back(document.fileName() + ": openclaw_url: " + parsed.error());
      return;
    }
    put("responder.main", "plugin", backendOf(*parsed));
    put("bridge", "responder", "main");
  }
}

std::string backendOf(const net::Url& url) {
  const auto begins = [&](std::string_view start) { return url.target.compare(0, start.size(), start) == 0; };
  if (begins("/api/v0") || begins("/api/v1") || url.port == 1234) return "lmstudio";
  if (begins("/api/") || url.port == 11434) return "ollama";
  if (url.tls() && url.host.compare(0, 4, "api.") == 0) return "openai";
  return "openclaw";
}

RelayAddress splitRelayAddress(const std::string& url, const std::string& unit) {
  constexpr std::string_view END = "/ws";
  if (!unit.empty() || url.size() <= END.size() || url.substr(url.size() - END.size()) != END) return {url, unit};
  const std::string path = url.substr(0, url.size() - END.size());
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash + 1 == path.size() || path.find("://") + 2 >= slash) return {url, unit};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::vector<std::string> responderNames(const service::Settings& settings) {
  auto names = settings.list("bridge", "responder");
  if (!names.empty()) return names;
  const std::string prefix = "responder.";
  for (const auto& section : settings.sections("responder")) names.push_back(section.substr(prefix.size()));
  if (names.size() != 1) names.clear();
  return names;
}

}  // namespace tsunagi::app
