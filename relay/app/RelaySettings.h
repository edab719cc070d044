#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/HttpServer.h"
#include "net/Url.h"
#include "notify/NotifySettings.h"
#include "relay/edge/WebhookRoute.h"
#include "relay/spool/SpoolTypes.h"
#include "service/ConfigSchema.h"
#include "service/Settings.h"

namespace tsunagi::relay {

// relay.ini as the relay uses it. What holds at once after SIGHUP: spool, tlsCertificate, tlsKey, notify; the rest at
// a restart.
struct RelaySettings {
  std::string dataFolder;
  net::ListenAddress listen;
  std::optional<net::ListenAddress> adminListen;  // nothing: off
  std::string publicUrl;                          // without a slash at its end; empty = not set
  std::string tlsCertificate, tlsKey;             // both or none
  bool behindProxy = false;
  unsigned loops = 1;
  net::HttpServerOptions http;
  WebhookOptions webhook;
  SpoolLimits spool;
  int64_t goawayWaveMs = 0;
  notify::NotifySettings notify;

  // The sections [relay], [admin], [limits] and [notify].
  static void define(service::ConfigSchema& schema);
  // What the schema cannot check; the error names file, line and key.
  static Result<RelaySettings> from(const service::Settings& settings);
  static std::string dataFolderOf(const service::Settings& settings);

  // May the relay take webhooks and links there? A plain listener on a public address needs behindProxy (S7); the error
  // says what to set. For addresses of the file and for sockets handed over alike.
  Status mayListenOn(const net::ListenAddress& address) const;
};

}  // namespace tsunagi::relay
