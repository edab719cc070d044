#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/Result.h"
#include "notify/WebhookSink.h"
#include "service/ConfigSchema.h"
#include "service/Settings.h"

namespace tsunagi::notify {

// [notify] of bridge.ini and relay.ini.
struct NotifySettings {
  std::optional<WebhookSink::Options> webhook;  // nothing: no url is set
  std::string caFile;

  static void define(service::ConfigSchema& schema);
  // What the schema cannot check; the error names file, line and key, and never the address.
  static Result<NotifySettings> from(const service::Settings& settings, std::string program);
};

}  // namespace tsunagi::notify
