#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tsunagi::linesim {

// LINE's limits of how often an endpoint may be called (line-api.md section 1): a bucket of tokens each, full at the
// start. Endpoints are named as in FaultPlans. Times are steady milliseconds. Not thread-safe.
class CallRates {
 public:
  struct Limit {
    uint64_t calls;
    int64_t perMs;
  };
  static Limit documented(const std::string& endpoint);

  // One call; false when it is one too many.
  bool take(const std::string& endpoint, int64_t nowMs);
  // Another limit for an endpoint, or the documented one again. Its bucket is full then.
  void set(const std::string& endpoint, std::optional<Limit> limit);

 private:
  struct Bucket {
    Limit limit;
    double calls;  // that may be made at once
    int64_t atMs;
  };
  std::map<std::string, Limit> _own;
  std::map<std::string, Bucket> _buckets;
};

}  // namespace tsunagi::linesim
