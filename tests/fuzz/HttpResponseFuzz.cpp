// The response parser: the outcome does not depend on how the bytes were cut, the body stays under its cap, and nothing
// but a body that is ended by close completes when the connection ends.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/HttpParser.h"

using namespace tsunagi::net;

namespace {

using Stage = HttpResponseParser::Stage;
constexpr HttpLimits LIMITS{.maxHead = 600, .maxHeaders = 8, .maxBody = 300, .maxTarget = 100};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Run {
  Stage before = Stage::Head;  // the end of the stream
  Stage after = Stage::Head;
  int status = 0;
  size_t used = 0;
  std::string body;
  std::string reason;
  bool operator==(const Run& other) const = default;
};

Run run(std::string_view bytes, size_t step, bool isHead) {
  Run result;
  HttpResponseParser parser(LIMITS, isHead);
  const auto open = [&] { return parser.stage() == Stage::Head || parser.stage() == Stage::Body; };
  while (!bytes.empty() && open()) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && open()) {
      const Stage before = parser.stage();
      const size_t used = parser.feed(piece, [&](std::string_view data) {
        result.body += data;
        return true;
      });
      require(used <= piece.size());
      require(used > 0 || parser.stage() != before);
      piece.remove_prefix(used);
      result.used += used;
    }
  }
  result.before = parser.stage();
  parser.finish();
  result.after = parser.stage();
  result.status = parser.status();
  result.reason = parser.failure().reason;
  require(!open());
  require(result.body.size() <= LIMITS.maxBody);
  require(result.before != Stage::Head || result.after == Stage::Failed);
  require((result.after == Stage::Failed) == !result.reason.empty());
  if (result.after == Stage::Complete) require(result.status == 101 || (result.status >= 200 && result.status <= 999));
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  for (const bool isHead : {false, true}) {
    const Run whole = run(bytes, size + 1, isHead);
    require(whole == run(bytes, 1, isHead));
    require(whole == run(bytes, 2 + sum % 61, isHead));
  }
  return 0;
}
