// The part of BridgeSchema that compares keys with each other.
#include <set>
#include <utility>

#include "app/BridgeSchema.h"
#include "app/OwnSection.h"
#include "files/Folder.h"
#include "line/ApiEndpoints.h"
#include "link/LinkEndings.h"
#include "net/Url.h"

namespace tsunagi::app {

std::vector<std::string> checkBridgeSettings(const service::Settings& settings) {
  std::vector<std::string> errors;
  const auto complain = [&](std::string_view section, std::string_view key, const std::string& what) {
    errors.push_back(settings.where(section, key) + ": [" + std::string(section) + "] " + std::string(key) + ": " +
                     what);
  };
  if (settings.isSet("relay", "url")) {
    const auto url = net::Url::parse(settings.text("relay", "url"));
    if (!url)
      complain("relay", "url", url.error());
    else if (!url->tls() && !url->isLoopback())
      complain("relay", "url", "must be wss:// (ws:// only to this host), since it carries the unit's token");
    else if (const RelayAddress address =
                 splitRelayAddress(settings.text("relay", "url"), settings.text("relay", "unit"));
             !address.unit.empty())
      if (const auto socket = link::unitSocketUrl(address.url, address.unit); !socket)
        errors.push_back(settings.where("relay", settings.isSet("relay", "unit") ? "unit" : "url") + ": " +
                         socket.error());
  }
  std::vector<std::pair<SecretString, std::string>> secrets;
  for (const auto& section : settings.sections("line")) {
    const line::ApiEndpoints endpoints{settings.text(section, "api_base"), settings.text(section, "data_base")};
    if (const Status status = endpoints.validate(); !status) complain(section, "api_base", status.error());
    const std::string channelId = settings.text(section, "channel_id");
    if (channelId.size() > 20 || channelId.find_first_not_of("0123456789") != std::string::npos)
      complain(section, "channel_id", "must be the number on the channel's page in the LINE Developers Console");
    for (const char* key : {"channel_secret", "channel_secret_previous"}) {
      const auto secret = settings.secret(section, key);
      if (!secret || secret->empty()) continue;
      for (const auto& [other, owner] : secrets)
        if (other == *secret && owner != section) complain(section, key, "is the same as one of [" + owner + "]");
      secrets.emplace_back(*secret, section);
    }
  }
  if (settings.isSet("direct", "tls_certificate") != settings.isSet("direct", "tls_key"))
    complain("direct", settings.isSet("direct", "tls_key") ? "tls_key" : "tls_certificate",
             "tls_certificate and tls_key go together");
  if (settings.isSet("direct", "listen")) {
    const auto address = net::ListenAddress::parse(settings.text("direct", "listen"));
    const bool open = address && !address->isUnix() && !address->isLoopback();
    if (open && !settings.isSet("direct", "tls_certificate") && !settings.boolean("direct", "behind_proxy"))
      complain("direct", "listen",
               "a plain listener on a public address; set tls_certificate and tls_key, or behind_proxy = yes when a "
               "proxy with TLS stands before it");
    if (open && settings.list("direct", "allowed_hosts").empty())
      complain("direct", "allowed_hosts", "name the host of the webhook URL; requests for others are refused");
  }
  if (const std::string path = settings.text("direct", "path"); path.empty() || path[0] != '/')
    complain("direct", "path", "must begin with /");
  if (settings.isSet("status", "listen")) {
    const auto address = net::ListenAddress::parse(settings.text("status", "listen"));
    if (address && !address->isUnix() && !address->isLoopback())
      complain("status", "listen", "must be a loopback address or unix:/path");
  }
  auto channels = settings.sections("line");
  if (channels.empty()) channels.emplace_back("line");
  if (const std::string marker = settings.text("files", "marker"); !marker.empty()) {
    if (!files::Folder::isPlainPath(marker)) complain("files", "marker", "must be a name within root, like .mounted");
    if (!settings.isSet("files", "root")) complain("files", "marker", "needs root: it tells whether root is mounted");
  }
  std::set<std::string> told;
  for (const auto& channel : channels) {
    const OwnSection reply(settings, "reply", channel);
    const int64_t pushes = reply.integer("push_budget_month");
    const bool pushing = reply.text("slow") == "push" || reply.text("late") == "push";
    const bool allReserve = pushing && pushes > 0 && pushes <= reply.integer("push_reserve");
    if (allReserve && told.insert(reply.of("push_budget_month")).second)
      complain(reply.of("push_budget_month"), "push_budget_month",
               "must be more than push_reserve, or nothing is ever pushed");
  }
  auto asking = settings.sections("line");
  asking.emplace_back("bridge");
  for (const auto& section : asking)
    for (const auto& name : settings.list(section, "responder"))
      if (!settings.hasSection("responder." + name))
        complain(section, "responder", "there is no section [responder." + name + "]");
  for (const char* common : {"access", "reply"})
    for (const auto& section : settings.sections(common)) {
      const std::string channel = "line" + section.substr(std::string_view(common).size());
      if (section != common && !settings.hasSection(channel))
        errors.push_back(settings.where(section, "") + ": [" + section + "] belongs to [" + channel +
                         "], which is not there");
    }
  for (const auto& section : settings.sections("reply"))
    if (section != "reply" && settings.isSet(section, "token_life"))
      complain(section, "token_life", "is the same for all channels; set it in [reply]");
  return errors;
}

}  // namespace tsunagi::app
