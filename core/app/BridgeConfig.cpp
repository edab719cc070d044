#include "app/BridgeConfig.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "app/BridgeSchema.h"
#include "app/OwnSection.h"
#include "base/Hash.h"
#include "base/Version.h"
#include "chat/LineChannel.h"
#include "line/StatelessTokens.h"
#include "net/HttpClient.h"
#include "net/Url.h"
#include "notify/NotifySettings.h"

namespace tsunagi::app {
namespace {

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool namesSecret(std::string_view key) {
  for (const std::string_view end : {"_token", "_key", "_secret", "_password"})
    if (endsWith(key, end)) return true;
  return false;
}

// Two states of a file that is missing or cannot be read count as the same; loading it says what is wrong.
std::string digestOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  if (in) bytes << in.rdbuf();
  return sha256(bytes.str());
}

std::optional<SecretString> secretIfSet(const service::Settings& settings, const std::string& section,
                                        const std::string& key) {
  auto secret = settings.secret(section, key);
  if (secret && secret->empty()) return std::nullopt;
  return secret;
}

Status readLink(const service::Settings& settings, ClientCache& tls, const std::string& instance,
                BridgeConfig& config) {
  const RelayAddress address = splitRelayAddress(settings.text("relay", "url"), settings.text("relay", "unit"));
  const auto token = secretIfSet(settings, "relay", "token");
  const bool direct = settings.isSet("direct", "listen");
  if (address.url.empty() && address.unit.empty() && !token) {
    if (!direct) config.unset.emplace_back("[relay] url (or [direct] listen)");
    return {};
  }
  if (address.url.empty()) config.unset.emplace_back("[relay] url");
  if (address.unit.empty()) config.unset.emplace_back("[relay] unit");
  if (!token) config.unset.emplace_back("[relay] token");
  if (address.url.empty() || address.unit.empty() || !token) return {};
  link::LinkOptions options;
  options.url = address.url;
  options.unit = address.unit;
  options.token = *token;
  options.version = TSUNAGI_VERSION;
  options.instance = instance;
  options.altHosts = settings.list("relay", "alt_hosts");
  if (const auto url = net::Url::parse(address.url); url && url->tls()) {
    auto context = tls.client(settings.path("relay", "ca_file"));
    if (!context) return Error{settings.where("relay", "ca_file") + ": [relay] ca_file: " + context.error()};
    options.tls = *context;
  }
  config.link = std::move(options);
  return {};
}

// Downloads that keep their client.
std::shared_ptr<const line::ContentDownload> contentOf(std::shared_ptr<const net::HttpClient> client,
                                                       const line::ApiEndpoints& endpoints,
                                                       std::shared_ptr<line::AccessTokenSource> tokens) {
  struct Both {
    std::shared_ptr<const net::HttpClient> client;
    line::ContentDownload download;
  };
  const line::ContentDownload download(*client, endpoints, std::move(tokens));
  const auto both = std::make_shared<const Both>(Both{std::move(client), download});
  return {both, &both->download};
}

Status readChannels(const service::Settings& settings, ClientCache& cache, net::CancelToken& cancelSends,
                    BridgeConfig& config) {
  const auto sections = settings.sections("line");
  if (sections.empty()) config.unset.emplace_back("[line] channel_secret and channel_access_token");
  for (const auto& section : sections) {
    chat::ChannelSettings channel;
    channel.name = section;
    const auto secret = secretIfSet(settings, section, "channel_secret");
    if (secret) {
      channel.secrets.push_back(chat::verifyingSecret(*secret));
      if (const auto previous = secretIfSet(settings, section, "channel_secret_previous"))
        channel.secrets.push_back(chat::verifyingSecret(*previous));
    } else {
      config.unset.push_back("[" + section + "] channel_secret");
    }
    const auto token = secretIfSet(settings, section, "channel_access_token");
    const std::string channelId = settings.text(section, "channel_id");
    // Looked at also before there is a token: a wrong file is an error now, not when the token comes.
    auto client = cache.http(settings.path(section, "ca_file"));
    if (!client) return Error{settings.where(section, "ca_file") + ": [" + section + "] ca_file: " + client.error()};
    if (token || (secret && !channelId.empty())) {
      const line::ApiEndpoints endpoints{settings.text(section, "api_base"), settings.text(section, "data_base")};
      const std::shared_ptr<line::AccessTokenSource> tokens =
          token ? std::make_shared<line::StaticAccessToken>(*token)
                : cache.statelessTokens(*client, endpoints, channelId, *secret);
      channel.sender = std::make_shared<chat::LineSender>(*client, endpoints, tokens, cancelSends);
      channel.api = std::make_shared<chat::LineChannel>(*client, endpoints, tokens, cancelSends, Clock::system());
      channel.content = contentOf(*client, endpoints, tokens);
    } else {
      config.unset.push_back("[" + section + "] channel_access_token (or channel_id and channel_secret)");
    }
    config.channels.push_back(std::move(channel));
  }
  return {};
}

chat::AccessSettings readAccess(const service::Settings& settings, const std::string& channel) {
  const OwnSection section(settings, "access", channel);
  chat::AccessSettings access;
  access.everyone = section.text("users") == "everyone";
  access.mentionRequired = section.text("mention") == "required";
  access.prefixes = section.list("prefixes");
  const std::string record = section.text("record");
  access.record = record == "none"        ? store::RecordRule::None
                  : record == "addressed" ? store::RecordRule::Addressed
                                          : store::RecordRule::All;
  access.maxEventAgeMs = section.milliseconds("max_event_age");
  access.perUser.events = section.integer("rate_user");
  access.perGroup.events = section.integer("rate_group");
  access.perUserDay.calls = section.integer("calls_user_day");
  access.perUserDay.pushes = OwnSection(settings, "reply", channel).integer("push_per_user_day");
  access.inAllDay.calls = settings.integer("access", "calls_day");
  access.inAllDay.tokens = settings.integer("access", "tokens_day");
  if (section.isOwn("calls_day")) access.channelDay.calls = section.integer("calls_day");
  if (section.isOwn("tokens_day")) access.channelDay.tokens = section.integer("tokens_day");
  return access;
}

chat::ReplySettings readReply(const service::Settings& settings, const std::string& channel) {
  const OwnSection section(settings, "reply", channel);
  chat::ReplySettings reply;
  reply.answerLimitMs = section.milliseconds("answer_limit");
  reply.slow = chat::parseSlowPolicy(section.text("slow")).value_or(chat::SlowPolicy::Button);
  reply.late = chat::parseLatePolicy(section.text("late")).value_or(chat::LatePolicy::Hold);
  reply.buttonAtMs = section.milliseconds("button_at");
  reply.lateMaxMs = section.milliseconds("late_max");
  reply.pushBudgetMonth = section.integer("push_budget_month");
  reply.pushReserve = section.integer("push_reserve");
  reply.merge = section.boolean("merge");
  reply.loading = section.boolean("loading");
  reply.quote = section.boolean("quote");
  const std::string links = section.text("links");
  reply.links = links == "keep"    ? line::LinkPolicy::Keep
                : links == "plain" ? line::LinkPolicy::Plain
                                   : line::LinkPolicy::Strip;
  reply.prompt = section.text("prompt");
  reply.contextCharacters = static_cast<size_t>(section.integer("context"));
  reply.idleResetMs = section.milliseconds("idle_reset");
  return reply;
}

Status readNotify(const service::Settings& settings, ClientCache& cache, BridgeConfig& config) {
  config.notifyPush = settings.boolean("notify", "push");
  auto notify = notify::NotifySettings::from(settings, "tsunagi-bridge");
  if (!notify) return Error{notify.error()};
  if (!notify->webhook) return {};
  auto client = cache.http(notify->caFile);
  if (!client) return Error{settings.where("notify", "ca_file") + ": [notify] ca_file: " + client.error()};
  config.notifyUrl = std::make_shared<notify::WebhookSink>(*client, std::move(*notify->webhook));
  return {};
}

std::optional<std::string> readZoneFile(const std::string& name) {
  std::ifstream in("/usr/share/zoneinfo/" + name, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

}  // namespace

Result<std::shared_ptr<const net::TlsContext>> ClientCache::client(const std::string& caFile) {
  const std::string digest = caFile.empty() ? std::string() : digestOf(caFile);
  if (const auto kept = _contexts.find(caFile); kept != _contexts.end() && digest == kept->second.digest)
    return kept->second.tls;
  auto made = net::TlsContext::makeClient({caFile});
  if (!made) return made;
  _contexts[caFile] = {digest, *made};
  _clients.erase(caFile);
  return made;
}

Result<std::shared_ptr<const net::HttpClient>> ClientCache::http(const std::string& caFile) {
  auto context = client(caFile);
  if (!context) return Error{context.error()};
  if (const auto kept = _clients.find(caFile); kept != _clients.end()) return kept->second;
  auto made = std::make_shared<const net::HttpClient>(*context);
  _clients[caFile] = made;
  return std::shared_ptr<const net::HttpClient>(made);
}

std::shared_ptr<line::AccessTokenSource> ClientCache::statelessTokens(
    const std::shared_ptr<const net::HttpClient>& client, const line::ApiEndpoints& endpoints,
    const std::string& channelId, const SecretString& channelSecret) {
  Tokens& kept = _tokens[endpoints.apiBase + " " + channelId + " " + chat::secretMark(channelSecret)];
  if (kept.source == nullptr || kept.client != client)
    kept = {client,
            std::make_shared<line::StatelessTokens>(*client, endpoints, channelId, channelSecret, Clock::system())};
  return kept.source;
}

std::vector<responder::ResponderSettings> responderSettings(const service::Settings& settings) {
  std::vector<responder::ResponderSettings> all;
  for (const auto& section : settings.sections("responder")) {
    responder::ResponderSettings one;
    one.name = section.substr(std::string_view("responder.").size());
    one.plugin = settings.text(section, "plugin");
    one.caFile = settings.path(section, "ca_file");
    one.allowPlaintext = settings.boolean(section, "allow_plaintext");
    for (const auto& [key, value] : settings.freeKeys(section)) {
      if (namesSecret(key))
        one.secrets[key] = SecretString(value);
      else
        one.config[key] = value;
    }
    for (const auto& key : settings.freeSecrets(section))
      if (auto secret = settings.secret(section, key)) one.secrets[key] = *secret;
    if (!one.plugin.empty()) all.push_back(std::move(one));
  }
  return all;
}

bool BridgeConfig::isAsked(std::string_view responder) const {
  const auto names = [&](const std::vector<std::string>& all) {
    return std::find(all.begin(), all.end(), responder) != all.end();
  };
  return names(order) || std::any_of(policies.begin(), policies.end(),
                                     [&](const auto& channel) { return names(channel.second.order); });
}

files::FileSettings fileSettings(const service::Settings& settings, const std::string& dataFolder) {
  const auto bytes = [&](const char* key) { return static_cast<uint64_t>(settings.bytes("files", key)); };
  files::FileSettings result;
  result.download = settings.boolean("files", "download");
  result.makeRoot = !settings.isSet("files", "root");
  result.root = result.makeRoot ? dataFolder + "/files" : settings.path("files", "root");
  result.marker = settings.text("files", "marker");
  result.maxFile = bytes("max_file");
  result.maxUserDay = bytes("max_user_day");
  result.maxGroupDay = bytes("max_group_day");
  result.maxTotal = bytes("max_total");
  result.minFree = bytes("min_free");
  return result;
}

std::string spoolFolder(const service::Settings& settings, const std::string& dataFolder) {
  return settings.isSet("files", "spool_dir") ? settings.path("files", "spool_dir") : dataFolder + "/spool";
}

Result<BridgeConfig> BridgeConfig::read(const service::Settings& settings, ClientCache& tls,
                                        net::CancelToken& cancelSends, const std::string& instance) {
  BridgeConfig config;
  if (const Status status = readLink(settings, tls, instance, config); !status) return Error{status.error()};
  if (const Status status = readChannels(settings, tls, cancelSends, config); !status) return Error{status.error()};
  config.responders = responderSettings(settings);
  const auto there = [&](std::vector<std::string> names) {
    const auto missing = [&](const std::string& name) {
      return std::none_of(config.responders.begin(), config.responders.end(),
                          [&](const auto& one) { return one.name == name; });
    };
    names.erase(std::remove_if(names.begin(), names.end(), missing), names.end());
    return names;
  };
  config.order = there(responderNames(settings));
  bool unanswered = config.channels.empty() && config.order.empty();
  for (const auto& channel : config.channels) {
    const auto own = there(settings.list(channel.name, "responder"));
    auto& policy = config.policies[channel.name];
    policy = {own.empty() ? config.order : own, readAccess(settings, channel.name), readReply(settings, channel.name)};
    unanswered = unanswered || policy.order.empty();
  }
  if (unanswered) config.unset.emplace_back("[bridge] responder");
  for (const auto& one : config.responders)
    if (const std::string role = settings.text("responder." + one.name, "min_role"); !role.empty())
      config.minimumRoles[one.name] = role == "guest"    ? store::Role::Guest
                                      : role == "member" ? store::Role::Member
                                                         : store::Role::Owner;
  config.chat.access = readAccess(settings, "line");
  config.chat.reply = readReply(settings, "line");
  config.chat.tokenLifeMs = settings.duration("reply", "token_life").count();
  config.chat.language = chat::parseLanguage(settings.text("bridge", "language")).value_or(chat::Language::Japanese);
  auto zone = chat::TimeZone::named(settings.text("bridge", "timezone"), readZoneFile);
  if (!zone) return Error{settings.where("bridge", "timezone") + ": [bridge] timezone: " + zone.error()};
  config.chat.timeZone = *zone;
  config.chat.download = settings.boolean("files", "download");
  if (const Status status = readNotify(settings, tls, config); !status) return Error{status.error()};
  config.keepMessagesMs = settings.duration("store", "keep_messages").count();
  config.keepFilesMs = settings.duration("store", "keep_files").count();
  return config;
}

}  // namespace tsunagi::app
