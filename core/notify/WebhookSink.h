#pragma once
#include <memory>
#include <string>

#include "base/SecretString.h"
#include "notify/NoticeFormat.h"
#include "notify/NoticeSink.h"

namespace tsunagi::net {
class HttpClient;
}

namespace tsunagi::notify {

// Posts notices to [notify] url. The address is a secret (whoever has it can post): only its host is ever shown.
class WebhookSink : public NoticeSink {
 public:
  static constexpr int64_t TOTAL_MS = 15'000;

  struct Options {
    net::Url url;
    NoticeFormat format = NoticeFormat::Json;
    SecretString token;  // sent as a bearer token when there is one
    std::string program;
  };
  WebhookSink(std::shared_ptr<const net::HttpClient> client, Options options);

  std::string name() const override { return "url"; }
  Outcome deliver(const NoticeEntry& entry, net::CancelToken& cancel) override;

 private:
  std::shared_ptr<const net::HttpClient> _client;
  const Options _options;
  const std::string _host;  // this machine
};

}  // namespace tsunagi::notify
