#include "notify/NotifySettings.h"

#include <utility>

namespace tsunagi::notify {

using service::ConfigType;

void NotifySettings::define(service::ConfigSchema& schema) {
  schema.add(
      {.name = "notify",
       .doc = "where the owner is told of what needs a hand",
       .keys = {
           {.name = "url",
            .type = ConfigType::secret,
            .doc = "gets a JSON POST: an ntfy topic, a Slack or Discord webhook, or one of your own"},
           {.name = "format",
            .doc = "json, ntfy, slack or discord; without it told by the host of url",
            .choices = {"json", "ntfy", "slack", "discord"}},
           {.name = "token", .type = ConfigType::secret, .doc = "sent as a bearer token, as ntfy wants for access"},
           {.name = "ca_file", .type = ConfigType::path, .doc = "CA of url, PEM"}}});
}

Result<NotifySettings> NotifySettings::from(const service::Settings& settings, std::string program) {
  NotifySettings result;
  result.caFile = settings.path("notify", "ca_file");
  const auto text = settings.secret("notify", "url");
  if (!text || text->empty()) return result;
  const auto problem = [&](const std::string& what) {
    return Error{settings.where("notify", "url") + ": [notify] url: " + what};
  };
  // The parser's own words may quote the address, which is a secret.
  const Result<net::Url> url = net::Url::parse(text->reveal());
  if (!url) return problem("is no address like https://ntfy.sh/topic");
  if (url->scheme != "https" && !(url->scheme == "http" && url->isLoopback()))
    return problem("must be https:// (http:// only to this host)");
  WebhookSink::Options options;
  options.url = *url;
  options.format = parseNoticeFormat(settings.text("notify", "format")).value_or(guessNoticeFormat(*url));
  if (options.format == NoticeFormat::Ntfy && url->target == "/") return problem("has no topic: https://ntfy.sh/topic");
  options.token = settings.secret("notify", "token").value_or(SecretString());
  options.program = std::move(program);
  result.webhook = std::move(options);
  return result;
}

}  // namespace tsunagi::notify
