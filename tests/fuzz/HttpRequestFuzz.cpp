// The request parser: the outcome does not depend on how the bytes were cut, limits hold, and what was accepted says
// the same when it is written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/HttpParser.h"

using namespace tsunagi::net;

namespace {

constexpr HttpLimits LIMITS{.maxHead = 600, .maxHeaders = 8, .maxBody = 300, .maxTarget = 100};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Run {
  std::vector<HttpRequest> requests;
  std::vector<bool> keepAlive;
  HttpRequestParser::Stage stage = HttpRequestParser::Stage::Head;
  HttpFailure failure;
};

Run run(std::string_view bytes, size_t step) {
  Run result;
  HttpRequestParser parser(LIMITS);
  while (!bytes.empty() && parser.stage() != HttpRequestParser::Stage::Failed) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && parser.stage() != HttpRequestParser::Stage::Failed) {
      const HttpRequestParser::Stage before = parser.stage();
      const size_t used = parser.feed(piece);
      require(used <= piece.size());
      require(used > 0 || parser.stage() != before);
      piece.remove_prefix(used);
      if (parser.stage() != HttpRequestParser::Stage::Complete) continue;
      result.keepAlive.push_back(parser.keepAlive());
      result.requests.push_back(parser.takeRequest());
      parser.reset();
    }
  }
  result.stage = parser.stage();
  result.failure = parser.failure();
  return result;
}

void requireSame(const HttpRequest& a, const HttpRequest& b) {
  require(a.method == b.method && a.target == b.target && a.path == b.path && a.query == b.query && a.host == b.host);
  require(a.body == b.body && a.headers.all().size() == b.headers.all().size());
  for (size_t i = 0; i < a.headers.all().size(); ++i) {
    require(a.headers.all()[i].name == b.headers.all()[i].name);
    require(a.headers.all()[i].value == b.headers.all()[i].value);
  }
}

void checkAccepted(const HttpRequest& request) {
  require(request.headers.count("Host") == 1 && !request.host.empty());
  require(request.target.size() <= LIMITS.maxTarget && request.target.front() == '/');
  require(request.headers.all().size() <= LIMITS.maxHeaders && request.body.size() <= LIMITS.maxBody);
  HttpHeaders headers = request.headers;
  headers.remove("Content-Length");
  headers.remove("Transfer-Encoding");
  const std::string bytes = encodeRequest(request.method, request.target, headers, request.body);
  HttpRequestParser parser;
  size_t used = parser.feed(bytes);
  if (parser.stage() == HttpRequestParser::Stage::Body) used += parser.feed(std::string_view(bytes).substr(used));
  require(parser.stage() == HttpRequestParser::Stage::Complete && used == bytes.size());
  HttpRequest again = parser.takeRequest();
  again.headers.remove("Content-Length");
  HttpRequest before = request;
  before.headers = headers;
  requireSame(before, again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  const Run whole = run(bytes, size + 1);
  for (const size_t step : {size_t{1}, 2 + sum % 61}) {
    const Run pieces = run(bytes, step);
    require(whole.stage == pieces.stage && whole.keepAlive == pieces.keepAlive);
    require(whole.failure.status == pieces.failure.status && whole.failure.reason == pieces.failure.reason);
    require(whole.requests.size() == pieces.requests.size());
    for (size_t i = 0; i < whole.requests.size(); ++i) requireSame(whole.requests[i], pieces.requests[i]);
  }
  for (const HttpRequest& request : whole.requests) checkAccepted(request);
  return 0;
}
