#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/CancelToken.h"
#include "net/HttpMessage.h"
#include "net/NameLookup.h"
#include "net/Tls.h"
#include "net/Url.h"

namespace tsunagi::net {

struct HttpCall {
  std::string method = "GET";
  Url url;               // http or https, or any URL with unixPath set
  std::string unixPath;  // connect here instead of to url.host (control sockets)
  HttpHeaders headers;   // Host (unless given), Accept-Encoding: identity, Connection: close, Content-Length are added
  std::string body;
  int64_t connectMs = 5'000;  // name look-up, TCP and TLS
  int64_t idleMs = 30'000;    // between bytes once connected; 0 = no limit
  int64_t totalMs = 60'000;   // everything; 0 = no limit
  uint64_t maxBody = 16 * 1024 * 1024;
  CancelToken* cancel = nullptr;
  // Called on the calling thread. onHead may return false to stop; onBody streams instead of collecting in result.body.
  std::function<bool(int status, const HttpHeaders& headers)> onHead;
  std::function<bool(std::string_view bytes)> onBody;
};

struct HttpResult {
  enum class Outcome {
    Answered,   // a whole response: status, headers, body
    NotSent,    // name look-up, connect or TLS failed: no byte of the request left; safe to repeat
    Ambiguous,  // bytes of the request left, no whole answer came: the effect may have happened
    Cancelled,  // by the token; `sent` tells whether bytes had left
    Stopped     // by onHead or onBody
  };
  Outcome outcome = Outcome::NotSent;
  bool sent = false;  // at least one byte of the request was handed to the kernel
  int status = 0;     // of the head that came, also when the body was then cut; look at outcome first
  HttpHeaders headers;
  std::string body;   // empty unless Answered
  std::string error;  // for the operator; empty when Answered
  int64_t elapsedMs = 0;
  bool ok() const { return outcome == Outcome::Answered; }
};

// Blocking HTTP/1.1 over Poco sockets, one call = one fresh connection, no redirects, no proxy variables. Thread-safe:
// calls share only the TLS context. The name look-up keeps its deadline by running on a helper thread. cancel() is
// heard during every phase. A body that its announced framing, or over TLS the closing message, does not complete is
// Ambiguous.
class HttpClient {
 public:
  // tls may be null when only http is used: then https is NotSent. resolver: for tests; empty means the system's.
  explicit HttpClient(std::shared_ptr<const TlsContext> tls, NameLookup::Resolver resolver = {});
  HttpResult perform(const HttpCall& call) const;  // throws nothing but std::bad_alloc

 private:
  std::shared_ptr<const TlsContext> _tls;
  NameLookup::Resolver _resolver;
};

}  // namespace tsunagi::net
