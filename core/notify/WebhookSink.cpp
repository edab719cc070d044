#include "notify/WebhookSink.h"

#include <Poco/Logger.h>
#include <unistd.h>

#include <utility>

#include "base/LogEscape.h"
#include "net/HttpClient.h"

namespace tsunagi::notify {
namespace {

Poco::Logger& logger() {
  static Poco::Logger& instance = Poco::Logger::get("notify");
  return instance;
}

std::string ownHost() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? logEscape(name, 64) : std::string("this host");
}

}  // namespace

WebhookSink::WebhookSink(std::shared_ptr<const net::HttpClient> client, Options options)
    : _client(std::move(client)), _options(std::move(options)), _host(ownHost()) {}

NoticeSink::Outcome WebhookSink::deliver(const NoticeEntry& entry, net::CancelToken& cancel) {
  NoticeRequest request =
      noticeRequest(_options.format, _options.url, entry.notice, _options.program, _host, entry.wallMs);
  net::HttpCall call;
  call.method = "POST";
  call.url = std::move(request.url);
  call.body = std::move(request.body);
  call.headers.set("Content-Type", "application/json");
  if (!_options.token.empty()) call.headers.set("Authorization", "Bearer " + std::string(_options.token.reveal()));
  call.totalMs = TOTAL_MS;
  call.idleMs = TOTAL_MS;
  call.maxBody = 64 * 1024;
  call.cancel = &cancel;
  const net::HttpResult result = _client->perform(call);
  const std::string where = "[notify] url (" + _options.url.host + ")";
  if (!result.ok()) {
    logger().warning("%s was not told of \"%s\": %s", where, entry.notice.cause, logEscape(result.error));
    return Outcome::Later;
  }
  if (result.status / 100 == 2) return Outcome::Done;
  const bool passes = result.status >= 500 || result.status == 408 || result.status == 429;
  logger().warning("%s answered %s to the notice \"%s\"%s", where, std::to_string(result.status), entry.notice.cause,
                   std::string(passes ? "" : "; check the address, and [notify] format and token"));
  return passes ? Outcome::Later : Outcome::Never;
}

}  // namespace tsunagi::notify
