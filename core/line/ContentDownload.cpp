#include "line/ContentDownload.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "base/Encoding.h"
#include "base/Hash.h"
#include "line/Events.h"
#include "line/JsonRead.h"
#include "line/MediaTypes.h"
#include "net/HttpClient.h"

namespace tsunagi::line {
namespace {

using Kind = ContentResult::Kind;

std::string pathOf(std::string_view messageId) { return "/v2/bot/message/" + std::string(messageId) + "/content"; }

// Takes the pieces of a 200's body; ends the call when one does not fit.
class Sink {
 public:
  Sink(int fd, uint64_t maxBytes) : _fd(fd), _maxBytes(maxBytes) {}

  bool onHead(int status, const net::HttpHeaders& headers) {
    _isContent = status == 200;
    if (!_isContent) return true;
    const auto type = headers.find("Content-Type");
    _mediaType = type ? mediaTypeOf(*type) : std::string();
    const auto length = headers.find("Content-Length");  // the response parser has checked its form
    if (!length || std::strtoull(std::string(*length).c_str(), nullptr, 10) <= _maxBytes) return true;
    _stopped = Kind::TooBig;
    return false;
  }

  bool onBody(std::string_view bytes) {
    if (!_isContent) return true;
    if (bytes.size() > _maxBytes - _size) {
      _stopped = Kind::TooBig;
      return false;
    }
    _hash.add(bytes);
    return write(bytes);
  }

  std::optional<Kind> stopped() const { return _stopped; }
  const std::string& error() const { return _error; }
  const std::string& mediaType() const { return _mediaType; }
  uint64_t size() const { return _size; }
  std::string digest() { return toHex(_hash.digest()); }

 private:
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(_fd, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        _stopped = Kind::DiskFailed;
        _error = count == 0 ? "nothing was taken" : std::generic_category().message(errno);
        return false;
      }
      _size += static_cast<uint64_t>(count);
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  int _fd;
  uint64_t _maxBytes;
  uint64_t _size = 0;
  bool _isContent = false;
  std::string _mediaType;
  std::string _error;
  std::optional<Kind> _stopped;
  Sha256 _hash;
};

Kind kindOf(const SendResult& call, net::CancelToken* cancel) {
  switch (call.kind) {
    case SendResult::Kind::Delivered:
      return call.httpStatus == 200 ? Kind::Done : Kind::NotReady;
    case SendResult::Kind::Unauthorized:
      return Kind::Unauthorized;
    case SendResult::Kind::RateLimited:
    case SendResult::Kind::QuotaExhausted:
      return Kind::RateLimited;
    case SendResult::Kind::Cancelled:
      return Kind::Cancelled;
    case SendResult::Kind::ServerError:
    case SendResult::Kind::NotSent:
      return Kind::Unfinished;
    case SendResult::Kind::Ambiguous:
      return cancel != nullptr && cancel->isCancelled() ? Kind::Cancelled : Kind::Unfinished;
    case SendResult::Kind::InvalidReplyToken:
    case SendResult::Kind::AlreadyAccepted:
    case SendResult::Kind::Refused:
      break;
  }
  if (call.httpStatus == 404) return Kind::NotFound;
  return call.httpStatus == 410 ? Kind::Gone : Kind::Refused;
}

}  // namespace

std::string_view kindName(ContentResult::Kind kind) {
  switch (kind) {
    case Kind::Done:
      return "Done";
    case Kind::NotReady:
      return "NotReady";
    case Kind::NotFound:
      return "NotFound";
    case Kind::Gone:
      return "Gone";
    case Kind::TooBig:
      return "TooBig";
    case Kind::DiskFailed:
      return "DiskFailed";
    case Kind::RateLimited:
      return "RateLimited";
    case Kind::Unauthorized:
      return "Unauthorized";
    case Kind::Refused:
      return "Refused";
    case Kind::Unfinished:
      return "Unfinished";
    case Kind::Cancelled:
      return "Cancelled";
  }
  return "unknown";
}

ContentDownload::ContentDownload(const net::HttpClient& client, ApiEndpoints endpoints,
                                 std::shared_ptr<AccessTokenSource> tokens)
    : _caller(client, std::move(endpoints), std::move(tokens)) {}

ContentDownload::ContentDownload(const net::HttpClient& client, ApiEndpoints endpoints, SecretString accessToken)
    : ContentDownload(client, std::move(endpoints), std::make_shared<StaticAccessToken>(std::move(accessToken))) {}

ContentResult ContentDownload::fetch(std::string_view messageId, int fd, const ContentLimits& limits,
                                     net::CancelToken* cancel) const {
  ContentResult result;
  if (!isMessageId(messageId)) {
    result.kind = Kind::Refused;
    result.detail = "content: the message id is none of LINE's, nothing was asked";
    return result;
  }
  Sink sink(fd, limits.maxBytes);
  net::HttpCall call;
  call.totalMs = limits.totalMs;
  call.idleMs = limits.idleMs;
  call.maxBody = UINT64_MAX;  // the sink counts, and tells too big from broken
  call.cancel = cancel;
  call.onHead = [&](int status, const net::HttpHeaders& headers) { return sink.onHead(status, headers); };
  call.onBody = [&](std::string_view bytes) { return sink.onBody(bytes); };
  net::HttpResult answer;
  const SendResult done = _caller.perform("content", ApiCaller::Host::Data, pathOf(messageId), call, &answer);
  result.kind = sink.stopped().value_or(kindOf(done, cancel));
  result.httpStatus = done.httpStatus != 0 ? done.httpStatus : answer.status;
  result.contentType = sink.mediaType();
  result.extension = extensionOf(result.contentType);
  result.size = sink.size();
  result.detail = done.detail;
  if (result.kind == Kind::Done) result.sha256 = sink.digest();
  if (result.kind == Kind::TooBig)
    result.detail = "content: larger than the limit of " + std::to_string(limits.maxBytes) + " bytes";
  if (result.kind == Kind::DiskFailed)
    result.detail = "content: writing failed after " + std::to_string(result.size) + " bytes, " + sink.error();
  return result;
}

TranscodingResult ContentDownload::transcoding(std::string_view messageId, net::CancelToken* cancel) const {
  TranscodingResult result;
  if (!isMessageId(messageId)) {
    result.call.kind = SendResult::Kind::Refused;
    result.call.detail = "transcoding: the message id is none of LINE's, nothing was asked";
    return result;
  }
  net::HttpCall call;
  call.totalMs = STATUS_TOTAL_MS;
  call.cancel = cancel;
  net::HttpResult answer;
  result.call =
      _caller.perform("transcoding", ApiCaller::Host::Data, pathOf(messageId) + "/transcoding", call, &answer);
  if (result.call.kind != SendResult::Kind::Delivered) return result;
  const std::string status = stringOf(parseJson(answer.body), "status", 32);
  if (status == "processing")
    result.state = TranscodingResult::State::Processing;
  else if (status == "succeeded")
    result.state = TranscodingResult::State::Succeeded;
  else if (status == "failed")
    result.state = TranscodingResult::State::Failed;
  return result;
}

}  // namespace tsunagi::line
