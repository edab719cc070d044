#include "relay/app/RelaySettings.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <thread>

#include "base/LogEscape.h"

namespace tsunagi::relay {
namespace {

using service::ConfigType;
using service::Settings;

constexpr int64_t MINUTE = 60'000;
constexpr int64_t DAY = 24 * 60 * MINUTE;
constexpr int64_t MiB = 1024 * 1024;

service::ConfigSection relaySection() {
  return {.name = "relay",
          .doc = "where the relay listens and keeps its state",
          .keys = {
              {.name = "listen",
               .type = ConfigType::listen,
               .fallback = "127.0.0.1:8080",
               .doc = "webhooks and links come in here",
               .atStart = true},
              {.name = "public_url",
               .type = ConfigType::url,
               .doc = "how the world reaches the relay, like https://relay.example.com",
               .choices = {"https", "http"},
               .wanted = true,
               .atStart = true},
              {.name = "allowed_hosts",
               .type = ConfigType::list,
               .doc = "names accepted in the Host field beside that of public_url",
               .atStart = true},
              {.name = "data_dir",
               .type = ConfigType::path,
               .fallback = "/var/lib/tsunagi-relay",
               .doc = "folder of the databases, for this relay alone",
               .atStart = true},
              {.name = "loops",
               .type = ConfigType::integer,
               .doc = "event loops, each with a thread; unset = one per processor core",
               .minimum = 1,
               .maximum = 256,
               .atStart = true},
              {.name = "tls_certificate", .type = ConfigType::path, .doc = "PEM file, full chain, leaf first"},
              {.name = "tls_key", .type = ConfigType::path, .doc = "PEM file of its key"},
              {.name = "behind_proxy",
               .type = ConfigType::boolean,
               .fallback = "no",
               .doc = "yes = a reverse proxy with TLS stands before a plain listener on a public address",
               .atStart = true},
          }};
}

service::ConfigSection adminSection() {
  return {.name = "admin",
          .doc = "health and metrics, away from the public listener",
          .keys = {{.name = "listen",
                    .fallback = "127.0.0.1:8081",
                    .doc = "an address for /healthz, /readyz and /metrics, or off",
                    .atStart = true}}};
}

service::ConfigSection limitsSection() {
  return {
      .name = "limits",
      .doc = "bounds; the defaults suit a small server",
      .keys = {
          {.name = "max_body",
           .type = ConfigType::bytes,
           .fallback = "1MiB",
           .doc = "largest webhook body",
           .minimum = 1024,
           .maximum = 2 * MiB,
           .atStart = true},
          {.name = "backlog_events",
           .type = ConfigType::integer,
           .fallback = "10000",
           .doc = "events that may wait for one unit",
           .minimum = 1},
          {.name = "backlog_bytes",
           .type = ConfigType::bytes,
           .fallback = "64MiB",
           .doc = "bytes that may wait for one unit",
           .minimum = 1024},
          {.name = "max_age",
           .type = ConfigType::duration,
           .fallback = "72h",
           .doc = "events that waited longer become dead letters",
           .minimum = MINUTE},
          {.name = "min_free",
           .type = ConfigType::bytes,
           .fallback = "256MiB",
           .doc = "with less free on the disk no new event is stored; 0 = off"},
          {.name = "dead_events", .type = ConfigType::integer, .fallback = "1000", .doc = "dead letters kept per unit"},
          {.name = "dead_bytes", .type = ConfigType::bytes, .fallback = "16MiB", .doc = "bytes of them per unit"},
          {.name = "dead_max_age",
           .type = ConfigType::duration,
           .fallback = "14d",
           .doc = "dead letters are deleted after",
           .minimum = MINUTE,
           .maximum = 365 * DAY},
          {.name = "connections",
           .type = ConfigType::integer,
           .fallback = "18500",
           .doc = "open connections, links included; keep 1500 below the limit of open files",
           .minimum = 16,
           .atStart = true},
          {.name = "head_deadline",
           .type = ConfigType::duration,
           .fallback = "10s",
           .doc = "time for the whole head of a request",
           .minimum = 100,
           .maximum = 10 * MINUTE,
           .atStart = true},
          {.name = "body_deadline",
           .type = ConfigType::duration,
           .fallback = "30s",
           .doc = "time for the whole body",
           .minimum = 100,
           .maximum = 10 * MINUTE,
           .atStart = true},
          {.name = "goaway_wave",
           .type = ConfigType::duration,
           .fallback = "1s",
           .doc = "at the end bridges are asked to dial anew, spread over this time",
           .maximum = 10'000,
           .atStart = true},
      }};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string hostField(const std::string& host) {
  return host.find(':') == std::string::npos ? lower(host) : "[" + lower(host) + "]";
}

bool isAnyAddress(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

class Reader {
 public:
  explicit Reader(const Settings& settings) : _settings(settings) {}

  Result<RelaySettings> read() {
    RelaySettings result;
    result.dataFolder = RelaySettings::dataFolderOf(_settings);
    result.listen = net::ListenAddress::parse(_settings.text("relay", "listen")).value();
    result.tlsCertificate = _settings.path("relay", "tls_certificate");
    result.tlsKey = _settings.path("relay", "tls_key");
    result.behindProxy = _settings.boolean("relay", "behind_proxy");
    const int64_t loops = _settings.integer("relay", "loops");
    result.loops = loops > 0 ? static_cast<unsigned>(loops) : std::max(1u, std::thread::hardware_concurrency());
    if (Status status = readAdmin(result); !status) return Error{status.error()};
    if (Status status = readPublicUrl(result); !status) return Error{status.error()};
    if (Status status = checkListener(result); !status) return Error{status.error()};
    readLimits(result);
    auto notify = notify::NotifySettings::from(_settings, "tsunagi-relay");
    if (!notify) return Error{notify.error()};
    result.notify = std::move(*notify);
    return result;
  }

 private:
  Error problem(const char* section, const char* key, const std::string& what) const {
    return Error{_settings.where(section, key) + ": [" + section + "] " + key + ": " + what};
  }

  Status readAdmin(RelaySettings& result) const {
    const std::string text = _settings.text("admin", "listen");
    if (text == "off") return {};
    const Result<net::ListenAddress> address = net::ListenAddress::parse(text);
    if (!address) return problem("admin", "listen", address.error() + "; or off");
    // Nothing there asks who it is.
    if (!address->isUnix() && !address->isLoopback())
      return problem("admin", "listen", "must be a loopback address, or off");
    result.adminListen = *address;
    return {};
  }

  Status readPublicUrl(RelaySettings& result) const {
    std::set<std::string> hosts;
    for (const std::string& host : _settings.list("relay", "allowed_hosts")) hosts.insert(lower(host));
    if (const std::string text = _settings.text("relay", "public_url"); !text.empty()) {
      const Result<net::Url> url = net::Url::parse(text);
      if (!url) return problem("relay", "public_url", url.error());
      if (url->target != "/") return problem("relay", "public_url", "must have no path");
      result.publicUrl = url->scheme + "://" + url->authority();
      hosts.insert(hostField(url->host));
    }
    if (result.listen.isLoopback())
      hosts.insert({"localhost", "127.0.0.1", "[::1]"});
    else if (!result.listen.isUnix() && !isAnyAddress(result.listen.host))
      hosts.insert(hostField(result.listen.host));
    if (hosts.empty())
      return problem("relay", "public_url", "is needed (or allowed_hosts), so that the relay knows its own name");
    result.http.allowedHosts.assign(hosts.begin(), hosts.end());
    return {};
  }

  Status checkListener(const RelaySettings& result) const {
    if (result.tlsCertificate.empty() != result.tlsKey.empty())
      return problem("relay", result.tlsCertificate.empty() ? "tls_key" : "tls_certificate",
                     "tls_certificate and tls_key go together");
    const Status status = result.mayListenOn(result.listen);
    return status ? Status() : Status(problem("relay", "listen", status.error()));
  }

  void readLimits(RelaySettings& result) const {
    const auto bytes = [&](const char* key) { return static_cast<uint64_t>(_settings.bytes("limits", key)); };
    const auto count = [&](const char* key) { return static_cast<uint64_t>(_settings.integer("limits", key)); };
    const auto time = [&](const char* key) { return static_cast<int64_t>(_settings.duration("limits", key).count()); };
    result.spool = {count("backlog_events"), bytes("backlog_bytes"), time("max_age"),     bytes("min_free"),
                    count("dead_events"),    bytes("dead_bytes"),    time("dead_max_age")};
    result.webhook.maxBody = bytes("max_body");
    result.http.limits.maxBody = bytes("max_body");
    result.http.maxConnections = count("connections");
    result.http.headDeadlineMs = time("head_deadline");
    result.http.bodyDeadlineMs = time("body_deadline");
    result.goawayWaveMs = time("goaway_wave");
  }

  const Settings& _settings;
};

}  // namespace

void RelaySettings::define(service::ConfigSchema& schema) {
  schema.add(relaySection()).add(adminSection()).add(limitsSection());
  notify::NotifySettings::define(schema);
}

std::string RelaySettings::dataFolderOf(const Settings& settings) { return settings.path("relay", "data_dir"); }

Status RelaySettings::mayListenOn(const net::ListenAddress& address) const {
  if (!tlsCertificate.empty() || behindProxy || address.isUnix() || address.isLoopback()) return {};
  return Error{
      "a plain listener on a public address; set tls_certificate and tls_key, or behind_proxy = yes when a proxy with "
      "TLS stands before it"};
}

Result<RelaySettings> RelaySettings::from(const Settings& settings) { return Reader(settings).read(); }

}  // namespace tsunagi::relay
